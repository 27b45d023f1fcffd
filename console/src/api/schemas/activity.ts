/** What moves and what happened: transfers, traffic, throughput, hit ratios, events. */
import { z } from 'zod';
import { BytesBySource, bytes, count, instant } from './scalars.ts';

/** One file delivered to one office: bytes by source summed over its PCs. */
export const TransferRow = z.object({
  folderId: z.string(),
  folderName: z.string(),
  officeId: z.string(),
  officeName: z.string(),
  path: z.string(),
  seq: z.int(),
  sizeBytes: bytes,
  agentsDone: z.int(),
  agentsTotal: z.int(),
  fromPeers: bytes,
  fromOrigin: bytes,
  fromLocal: bytes,
  firstAtMs: instant,
  lastAtMs: instant,
  tookMsMax: z.int(),
});
export type TransferRow = z.infer<typeof TransferRow>;
export const TransferPage = z.object({ transfers: z.array(TransferRow) });
export type TransferPage = z.infer<typeof TransferPage>;

/** Verified bytes per step. `wan` = fromOrigin. A step without any report is absent: draw a gap, not a zero. */
export const TrafficSeries = z.object({
  fromMs: instant,
  toMs: instant,
  stepMs: z.int(),
  points: z.array(z.object({ atMs: instant, fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes })),
  /** Totals of all deliveries in the range. Without Harp every PC would have pulled all of it over the WAN. */
  totals: z.object({ fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes }),
});
export type TrafficSeries = z.infer<typeof TrafficSeries>;

/**
 * Bytes of every office in every slot: offices by name × slots in order. Slot `i` begins at `fromMs + i × stepMs`; all lists of a row have
 * `slots` elements. `bytes` is null where nobody reported: hatch it, it is not zero.
 */
export const Throughput = z.object({
  fromMs: instant,
  toMs: instant,
  stepMs: z.int(),
  slots: count,
  /** All offices there are; `offices` has those that moved most, at most the request's `limit`. */
  officesTotal: count,
  offices: z.array(
    z.object({
      officeId: z.string(),
      officeName: z.string(),
      region: z.string().nullable(),
      agentsTotal: count,
      /** From peers, origin and local together. */
      bytes: z.array(bytes.nullable()),
      /** What of it crossed the WAN. */
      fromOrigin: z.array(bytes.nullable()),
      /** Most agents that were connected at a time. */
      reporting: z.array(count),
    }),
  ),
});
export type Throughput = z.infer<typeof Throughput>;

/** Verified content delivered in a range by source, one row an office that got anything; offices without deliveries are in no band. */
export const HitRatios = z.object({
  fromMs: instant,
  toMs: instant,
  offices: z.array(
    BytesBySource.extend({
      officeId: z.string(),
      officeName: z.string(),
      region: z.string().nullable(),
      agentsTotal: count,
      agentsOnline: count,
    }),
  ),
});
export type HitRatios = z.infer<typeof HitRatios>;

export const EventRow = z.object({
  id: z.string(),
  atMs: instant,
  agentId: z.string(),
  hostname: z.string(),
  officeId: z.string(),
  kind: z.string(),
  folderId: z.string().nullable(),
  body: z.record(z.string(), z.unknown()),
});
export type EventRow = z.infer<typeof EventRow>;
export const EventPage = z.object({ events: z.array(EventRow) });
export type EventPage = z.infer<typeof EventPage>;
