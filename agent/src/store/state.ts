import { mkdirSync } from 'node:fs';
import { HarpError } from '@harp/broker/protocol';
import { type Database, type DatabaseOptions, type Key, open, type RangeOptions } from 'lmdb';

/**
 * The agent's own memory: an lmdb environment. Puts made in one event turn commit together, atomically; a value is visible to `get` when the promise
 * of its put has resolved. Several processes may read it at once.
 */
export interface State {
  /** The table of that name, made if absent. */
  table<V, K extends Key = Key>(name: string, options?: TableOptions): Table<V, K>;
  /** Waits for what was written, then releases the environment. */
  close(): Promise<void>;
}

export type TableOptions = Pick<DatabaseOptions, 'dupSort' | 'keyEncoding' | 'encoding'>;

/** What the agent uses of an lmdb table. Writes reject with `disk.full` or `disk.failed`; the environment can be used again afterwards. */
export interface Table<V, K extends Key> {
  get(key: K): V | undefined;
  getBinary(key: K): Buffer | undefined;
  doesExist(key: K): boolean;
  /** The values of one key in a table with `dupSort`. */
  getValues(key: K): Iterable<V>;
  getRange(options: RangeOptions): Iterable<{ key: K; value: V }>;
  getKeys(options: RangeOptions): Iterable<K>;
  put(key: K, value: V): Promise<void>;
  /** With `value`, only that value of a table with `dupSort`. */
  remove(key: K, value?: V): Promise<void>;
  /** Blocks until it is on disk. */
  putSync(key: K, value: V): void;
}

/** More than all parts of the agent together open. */
const TABLES_MAX = 64;
/** errno of ENOSPC and EDQUOT, which lmdb passes on as numbers (Linux and macOS; Windows has its own). */
const FULL: ReadonlySet<unknown> = new Set([28, 122, 69, 112]);

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
      return checkedTable(table as unknown as Database<V, K>);
    },
    async close() {
      await root.close();
    },
  };
}

function checkedTable<V, K extends Key>(table: Database<V, K>): Table<V, K> {
  return {
    get: (key) => table.get(key),
    getBinary: (key) => table.getBinary(key),
    doesExist: (key) => table.doesExist(key),
    getValues: (key) => table.getValues(key),
    getRange: (options) => table.getRange(options),
    getKeys: (options) => table.getKeys(options),
    put: (key, value) => checked(table.put(key, value)),
    remove: (key, value) => checked(value === undefined ? table.remove(key) : table.remove(key, value)),
    putSync: (key, value) => table.putSync(key, value),
  };
}

async function checked(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    const cause = await causeOf(error);
    const full = cause instanceof Error && 'code' in cause && FULL.has(cause.code);
    throw new HarpError(full ? 'disk.full' : 'disk.failed', 'the state of the agent cannot be written', { cause });
  }
}

/** lmdb tells the cause of a failed commit by a second promise, which has to be listened to. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
