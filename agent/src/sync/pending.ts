import { openPathTable } from '../store/path-table.ts';
import type { State } from '../store/state.ts';

/**
 * The paths of one folder whose file on disk is not what the chain says. On disk, so that a large change does not fill the memory; recomputed at
 * every start, so it may be behind after a crash.
 */
export interface Pending {
  /** `putBytes`: size of the file to be delivered; undefined if it is to be removed. */
  mark(path: string, putBytes: number | undefined): Promise<unknown>;
  clear(path: string): Promise<unknown>;
  has(path: string): boolean;
  page(after: string | undefined, limit: number): string[];
  /** Files to be delivered, and their bytes. */
  readonly putFiles: number;
  readonly putBytes: number;
  readonly removals: number;
  readonly isEmpty: boolean;
  /** Forgets everything. */
  reset(): Promise<void>;
}

const REMOVAL = -1;

export function openPending(state: State, folder: number): Pending {
  const table = openPathTable<number>(state, 'sync.pending');
  let putFiles = 0;
  let putBytes = 0;
  let removals = 0;

  const count = (row: number | undefined, sign: 1 | -1) => {
    if (row === undefined) return;
    if (row === REMOVAL) removals += sign;
    else {
      putFiles += sign;
      putBytes += sign * row;
    }
  };
  const write = async (path: string, row: number | undefined) => {
    const before = table.get(folder, path);
    count(before, -1);
    count(row, 1);
    try {
      await (row === undefined ? table.remove(folder, path) : table.put(folder, path, row));
    } catch (error) {
      count(row, -1);
      count(before, 1);
      throw error;
    }
  };

  return {
    mark: (path, size) => write(path, size ?? REMOVAL),
    clear: (path) => (table.get(folder, path) === undefined ? Promise.resolve() : write(path, undefined)),
    has: (path) => table.get(folder, path) !== undefined,
    page: (after, limit) => table.page(folder, after, limit).map(({ path }) => path),
    get putFiles() {
      return putFiles;
    },
    get putBytes() {
      return putBytes;
    },
    get removals() {
      return removals;
    },
    get isEmpty() {
      return putFiles + removals === 0;
    },
    async reset() {
      await table.clear(folder);
      putFiles = 0;
      putBytes = 0;
      removals = 0;
    },
  };
}
