/** Offices: as rows of a list, and one with its folders and its last day. */
import { z } from 'zod';
import { BytesBySource, bytes, count, instant } from './scalars.ts';

export const OfficeSummary = z.object({
  id: z.string(),
  name: z.string(),
  /** A word people group offices by; null when fleet.yaml gives none. */
  region: z.string().nullable(),
  /** IANA name such as `Europe/Paris`; null when fleet.yaml gives none. */
  timeZone: z.string().nullable(),
  subnets: z.array(z.string()),
  agentsTotal: z.int(),
  agentsOnline: z.int(),
  folderIds: z.array(z.string()),
  /** Verified content delivered in the last 24 h, by source. */
  last24h: BytesBySource,
});
export type OfficeSummary = z.infer<typeof OfficeSummary>;
export const OfficeList = z.object({ offices: z.array(OfficeSummary) });
export type OfficeList = z.infer<typeof OfficeList>;

/** How far an office is with one of its folders. */
export const OfficeFolder = z.object({
  folderId: z.string(),
  name: z.string(),
  headSeq: count,
  shareReady: z.boolean(),
  shareError: z.string().nullable(),
  agentsTotal: count,
  agentsComplete: count,
  agentsReporting: count,
  agentsBlocked: count,
  bytesTotal: bytes,
  bytesDone: bytes,
});
export type OfficeFolder = z.infer<typeof OfficeFolder>;

/** One office: its folders with coverage, and deliveries by hour. An hour in which nobody was connected and nothing came is absent: a gap. */
export const OfficeDetail = z.object({
  office: OfficeSummary,
  /** When the newest report of any of its agents came in. */
  newestReportAtMs: instant.nullable(),
  agentsReporting: count,
  folders: z.array(OfficeFolder),
  /** Deliveries of the last 24 whole or begun hours, UTC. `agentsOnline`: most at a time; null when nobody counted. */
  hours: z.array(BytesBySource.extend({ atMs: instant, agentsOnline: count.nullable() })),
});
export type OfficeDetail = z.infer<typeof OfficeDetail>;
