/**
 * Gets chunks and blobs to this agent: from neighbours, else over the WAN by the one agent responsible. Every agent of an office decides by the
 * same functions from the same facts, so there is no coordinator. Called by the files side; never writes files, never decides what is wanted.
 */
import type { Desired, FolderId } from '@harp/broker/protocol';
import type { PeerLinks } from '../discovery/peer-directory.ts';
import type { GatewayClient } from '../origin/gateway-blobs.ts';
import type { GrantGates } from '../origin/grant-gates.ts';
import type { PeerClient } from '../peer/client.ts';
import type { PeerHealth } from '../peer/health.ts';
import type { Roster } from '../peer/roster.ts';
import type { Slots } from '../peer/slots.ts';
import type { Undertakings } from '../peer/undertakings.ts';
import type { BlobStore, ChunkStore, Clock, Logger, Self, Swarm, TrafficMeter } from '../ports.ts';
import { createFolderBlobs, type FolderBlobs } from './folder-blobs.ts';
import { createFolderChunks, type FolderChunks } from './folder-chunks.ts';

export interface SwarmDeps {
  self: Self;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** This build's version, for the User-Agent. */
  version: string;
  chunks: ChunkStore;
  blobs: BlobStore;
  client: Pick<PeerClient, 'have' | 'want'>;
  links: Pick<PeerLinks, 'live' | 'addressOf' | 'recheck' | 'noteAlive' | 'onDidChange'>;
  gateway: GatewayClient;
  roster: Roster;
  health: PeerHealth;
  gates: GrantGates;
  undertakings: Undertakings;
  meter: TrafficMeter;
  /** Streams to the origin of this agent, over all folders. */
  slots: Slots;
}

/** A swarm that wants nothing yet. `close` rejects everything under way. */
export function createSwarm(deps: SwarmDeps): Swarm & { close(): void } {
  const { roster, gates, links } = deps;
  const folders = new Map<FolderId, { chunks: FolderChunks; blobs: FolderBlobs }>();
  const at = (folder: FolderId) => {
    let entry = folders.get(folder);
    if (entry === undefined) {
      entry = { chunks: createFolderChunks(folder, deps), blobs: createFolderBlobs(folder, deps) };
      folders.set(folder, entry);
    }
    return entry;
  };
  const peersChanged = links.onDidChange(() => {
    for (const { chunks } of folders.values()) chunks.peersChanged();
  });
  return {
    fetchChunks: (folder, wanted, onChunk, signal) => at(folder).chunks.fetch(wanted, onChunk, signal),
    fetchBlobs: (folder, ids, signal) => at(folder).blobs.fetch(ids, signal),
    configure(desired: Desired) {
      // Gates before roster: whoever hears of the new roster finds the new grants open.
      gates.configure(desired);
      roster.configure(desired);
      const kept = new Set(desired.folders.map(({ id }) => id));
      for (const [folder, entry] of folders) {
        if (kept.has(folder)) continue;
        folders.delete(folder);
        entry.chunks.close();
        entry.blobs.close();
      }
    },
    close() {
      peersChanged.dispose();
      for (const { chunks, blobs } of folders.values()) {
        chunks.close();
        blobs.close();
      }
      folders.clear();
    },
  };
}
