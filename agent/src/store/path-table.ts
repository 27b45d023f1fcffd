import { createHash } from 'node:crypto';
import type { State } from './state.ts';
import { createUnsettled } from './unsettled.ts';

/** Rows by folder number and path: any path of the protocol fits, although a key of lmdb has at most 1978 bytes. */
export interface PathTable<R> {
  get(folder: number, path: string): R | undefined;
  put(folder: number, path: string, row: R): Promise<unknown>;
  remove(folder: number, path: string): Promise<unknown>;
  /**
   * Up to `limit` rows of `folder` after `after` in the table's own order, which is by path but for very long ones. Unlike `get`, it does not see
   * writes whose promise has not resolved.
   */
  page(folder: number, after: string | undefined, limit: number): { path: string; row: R }[];
  /** Whether a row's path starts with `prefix`. */
  anyUnder(folder: number, prefix: string): boolean;
  /** Removes all rows of `folder`. */
  clear(folder: number): Promise<void>;
}

/** Paths up to this many UTF-16 units are their own key: 600 × 3 bytes of UTF-8 and the folder number stay below 1978. */
const PLAIN_KEY_UNITS = 600;
const HASHED_PREFIX_UNITS = 200;
/** Stands in no path of the protocol, so a hashed key never equals a plain one. */
const HASH_MARK = '\u0001';
const AFTER_HASH_MARK = '\u0002';
const CLEAR_PAGE = 2000;

/** The table `name` in `state`. Rows are encoded as they are: tuples take the least room. */
export function openPathTable<R>(state: State, name: string): PathTable<R> {
  const table = state.table<[R] | [R, string], [number, string]>(name);
  const unsettled = createUnsettled<string, R>();
  const page = (folder: number, after: string | undefined, limit: number) => {
    const start = after === undefined ? [folder] : [folder, pathKey(after)];
    const found: { path: string; row: R }[] = [];
    const range = table.getRange({ start, end: [folder + 1], exclusiveStart: after !== undefined, limit });
    for (const { key, value } of range) found.push({ path: value[1] ?? key[1], row: value[0] });
    return found;
  };
  return {
    get(folder, path) {
      const change = unsettled.get(`${folder}/${path}`);
      return change === undefined ? table.get([folder, pathKey(path)])?.[0] : change.value;
    },
    put(folder, path, row) {
      const key = pathKey(path);
      const committed = table.put([folder, key], key === path ? [row] : [row, path]);
      return unsettled.note(`${folder}/${path}`, row, committed);
    },
    remove: (folder, path) => unsettled.note(`${folder}/${path}`, undefined, table.remove([folder, pathKey(path)])),
    page,
    anyUnder(folder, prefix) {
      if (prefix.length <= PLAIN_KEY_UNITS) {
        const [first] = table.getKeys({ start: [folder, prefix], end: [folder + 1], limit: 1 });
        if (first?.[1].startsWith(prefix) === true) return true;
      }
      if (prefix.length <= HASHED_PREFIX_UNITS) return false;
      // Beyond what hashed keys show of their path, their rows tell it: there are few paths as long as that.
      const head = prefix.slice(0, HASHED_PREFIX_UNITS);
      const hashed = table.getRange({
        start: [folder, `${head}${HASH_MARK}`],
        end: [folder, `${head}${AFTER_HASH_MARK}`],
      });
      for (const { value } of hashed) if (value[1]?.startsWith(prefix)) return true;
      return false;
    },
    async clear(folder) {
      for (
        let rows = page(folder, undefined, CLEAR_PAGE);
        rows.length > 0;
        rows = page(folder, undefined, CLEAR_PAGE)
      ) {
        await Promise.all(rows.map(({ path }) => table.remove([folder, pathKey(path)])));
      }
    },
  };
}

function pathKey(path: string): string {
  if (path.length <= PLAIN_KEY_UNITS) return path;
  return `${path.slice(0, HASHED_PREFIX_UNITS)}${HASH_MARK}${createHash('sha256').update(path).digest('hex')}`;
}
