/**
 * Which peers may be asked. A peer that sent wrong bytes is distrusted for an hour; one that stalled or refused is left alone for a while. Knows
 * nothing of connections: that is discovery's business.
 */
import type { AgentId, ChunkId, FolderId } from '@harp/broker/protocol';
import type { Clock, Logger, Outbox } from '../ports.ts';

/** How long wrong bytes are held against a peer: long enough that a bad disk is not asked again all day, short enough to outlive a repair. */
const DISTRUST_MS = 60 * 60 * 1000;

export interface PeerHealth {
  /** Whether `peer` sent wrong bytes within the last hour. */
  distrusted(peer: AgentId): boolean;
  /** Whether `peer` may be asked for items of `folder` now. */
  usable(peer: AgentId, folder: FolderId): boolean;
  /** `peer` sent bytes that do not hash to `chunk`: asks nothing of it for an hour and reports it. */
  distrust(peer: AgentId, folder: FolderId, chunk: ChunkId): void;
  /** `peer` did not do what it owes `folder`: it is no candidate for `forMs`. */
  avoid(peer: AgentId, folder: FolderId, forMs: number): void;
}

export interface PeerHealthDeps {
  clock: Clock;
  outbox: Outbox;
  logger: Logger;
}

/** Everybody is trusted at first. */
export function createPeerHealth({ clock, outbox, logger }: PeerHealthDeps): PeerHealth {
  const distrustedUntil = new Map<AgentId, number>();
  const avoidedUntil = new Map<string, number>();

  const distrusted = (peer: AgentId) => (distrustedUntil.get(peer) ?? 0) > clock.monotonicMs();
  const keyOf = (peer: AgentId, folder: FolderId) => `${folder}/${peer}`;

  return {
    distrusted,
    usable: (peer, folder) => !distrusted(peer) && (avoidedUntil.get(keyOf(peer, folder)) ?? 0) <= clock.monotonicMs(),
    distrust(peer, folder, chunk) {
      const already = distrusted(peer);
      distrustedUntil.set(peer, clock.monotonicMs() + DISTRUST_MS);
      if (already) return;
      logger.warn(
        { peer: peer.slice(0, 8), chunk: chunk.slice(0, 8) },
        'a neighbour sent wrong bytes: it is not asked for an hour',
      );
      outbox
        .record({ kind: 'peer.distrusted', atMs: clock.nowMs(), folder, peer, chunk })
        .catch((error: unknown) => logger.error({ error }, 'an event could not be recorded'));
    },
    avoid(peer, folder, forMs) {
      avoidedUntil.set(keyOf(peer, folder), clock.monotonicMs() + forMs);
    },
  };
}
