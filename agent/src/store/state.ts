import { mkdirSync } from 'node:fs';
import { type Database, type DatabaseOptions, type Key, open } from 'lmdb';

/**
 * The agent's own memory: an lmdb environment. Puts made in one event turn commit together, atomically; a value is visible to `get` when the promise
 * of its put has resolved. Several processes may read it at once.
 */
export interface State {
  /** The table of that name, made if absent. The same object every time, so that `options` of the first call hold. */
  table<V, K extends Key = Key>(name: string, options?: TableOptions): Database<V, K>;
  /** Waits for what was written, then releases the environment. */
  close(): Promise<void>;
}

export type TableOptions = Pick<DatabaseOptions, 'dupSort' | 'keyEncoding' | 'encoding'>;

/** More than all parts of the agent together open. */
const TABLES_MAX = 64;

/** Opens the environment in `dir`, making the folder if need be. One writer process at a time. */
export function openState(dir: string): State {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const root = open({ path: dir, maxDbs: TABLES_MAX });
  const tables = new Map<string, Database<unknown, Key>>();
  return {
    table<V, K extends Key = Key>(name: string, options: TableOptions = {}) {
      let table = tables.get(name);
      if (table === undefined) {
        table = root.openDB<unknown, Key>({ ...options, name });
        tables.set(name, table);
      }
      return table as unknown as Database<V, K>;
    },
    async close() {
      await root.close();
    },
  };
}
