/** Stores in memory, and counters, for the network side's tests. */
import { type AgentEvent, type BlobId, type ChunkId, type FolderId, HarpError, toHex } from '@harp/broker/protocol';
import { sha3, sha256 } from '@harp/broker/protocol/node';
import type { BlobStore, ChunkSource, ChunkStore, FolderView, Outbox, TrafficMeter } from '../../src/ports.ts';

export interface MemoryChunks extends ChunkStore {
  /** Chunks in the order of their arrival, with their source. */
  readonly arrivals: { id: ChunkId; source: ChunkSource }[];
  /** Serves these bytes for `id` from now on, whatever they hash to. */
  tamper(id: ChunkId): void;
  /** `put` throws this until it is undefined again. */
  failPutsWith: HarpError | undefined;
}

/** A chunk store that keeps everything in memory and checks what is put. */
export function memoryChunks(): MemoryChunks {
  const held = new Map<ChunkId, Uint8Array>();
  const tampered = new Set<ChunkId>();
  const listeners = new Set<(id: ChunkId) => void>();
  const store: MemoryChunks = {
    arrivals: [],
    failPutsWith: undefined,
    tamper: (id) => void tampered.add(id),
    has: (id) => held.has(id),
    async read(id) {
      const bytes = held.get(id);
      if (bytes === undefined || !tampered.has(id)) return bytes;
      const wrong = Uint8Array.from(bytes);
      wrong[0]! ^= 0xff;
      return wrong;
    },
    async put(id, bytes, source) {
      if (store.failPutsWith !== undefined) throw store.failPutsWith;
      if (toHex(sha256(bytes)) !== id) throw new HarpError('chunk.digest_mismatch', 'wrong bytes');
      held.set(id, bytes);
      store.arrivals.push({ id, source });
      for (const listener of listeners) listener(id);
    },
    onDidStore(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
  return store;
}

/** A blob store in memory that checks what is put. */
export function memoryBlobs(): BlobStore {
  const held = new Map<BlobId, Uint8Array>();
  const listeners = new Set<(id: BlobId) => void>();
  return {
    has: (id) => held.has(id),
    get: (id) => held.get(id),
    async put(id, bytes) {
      if (toHex(sha3(bytes)) !== id) throw new HarpError('blob.digest_mismatch', 'wrong bytes');
      held.set(id, bytes);
      for (const listener of listeners) listener(id);
    },
    onDidStore(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}

/** A view in which every chunk and blob belongs to every folder in `folders`. */
export function openView(folders: () => readonly FolderId[]): FolderView {
  return {
    verifiedSeq: () => 1,
    chunkBelongsTo: (_chunk, folder) => folders().includes(folder),
    blobBelongsTo: (_blob, folder) => folders().includes(folder),
  };
}

export type TrafficKind = Parameters<TrafficMeter['add']>[1];

/** A meter that can be read. */
export function memoryMeter(): TrafficMeter & { readonly totals: Record<TrafficKind, number> } {
  const totals = { fromPeers: 0, fromOrigin: 0, fromLocal: 0, served: 0, wasted: 0 };
  return {
    totals,
    add: (_folder, kind, bytes) => {
      totals[kind] += bytes;
    },
  };
}

/** An outbox that can be read. */
export function memoryOutbox(): Outbox & { readonly events: AgentEvent[] } {
  const events: AgentEvent[] = [];
  return { events, record: async (event) => void events.push(event) };
}
