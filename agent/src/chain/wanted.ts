import type { BlobId, ChunkId, EntryPath, FileRecord } from '@harp/broker/protocol';
import { openPathTable } from '../store/path-table.ts';
import type { State } from '../store/state.ts';

/** What the verified chain says that a folder holds: one row per path, on disk. */
export interface WantedFiles {
  get(folder: number, path: string): FileRecord | undefined;
  put(folder: number, record: FileRecord): Promise<unknown>;
  remove(folder: number, path: string): Promise<unknown>;
  page(folder: number, after: string | undefined, limit: number): FileRecord[];
  /** Whether a file is at `path` or below it. */
  occupies(folder: number, path: string): boolean;
  anyUnder(folder: number, directory: string): boolean;
  clear(folder: number): Promise<void>;
}

type Tuple = [
  size: number,
  mtimeMs: number,
  etag: string,
  fileId: string,
  manifest: Uint8Array,
  chunk: Uint8Array | null,
  seq: number,
];

export function openWantedFiles(state: State): WantedFiles {
  const rows = openPathTable<Tuple>(state, 'chain.wanted');
  const anyUnder = (folder: number, directory: string) => rows.anyUnder(folder, `${directory}/`);
  const get = (folder: number, path: string) => {
    const row = rows.get(folder, path);
    return row === undefined ? undefined : decode(path, row);
  };
  return {
    get,
    put: (folder, record) => rows.put(folder, record.path, encode(record)),
    remove: (folder, path) => rows.remove(folder, path),
    page: (folder, after, limit) => rows.page(folder, after, limit).map(({ path, row }) => decode(path, row)),
    occupies: (folder, path) => rows.get(folder, path) !== undefined || anyUnder(folder, path),
    anyUnder,
    clear: (folder) => rows.clear(folder),
  };
}

function encode({ size, mtimeMs, etag, fileId, manifest, chunk, seq }: FileRecord): Tuple {
  return [size, mtimeMs, etag, fileId, bytesOf(manifest), chunk === undefined ? null : bytesOf(chunk), seq];
}

function decode(path: string, [size, mtimeMs, etag, fileId, manifest, chunk, seq]: Tuple): FileRecord {
  return {
    path: path as EntryPath,
    size,
    mtimeMs,
    etag,
    fileId,
    manifest: hexOf(manifest) as BlobId,
    ...(chunk === null ? {} : { chunk: hexOf(chunk) as ChunkId }),
    seq,
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
