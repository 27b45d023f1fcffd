/** Agents: as rows of a list, one in full, and how many run which version. */
import { z } from 'zod';
import { EventRow } from './activity.ts';
import { BytesBySource, bytes, count, instant } from './scalars.ts';

/** What an agent looks like from outside. `overdue`: it should have reported but has not. */
export const AgentState = z.enum(['online', 'offline', 'revoked']);
export type AgentState = z.infer<typeof AgentState>;

/** How far an agent is with a folder; `blocked` has a reason. */
export const SyncState = z.enum(['starting', 'syncing', 'complete', 'blocked']);
export type SyncState = z.infer<typeof SyncState>;

export const AgentSummary = z.object({
  id: z.string(),
  officeId: z.string(),
  hostname: z.string(),
  platform: z.string(),
  version: z.string(),
  state: AgentState,
  lastSeenAtMs: instant.nullable(),
  enrolledAtMs: instant,
  addresses: z.array(z.string()),
  /** Live peers it reports; null when it has not reported. */
  peers: z.int().nullable(),
  folders: z.array(
    z.object({
      id: z.string(),
      state: SyncState,
      reason: z.string().nullable(),
      seq: z.int(),
      filesTotal: z.int(),
      filesDone: z.int(),
      bytesTotal: bytes,
      bytesDone: bytes,
    }),
  ),
});
export type AgentSummary = z.infer<typeof AgentSummary>;

/** Agents ordered by id. Pass `nextCursor` as `cursor` for the rest; null when this was the last page. */
export const AgentPage = z.object({ agents: z.array(AgentSummary), nextCursor: z.string().nullable() });
export type AgentPage = z.infer<typeof AgentPage>;

/** One agent with everything that is known of it. */
export const AgentDetail = z.object({
  agent: AgentSummary,
  officeName: z.string(),
  /** The latest report, as it was received; null when it has never reported. */
  reported: z.record(z.string(), z.unknown()).nullable(),
  reportedAtMs: instant.nullable(),
  certificateEndsAtMs: instant,
  /** Number of the desired state that was published for it last; compare with `reported.desiredRevision`. */
  desiredRevision: count,
  /** Verified content delivered to it in the last 24 h, by source. */
  deliveries24h: BytesBySource.extend({ files: count }),
  /** When a file reached it last; null when none ever did. */
  lastDeliveryAtMs: instant.nullable(),
  /** The last 50 events it reported, newest first. */
  events: z.array(EventRow),
});
export type AgentDetail = z.infer<typeof AgentDetail>;

/** How many agents ran which version, over time. A slot in which nobody counted is absent: draw a gap. */
export const VersionSeries = z.object({
  fromMs: instant,
  toMs: instant,
  stepMs: z.int(),
  /** Every version that occurs, newest first as far as names tell. */
  versions: z.array(z.string()),
  /** `agents[i]` run `versions[i]`; revoked agents are not counted. */
  points: z.array(z.object({ atMs: instant, agents: z.array(count) })),
  /** What runs now. `blocked`: agents of this version with a blocked folder. */
  present: z.array(z.object({ version: z.string(), agents: count, online: count, blocked: count })),
});
export type VersionSeries = z.infer<typeof VersionSeries>;
