import type { BlobId, ChunkId, EntryPath } from '@harp/broker/protocol';
import type { FileNumber, FileRow, FileTable } from '../store/file-table.ts';
import { openPathTable } from '../store/path-table.ts';
import type { State } from '../store/state.ts';

/** A file that Harp put on disk, as it was then. */
export interface HeldFile {
  /** Its path in the chain. */
  path: EntryPath;
  file: FileNumber;
  /** The entry that put this version. */
  seq: number;
  manifest: BlobId;
  /** Of files of exactly one chunk. */
  chunk?: ChunkId;
  /** Stored path, size and mtime. */
  row: FileRow;
}

/**
 * What Harp put where, per folder. A file is written here only after it has its name on disk and the directory is fsynced: after a crash the
 * journal may know less than the disk, never more. Also the way back from stored names to paths of the chain.
 */
export interface Journal {
  get(folder: number, path: string): HeldFile | undefined;
  /** The file at a stored path. */
  atStored(folder: number, storedPath: string): HeldFile | undefined;
  /** `row.kind` must be `held`. Takes the place of what was held at `path` before; that file's row is the caller's to remove or change. */
  put(held: HeldFile): Promise<void>;
  /** Forgets that Harp holds `path`. The file's row is the caller's to remove or change. */
  remove(held: HeldFile): Promise<void>;
  page(folder: number, after: string | undefined, limit: number): HeldFile[];
  /** Directories that Harp made, by stored path. */
  madeDirectory(folder: number, storedPath: string): Promise<void>;
  hasMade(folder: number, storedPath: string): boolean;
  forgetDirectory(folder: number, storedPath: string): Promise<void>;
}

type Tuple = [file: number, seq: number, manifest: Uint8Array, chunk: Uint8Array | null];

export function openJournal(state: State, files: FileTable): Journal {
  const rows = openPathTable<Tuple>(state, 'journal.held');
  /** Only names that differ from the chain's, so that the common case costs nothing. */
  const mapped = openPathTable<string>(state, 'journal.mapped');
  const directories = openPathTable<true>(state, 'journal.directories');

  const held = (path: string, [file, seq, manifest, chunk]: Tuple): HeldFile | undefined => {
    const row = files.get(file);
    if (row === undefined) return undefined;
    return {
      path: path as EntryPath,
      file,
      seq,
      manifest: hexOf(manifest) as BlobId,
      ...(chunk === null ? {} : { chunk: hexOf(chunk) as ChunkId }),
      row,
    };
  };
  const get = (folder: number, path: string) => {
    const tuple = rows.get(folder, path);
    return tuple === undefined ? undefined : held(path, tuple);
  };

  return {
    get,
    atStored(folder, storedPath) {
      const found = get(folder, mapped.get(folder, storedPath) ?? storedPath);
      return found?.row.path === storedPath ? found : undefined;
    },
    async put({ path, file, seq, manifest, chunk, row }) {
      const before = get(row.folder, path);
      const tuple: Tuple = [file, seq, bytesOf(manifest), chunk === undefined ? null : bytesOf(chunk)];
      await Promise.all([
        before !== undefined && before.row.path !== row.path && before.row.path !== path
          ? mapped.remove(row.folder, before.row.path)
          : undefined,
        row.path === path ? undefined : mapped.put(row.folder, row.path, path),
        rows.put(row.folder, path, tuple),
        files.put(file, row),
      ]);
    },
    async remove({ path, row }) {
      await Promise.all([
        mapped.get(row.folder, row.path) === path ? mapped.remove(row.folder, row.path) : undefined,
        rows.remove(row.folder, path),
      ]);
    },
    page: (folder, after, limit) => rows.page(folder, after, limit).flatMap(({ path, row }) => held(path, row) ?? []),
    async madeDirectory(folder, storedPath) {
      await directories.put(folder, storedPath, true);
    },
    hasMade: (folder, storedPath) => directories.get(folder, storedPath) === true,
    async forgetDirectory(folder, storedPath) {
      await directories.remove(folder, storedPath);
    },
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
