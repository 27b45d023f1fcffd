import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { chunkOffsets, type HarpError, type Manifest } from '@harp/broker/protocol';
import { createGate, heard } from '../concurrency.ts';
import { asDiskError, type Disk, type DiskFile, isSystemError, readFully, statOf, writeFully } from '../files/disk.ts';
import type { ChunkSource } from '../ports.ts';
import type { ChunkIndex } from './chunk-index.ts';
import type { FileNumber, FileTable } from './file-table.ts';
import type { OpenFiles } from './open-files.ts';
import type { SpaceGuard } from './space-guard.ts';

/** Which file version is being assembled, and where. */
export interface PartialSpec {
  /** Folder number. */
  folder: number;
  /** Absolute path of the folder's root. */
  root: string;
  /** Stored path of the hidden file, beside its target; the same version at the same target always has the same. */
  hiddenPath: string;
  manifest: Manifest;
}

/** A file version in assembly: a hidden, sparse file of full length, and which of its chunks are verified and in it. */
export interface PartialFile {
  readonly file: FileNumber;
  readonly spec: PartialSpec;
  /** Absolute path of the hidden file. */
  readonly path: string;
  readonly offsets: readonly number[];
  readonly bytesPresent: number;
  /** Bytes by where they came from. What was found in the hidden file at the start counts as local. */
  readonly sources: Readonly<Record<ChunkSource, number>>;
  readonly missingCount: number;
  has(index: number): boolean;
  /** Called after a chunk was written and indexed, or with the error that this file met. One watcher at a time. */
  watch(watcher: ((error?: HarpError) => void) | undefined): void;
  /** For the chunk store: writes a verified chunk. @throws {HarpError} `disk.full`, `disk.failed` */
  write(index: number, bytes: Uint8Array, source: ChunkSource): Promise<void>;
  tell(error?: HarpError): void;
  /** Runs `action` with the hidden file open for writing; makes it if it is not there (an empty file has no chunk that would). */
  withFile<T>(action: (file: DiskFile) => Promise<T>): Promise<T>;
  /** Closes the file; it is opened again when needed. */
  close(): Promise<void>;
}

/** All file versions in assembly. */
export interface PartialFiles {
  /**
   * The partial file of `spec`, as far as it is. Hidden files on disk must have rows by now ("extras" of the file table). What an earlier process left is hashed chunk by chunk first, so that nothing verified is
   * fetched again and nothing unverified is kept. @throws {HarpError} `disk.full`, `disk.failed`
   */
  open(spec: PartialSpec): Promise<PartialFile>;
  /** Forgets `partial`, whose hidden file was renamed, retired or deleted by the caller. */
  release(partial: PartialFile): Promise<void>;
  /** Forgets the assembly at `path` (absolute), if there is one: its file came by another way. */
  forget(path: string): Promise<void>;
  /** Whether the hidden file at `path` (absolute) is in assembly now. */
  isOpen(path: string): boolean;
}

export interface PartialDeps {
  disk: Disk;
  files: FileTable;
  index: ChunkIndex;
  openFiles: OpenFiles;
  space: SpaceGuard;
}

export function createPartialFiles(deps: PartialDeps): PartialFiles {
  const { disk, files, index, openFiles } = deps;
  const partials = new Map<string, Promise<PartialFile>>();
  const recovering = createGate(RECOVERIES_MAX);

  const prepare = async (spec: PartialSpec, path: string): Promise<PartialFile> => {
    const { folder, hiddenPath, manifest } = spec;
    try {
      const known = files.extraAt(folder, hiddenPath);
      // What earlier processes left was taken stock of before the first file of this one: without a row there is nothing to look for.
      const stat = known === undefined ? undefined : await statOf(disk, path);
      // Only Harp makes such names; a link or anything else under one is not followed, opened or kept.
      if (stat !== undefined && !stat.isFile()) await disk.unlink(path);
      const exists = stat?.isFile() === true;
      const file = known ?? files.allocate();
      const partial = createPartialFile({ spec, path, file, exists }, deps);
      const row = { folder, path: hiddenPath, sizeBytes: manifest.size, mtimeMs: 0, kind: 'partial' as const };
      // Not awaited: without the row a restarted agent finds the file by its name.
      files.put(file, row).catch((error: unknown) => partial.tell(asDiskError(error, hiddenPath)));
      if (exists) await recovering.run(() => recover(partial, index));
      return partial;
    } catch (error) {
      throw asDiskError(error, hiddenPath);
    }
  };

  return {
    open(spec) {
      const path = join(spec.root, spec.hiddenPath);
      let opening = partials.get(path);
      if (opening === undefined) {
        opening = prepare(spec, path);
        partials.set(path, opening);
        opening.catch(() => partials.delete(path));
      }
      return opening;
    },
    async release(partial) {
      partials.delete(partial.path);
      await openFiles.close(partial.path);
    },
    async forget(path) {
      if (partials.delete(path)) await openFiles.close(path);
    },
    isOpen: (path) => partials.has(path),
  };
}

/** Files hashed at a time: more would only make the disk seek. */
const RECOVERIES_MAX = 2;

/** Hashes what an earlier process wrote and indexes what is right. */
async function recover(partial: RecoverablePartial, index: ChunkIndex): Promise<void> {
  const { spec, file, offsets } = partial;
  const found: Promise<unknown>[] = [];
  await partial.withFile(async (handle) => {
    if ((await handle.stat()).size !== spec.manifest.size) await handle.truncate(spec.manifest.size);
    for (const [position, { id, size }] of spec.manifest.chunks.entries()) {
      const offset = offsets[position]!;
      const bytes = new Uint8Array(size);
      if ((await readFully(handle, bytes, offset)) < size) break;
      if (createHash('sha256').update(bytes).digest('hex') !== id) continue;
      partial.markPresent(position, 'local');
      found.push(heard(index.add(id, { file, offset, sizeBytes: size })));
    }
  });
  await Promise.all(found);
}

interface RecoverablePartial extends PartialFile {
  markPresent(index: number, source: ChunkSource): void;
}

function createPartialFile(
  { spec, path, file, exists }: { spec: PartialSpec; path: string; file: FileNumber; exists: boolean },
  { disk, openFiles, space }: PartialDeps,
): RecoverablePartial {
  const { chunks, size } = spec.manifest;
  const offsets = chunkOffsets(spec.manifest);
  const present = new Uint8Array(chunks.length);
  const sources = { peer: 0, origin: 0, local: 0 };
  let missingCount = chunks.length;
  let bytesPresent = 0;
  let made = exists;
  let watcher: ((error?: HarpError) => void) | undefined;

  const openFile = async (): Promise<DiskFile> => {
    if (made) return disk.open(path, 'write');
    const handle = await disk.open(path, 'create').catch(async (error: unknown) => {
      if (!isSystemError(error, 'EEXIST')) throw error;
      await disk.unlink(path);
      return disk.open(path, 'create');
    });
    made = true;
    // One write gives a file of one chunk its length; only longer ones are made sparse first.
    if (chunks.length > 1) await handle.truncate(size);
    return handle;
  };
  /** Somebody deleted the hidden file: what was in it is gone. */
  const startOver = () => {
    present.fill(0);
    missingCount = chunks.length;
    bytesPresent = 0;
    made = false;
  };
  const withFile = async <T>(action: (handle: DiskFile) => Promise<T>): Promise<T> => {
    try {
      return await openFiles.use(path, openFile, action);
    } catch (error) {
      if (made && isSystemError(error, 'ENOENT')) startOver();
      throw asDiskError(error, spec.hiddenPath);
    }
  };
  const markPresent = (index: number, source: ChunkSource) => {
    if (present[index] === 1) return;
    const { size: chunkSize } = chunks[index]!;
    present[index] = 1;
    missingCount--;
    bytesPresent += chunkSize;
    sources[source] += chunkSize;
  };

  return {
    file,
    spec,
    path,
    offsets,
    sources,
    get bytesPresent() {
      return bytesPresent;
    },
    get missingCount() {
      return missingCount;
    },
    has: (index) => present[index] === 1,
    watch(next) {
      watcher = next;
    },
    tell: (error) => watcher?.(error),
    async write(index, bytes, source) {
      await space.take(bytes.length);
      await withFile((handle) => writeFully(handle, bytes, offsets[index]!));
      markPresent(index, source);
    },
    withFile,
    close: () => openFiles.close(path),
    markPresent,
  };
}
