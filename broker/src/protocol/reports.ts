/** What agents report: telemetry (lossy, for live charts) and reports (durable, for deliveries and events). */
import { z } from 'zod';
import { EntryPath } from './entry.ts';
import { AgentId, ChunkId, FolderId, ReportId } from './ids.ts';

const bytes = z.int().min(0);

/** Bytes an agent moved in one interval, by source. `fromPeers` and `fromOrigin` are verified content; `wasted` arrived but was not used. */
export const FolderTraffic = z.object({
  folder: FolderId,
  fromPeers: bytes,
  fromOrigin: bytes,
  fromLocal: bytes,
  served: bytes,
  wasted: bytes,
});
export type FolderTraffic = z.infer<typeof FolderTraffic>;

/** QoS 0, every 10 s while something moves, every 60 s otherwise. Counters cover the `intervalMs` before `atMs`. */
export const Telemetry = z.object({
  v: z.literal(1),
  atMs: z.int().min(0),
  intervalMs: z.int().min(1),
  peers: z.int().min(0),
  rssBytes: bytes,
  cpuMs: z.int().min(0),
  traffic: z.array(FolderTraffic).max(200),
});
export type Telemetry = z.infer<typeof Telemetry>;

/** One delivered file as a tuple, because a thousand of them cross a thin line: entry seq, bytes from peers, origin, this disk, milliseconds. */
export const Delivery = z.tuple([z.int().min(1), bytes, bytes, bytes, z.int().min(0)]);
export type Delivery = z.infer<typeof Delivery>;

/** Something a person may have to know. Append only. */
export const AgentEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('files.delivered'), atMs: z.int(), folder: FolderId, files: z.array(Delivery).max(1000) }),
  z.object({ kind: z.literal('folder.completed'), atMs: z.int(), folder: FolderId, seq: z.int() }),
  z.object({ kind: z.literal('peer.distrusted'), atMs: z.int(), folder: FolderId, peer: AgentId, chunk: ChunkId }),
  z.object({
    kind: z.literal('chain.rejected'),
    atMs: z.int(),
    folder: FolderId,
    code: z.string(),
    detail: z.string().max(500),
    seq: z.int(),
  }),
  z.object({ kind: z.literal('desired.rejected'), atMs: z.int(), code: z.string(), detail: z.string().max(500) }),
  z.object({
    kind: z.literal('file.kept_aside'),
    atMs: z.int(),
    folder: FolderId,
    path: EntryPath,
    keptAs: z.string().max(4096),
  }),
  z.object({
    kind: z.literal('name.mapped'),
    atMs: z.int(),
    folder: FolderId,
    path: EntryPath,
    storedAs: z.string().max(4096),
  }),
  z.object({
    kind: z.literal('name.refused'),
    atMs: z.int(),
    folder: FolderId,
    path: EntryPath,
    reason: z.string().max(500),
  }),
  z.object({
    kind: z.literal('folder.blocked'),
    atMs: z.int(),
    folder: FolderId,
    code: z.string(),
    detail: z.string().max(500),
  }),
  z.object({ kind: z.literal('folder.unblocked'), atMs: z.int(), folder: FolderId }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

/** QoS 1, from the agent's outbox: sent again until `ack` names it, stored once because ids are unique. */
export const Report = z.object({ v: z.literal(1), id: ReportId, events: z.array(AgentEvent).min(1).max(200) });
export type Report = z.infer<typeof Report>;

/** Ingest has committed these reports; the agent may forget them. */
export const Ack = z.object({ v: z.literal(1), ids: z.array(ReportId).min(1).max(200) });
export type Ack = z.infer<typeof Ack>;
