/**
 * Which peers may be asked for what. A peer that sent wrong bytes is distrusted for an hour; one that stalled is left alone for a minute, and longer
 * each time it does so again. Knows nothing of connections: that is discovery's business.
 */
import type { AgentId, BlobId, ChunkId, FolderId } from '@harp/broker/protocol';
import type { Clock, Logger, Outbox } from '../ports.ts';

/** How long wrong bytes are held against a peer: long enough that a bad disk is not asked again all day, short enough to outlive a repair. */
const DISTRUST_MS = 60 * 60 * 1000;
/** A stall may be a PC that slept for a moment. */
const STALLED_FIRST_MS = 60_000;
const STALLED_FACTOR = 4;

/** What a peer is asked for: what it holds, or what it is to fetch for the office. */
export type Duty = 'holder' | 'owner';

export interface PeerHealth {
  /** Whether `peer` sent wrong bytes within the last hour. */
  distrusted(peer: AgentId): boolean;
  /** Whether `peer` may be asked about `folder` now. */
  usable(peer: AgentId, folder: FolderId): boolean;
  /** Whether `peer` may be counted on to fetch parts of `folder` for the office now. */
  mayOwn(peer: AgentId, folder: FolderId): boolean;
  /** `peer` sent bytes that do not hash to `id`: asks nothing of it for an hour and reports it. */
  distrust(peer: AgentId, folder: FolderId, id: ChunkId | BlobId): void;
  /** `peer` refuses `folder`: it is asked again after `forMs`. */
  refused(peer: AgentId, folder: FolderId, forMs: number): void;
  /** `peer` did not do its duty: a silent holder is not asked at all, a silent owner may still hold what others lack. */
  failed(peer: AgentId, folder: FolderId, duty: Duty): void;
}

export interface PeerHealthDeps {
  clock: Clock;
  outbox: Outbox;
  logger: Logger;
}

/** Everybody is trusted at first. */
export function createPeerHealth({ clock, outbox, logger }: PeerHealthDeps): PeerHealth {
  const distrustedUntil = new Map<AgentId, number>();
  const closedUntil = new Map<string, number>();
  const strikes = new Map<string, { count: number; atMs: number }>();

  const keyOf = (peer: AgentId, folder: FolderId, duty: Duty) => `${duty}/${folder}/${peer}`;
  const open = (key: string) => (closedUntil.get(key) ?? 0) <= clock.monotonicMs();
  const distrusted = (peer: AgentId) => (distrustedUntil.get(peer) ?? 0) > clock.monotonicMs();
  const usable = (peer: AgentId, folder: FolderId) => !distrusted(peer) && open(keyOf(peer, folder, 'holder'));

  return {
    distrusted,
    usable,
    mayOwn: (peer, folder) => usable(peer, folder) && open(keyOf(peer, folder, 'owner')),
    distrust(peer, folder, id) {
      const already = distrusted(peer);
      distrustedUntil.set(peer, clock.monotonicMs() + DISTRUST_MS);
      if (already) return;
      const facts = { peer: peer.slice(0, 8), id: id.slice(0, 8) };
      logger.warn(facts, 'a neighbour sent wrong bytes: it is not asked for an hour');
      outbox
        // Both ids are 64 hexadecimal digits; the report has one field for what was wrong.
        .record({ kind: 'peer.distrusted', atMs: clock.nowMs(), folder, peer, chunk: id as ChunkId })
        .catch((error: unknown) => logger.error({ error }, 'an event could not be recorded'));
    },
    refused(peer, folder, forMs) {
      closedUntil.set(keyOf(peer, folder, 'holder'), clock.monotonicMs() + forMs);
    },
    failed(peer, folder, duty) {
      const key = keyOf(peer, folder, duty);
      // Several wants of one peer fail at the same moment: that is one failure.
      if (!open(key)) return;
      const nowMs = clock.monotonicMs();
      const last = strikes.get(key);
      const count = last !== undefined && nowMs - last.atMs < 2 * DISTRUST_MS ? last.count + 1 : 0;
      strikes.set(key, { count, atMs: nowMs });
      closedUntil.set(key, nowMs + Math.min(DISTRUST_MS, STALLED_FIRST_MS * STALLED_FACTOR ** count));
    },
  };
}
