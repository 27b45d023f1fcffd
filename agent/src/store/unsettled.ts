/**
 * Values on their way into a table: lmdb shows a value only after its transaction, some milliseconds to some tens later on a busy disk. With these in
 * between, readers of this process see every write at once, and only who needs it durable has to wait.
 */
export interface Unsettled<K, V> {
  /** The value last written for `key`, if it is not in the table yet; `{ value: undefined }` if it was removed. */
  get(key: K): { value: V | undefined } | undefined;
  /** Notes a write; returns `committed`. */
  note(key: K, value: V | undefined, committed: Promise<unknown>): Promise<unknown>;
}

export function createUnsettled<K, V>(): Unsettled<K, V> {
  const values = new Map<K, { value: V | undefined }>();
  return {
    get: (key) => values.get(key),
    async note(key, value, committed) {
      const noted = { value };
      values.set(key, noted);
      try {
        return await committed;
      } finally {
        if (values.get(key) === noted) values.delete(key);
      }
    },
  };
}
