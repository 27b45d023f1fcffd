import { setImmediate } from 'node:timers/promises';
import type { ChunkId } from '@harp/broker/protocol';
import type { FileNumber } from './file-table.ts';
import type { State } from './state.ts';

/** Where a chunk's bytes stand. */
export interface ChunkPlace {
  file: FileNumber;
  offset: number;
  sizeBytes: number;
}

/** Chunk id → places. On disk only: the agent's memory does not grow with the number of files. */
export interface ChunkIndex {
  /** Places just added come first. */
  places(id: ChunkId): Iterable<ChunkPlace>;
  /** Visible at once, on disk when the promise resolves. */
  add(id: ChunkId, place: ChunkPlace): Promise<unknown>;
  remove(id: ChunkId, place: ChunkPlace): Promise<unknown>;
  /** Drops places in files for which `isLive` is false. Yields to other work between pages. */
  sweep(isLive: (file: FileNumber) => boolean, signal: AbortSignal): Promise<void>;
}

/** File number (u32) ‖ offset (u48) ‖ size (u32), big-endian. */
const PLACE_BYTES = 14;
const SWEEP_PAGE = 500;

export function openChunkIndex(state: State): ChunkIndex {
  const table = state.table<Buffer, Buffer>('chunks.places', {
    dupSort: true,
    keyEncoding: 'binary',
    encoding: 'binary',
  });
  /** Added and not yet visible in the table. */
  const fresh = new Map<ChunkId, Set<ChunkPlace>>();
  const addFresh = async (id: ChunkId, place: ChunkPlace) => {
    const places = fresh.get(id) ?? new Set();
    fresh.set(id, places.add(place));
    try {
      await table.put(keyOf(id), encode(place));
    } finally {
      places.delete(place);
      if (places.size === 0 && fresh.get(id) === places) fresh.delete(id);
    }
  };
  return {
    *places(id) {
      yield* fresh.get(id) ?? [];
      const key = keyOf(id);
      // A cursor costs twenty times a look-up, and most questions of neighbours are about chunks that are nowhere here.
      if (!table.doesExist(key)) return;
      for (const value of table.getValues(key)) yield decode(value);
    },
    add: addFresh,
    async remove(id, place) {
      fresh.get(id)?.delete(place);
      await table.remove(keyOf(id), encode(place));
    },
    async sweep(isLive, signal) {
      let after: Buffer | undefined;
      for (;;) {
        const range = after === undefined ? {} : { start: after, exclusiveStart: true };
        const keys = [...table.getKeys({ ...range, limit: SWEEP_PAGE })].map((key) => Buffer.from(key));
        if (keys.length === 0 || signal.aborted) return;
        const dead = keys.flatMap((key) =>
          [...table.getValues(key)]
            .filter((value) => !isLive(decode(value).file))
            .map((value) => [key, value] as const),
        );
        await Promise.all(dead.map(([key, value]) => table.remove(key, value)));
        await setImmediate();
        after = keys.at(-1);
      }
    },
  };
}

function keyOf(id: ChunkId): Buffer {
  return Buffer.from(id, 'hex');
}

function encode({ file, offset, sizeBytes }: ChunkPlace): Buffer {
  const bytes = Buffer.alloc(PLACE_BYTES);
  bytes.writeUInt32BE(file, 0);
  bytes.writeUIntBE(offset, 4, 6);
  bytes.writeUInt32BE(sizeBytes, 10);
  return bytes;
}

/** Copied at once: lmdb may use the memory of `bytes` again after the next read. */
function decode(bytes: Buffer): ChunkPlace {
  return { file: bytes.readUInt32BE(0), offset: bytes.readUIntBE(4, 6), sizeBytes: bytes.readUInt32BE(10) };
}
