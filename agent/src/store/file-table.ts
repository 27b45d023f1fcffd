import { openPathTable } from './path-table.ts';
import type { State } from './state.ts';
import { createUnsettled } from './unsettled.ts';

/** A file of the chunk index. Never given twice, so a stale place can never point into another file. */
export type FileNumber = number;

/**
 * What a file under a folder's root is: `held` is in the journal; `partial` is being assembled; `retired` was replaced or deleted and is kept hidden
 * while its chunks may be of use; `local` is not Harp's, its chunks are only read.
 */
export type FileKind = 'held' | 'partial' | 'retired' | 'local';

export interface FileRow {
  /** Folder number. */
  folder: number;
  /** Stored path, relative to the folder's root, `/` between names. */
  path: string;
  sizeBytes: number;
  /** As lstat says after the last write that Harp knows of. */
  mtimeMs: number;
  kind: FileKind;
}

/** File numbers and what they stand for. A rename touches one row, whatever the number of chunks. */
export interface FileTable {
  allocate(): FileNumber;
  get(file: FileNumber): FileRow | undefined;
  put(file: FileNumber, row: FileRow): Promise<unknown>;
  remove(file: FileNumber): Promise<unknown>;
  /** The file at a stored path that is not in the journal (partial, retired, local). */
  extraAt(folder: number, path: string): FileNumber | undefined;
  /** Files that are not in the journal, page by page. */
  extras(folder: number, after: string | undefined, limit: number): { path: string; file: FileNumber }[];
  /** Runs `move`, which renames the file and puts its row; until it ends, a reader that does not find the file waits instead of forgetting it. */
  whileMoving<T>(files: readonly FileNumber[], move: () => Promise<T>): Promise<T>;
  /** Resolves when `file` is at rest. */
  settled(file: FileNumber): Promise<void> | undefined;
}

type Tuple = [folder: number, path: string, sizeBytes: number, mtimeMs: number, kind: number];

const kinds: readonly FileKind[] = ['held', 'partial', 'retired', 'local'];
/** Numbers are reserved in blocks: after a crash a few are skipped, none is given twice. */
const BLOCK = 4096;

export function openFileTable(state: State): FileTable {
  const table = state.table<Tuple, number>('files.rows', { keyEncoding: 'uint32' });
  const extras = openPathTable<FileNumber>(state, 'files.extras');
  const meta = state.table<number, string>('files.meta');
  const unsettled = createUnsettled<FileNumber, Tuple>();
  const moving = new Map<FileNumber, Promise<void>>();
  let next = meta.get('next') ?? 1;
  let reserved = next;

  const get = (file: FileNumber): FileRow | undefined => {
    const change = unsettled.get(file);
    const tuple = change === undefined ? table.get(file) : change.value;
    if (tuple === undefined) return undefined;
    const [folder, path, sizeBytes, mtimeMs, kind] = tuple;
    return { folder, path, sizeBytes, mtimeMs, kind: kinds[kind]! };
  };
  /** Takes away the entry of a file's present path, unless another file has taken the path over. */
  const leave = async (file: FileNumber, row: FileRow | undefined) => {
    if (row === undefined || row.kind === 'held' || extras.get(row.folder, row.path) !== file) return;
    await extras.remove(row.folder, row.path);
  };

  return {
    allocate() {
      if (next >= reserved) {
        reserved = next + BLOCK;
        meta.putSync('next', reserved);
      }
      return next++;
    },
    get,
    async put(file, row) {
      const before = get(file);
      const tuple: Tuple = [row.folder, row.path, row.sizeBytes, row.mtimeMs, kinds.indexOf(row.kind)];
      await Promise.all([
        before !== undefined && (before.path !== row.path || row.kind === 'held') ? leave(file, before) : undefined,
        row.kind === 'held' ? undefined : extras.put(row.folder, row.path, file),
        unsettled.note(file, tuple, table.put(file, tuple)),
      ]);
    },
    async remove(file) {
      await Promise.all([leave(file, get(file)), unsettled.note(file, undefined, table.remove(file))]);
    },
    extraAt: (folder, path) => extras.get(folder, path),
    extras: (folder, after, limit) => extras.page(folder, after, limit).map(({ path, row }) => ({ path, file: row })),
    async whileMoving(files, move) {
      const moved = move();
      const rest = moved.then(
        () => undefined,
        () => undefined,
      );
      for (const file of files) moving.set(file, rest);
      try {
        return await moved;
      } finally {
        for (const file of files) if (moving.get(file) === rest) moving.delete(file);
      }
    },
    settled: (file) => moving.get(file),
  };
}
