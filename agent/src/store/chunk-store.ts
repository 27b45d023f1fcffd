import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ChunkId, HarpError } from '@harp/broker/protocol';
import { asDiskError, type Disk, isSystemError, readFully } from '../files/disk.ts';
import { createListeners } from '../peer/listeners.ts';
import type { ChunkSource, ChunkStore, Logger } from '../ports.ts';
import type { ChunkCache } from './chunk-cache.ts';
import type { ChunkIndex, ChunkPlace } from './chunk-index.ts';
import type { FileTable } from './file-table.ts';
import type { Folders } from './folders.ts';
import type { PartialFile } from './partial-files.ts';

/** The chunk store with what the file side needs besides the port. */
export interface PlacedChunkStore extends ChunkStore {
  /** When chunk number `position` of `partial` is put, it is written there. */
  expect(partial: PartialFile, position: number): void;
  /** Takes back everything that `partial` expects. */
  expectNothing(partial: PartialFile): void;
  /** Copies chunk number `position` of `partial` from anywhere on this disk; false if it is nowhere. @throws {HarpError} `disk.*` */
  copy(partial: PartialFile, position: number): Promise<boolean>;
  /** Whether a file of `folder` (a number) holds the chunk or waits for it. Files that are not Harp's do not count. */
  occursIn(id: ChunkId, folder: number): boolean;
}

export interface ChunkStoreDeps {
  disk: Disk;
  index: ChunkIndex;
  files: FileTable;
  folders: Pick<Folders, 'rootOf'>;
  cache: ChunkCache;
  log: Logger;
}

interface Expected {
  partial: PartialFile;
  position: number;
}

export function createChunkStore({ disk, index, files, folders, cache, log }: ChunkStoreDeps): PlacedChunkStore {
  const expected = new Map<ChunkId, Expected[]>();
  const storing = new Map<ChunkId, Promise<void>>();
  const stored = createListeners<[ChunkId]>();

  const indexed = (id: ChunkId) => {
    for (const { file } of index.places(id)) if (files.get(file) !== undefined) return true;
    return false;
  };

  const write = async ({ partial, position }: Expected, id: ChunkId, bytes: Uint8Array, source: ChunkSource) => {
    await partial.write(position, bytes, source);
    // Not awaited: it is readable now, and after a crash the partial file itself is looked at.
    index
      .add(id, { file: partial.file, offset: partial.offsets[position]!, sizeBytes: bytes.length })
      .catch((error: unknown) => log.error({ error: String(error) }, 'the chunk index cannot be written'));
    partial.tell();
  };
  /** Every place is tried: one file that cannot be written does not stop the others. */
  const store = async (id: ChunkId, bytes: Uint8Array, source: ChunkSource) => {
    const places = expected.get(id) ?? [];
    expected.delete(id);
    cache.add(id, bytes);
    let failure: HarpError | undefined;
    await Promise.all(
      places.map(async (place, number) => {
        try {
          // The bytes crossed the network once, whatever the number of places.
          await write(place, id, bytes, number === 0 ? source : 'local');
        } catch (error) {
          const problem = asDiskError(error, place.partial.spec.hiddenPath);
          place.partial.tell(problem);
          if (failure === undefined || problem.code === 'disk.full') failure = problem;
        }
      }),
    );
    if (failure !== undefined && (failure.code === 'disk.full' || places.length === 1)) throw failure;
  };

  const readPlace = async (place: ChunkPlace): Promise<Uint8Array | 'gone' | 'unreadable'> => {
    const row = files.get(place.file);
    const root = row === undefined ? undefined : folders.rootOf(row.folder);
    if (row === undefined || root === undefined) return 'gone';
    try {
      const handle = await disk.open(join(root, row.path), 'read');
      try {
        const bytes = new Uint8Array(place.sizeBytes);
        return (await readFully(handle, bytes, place.offset)) === bytes.length ? bytes : 'gone';
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return 'gone';
      log.warn({ error: String(error), file: place.file }, 'a file of the chunk index cannot be read');
      return 'unreadable';
    }
  };
  const readVerified = async (id: ChunkId, place: ChunkPlace): Promise<Uint8Array | undefined> => {
    for (let attempt = 0; ; attempt++) {
      const bytes = await readPlace(place);
      if (bytes === 'unreadable') return undefined;
      if (bytes !== 'gone' && digest(bytes) === id) return bytes;
      const moving = files.settled(place.file);
      if (moving === undefined || attempt > 0) break;
      await moving;
    }
    await index.remove(id, place);
    return undefined;
  };
  const read = async (id: ChunkId): Promise<Uint8Array | undefined> => {
    const recent = cache.get(id);
    if (recent !== undefined) return recent;
    for (const place of [...index.places(id)]) {
      const bytes = await readVerified(id, place);
      if (bytes === undefined) continue;
      cache.add(id, bytes);
      return bytes;
    }
    return undefined;
  };

  return {
    has: (id) => cache.has(id) || indexed(id),
    read,
    async put(id, bytes, source) {
      if (digest(bytes) !== id)
        throw new HarpError('chunk.digest_mismatch', 'bytes do not match their chunk id', { facts: { chunk: id } });
      const underWay = storing.get(id);
      if (underWay !== undefined && !expected.has(id)) return underWay;
      const job = store(id, bytes, source);
      storing.set(id, job);
      try {
        await job;
      } finally {
        if (storing.get(id) === job) storing.delete(id);
      }
      stored.fire(id);
    },
    onDidStore: stored.add,
    expect(partial, position) {
      const { id } = partial.spec.manifest.chunks[position]!;
      const places = expected.get(id) ?? [];
      if (places.some((place) => place.partial === partial && place.position === position)) return;
      expected.set(id, [...places, { partial, position }]);
    },
    expectNothing(partial) {
      for (const { id } of partial.spec.manifest.chunks) {
        const places = expected.get(id)?.filter((place) => place.partial !== partial);
        if (places === undefined) continue;
        if (places.length === 0) expected.delete(id);
        else expected.set(id, places);
      }
    },
    async copy(partial, position) {
      const { id } = partial.spec.manifest.chunks[position]!;
      const bytes = await read(id);
      if (bytes === undefined) return false;
      await write({ partial, position }, id, bytes, 'local');
      return true;
    },
    occursIn(id, folder) {
      if (expected.get(id)?.some(({ partial }) => partial.spec.folder === folder) === true) return true;
      for (const { file } of index.places(id)) {
        const row = files.get(file);
        if (row?.folder === folder && (row.kind === 'held' || row.kind === 'partial')) return true;
      }
      return false;
    },
  };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
