import type { ChunkId } from '@harp/broker/protocol';

/** The chunks last verified: peers ask for what just arrived, so most of what is served is never read from disk again. */
export interface ChunkCache {
  has(id: ChunkId): boolean;
  get(id: ChunkId): Uint8Array | undefined;
  /** Keeps `bytes`, which must not change any more. */
  add(id: ChunkId, bytes: Uint8Array): void;
  /**
   * Empties it if nothing was read or added since the last sweep: what nobody asked for in that time is on disk as well.
   *
   * @returns whether it was emptied, and there was something in it
   */
  sweep(): boolean;
}

/** 32 MiB: some seconds of a fast line, and a small part of the 120 MB an idle agent may have. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** Holds up to `maxBytes`, the least recently used go first. */
export function createChunkCache(maxBytes = CACHE_BYTES): ChunkCache {
  const chunks = new Map<ChunkId, Uint8Array>();
  let bytesHeld = 0;
  let used = false;
  return {
    has: (id) => chunks.has(id),
    get(id) {
      const bytes = chunks.get(id);
      if (bytes === undefined) return undefined;
      used = true;
      chunks.delete(id);
      chunks.set(id, bytes);
      return bytes;
    },
    add(id, bytes) {
      if (chunks.has(id) || bytes.length > maxBytes) return;
      used = true;
      // A view of a larger buffer would keep all of it alive.
      chunks.set(id, bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice());
      bytesHeld += bytes.length;
      for (const [oldest, { length }] of chunks) {
        if (bytesHeld <= maxBytes) break;
        chunks.delete(oldest);
        bytesHeld -= length;
      }
    },
    sweep() {
      const empties = !used && chunks.size > 0;
      if (empties) {
        chunks.clear();
        bytesHeld = 0;
      }
      used = false;
      return empties;
    },
  };
}
