import type { Clock, Logger } from '../ports.ts';

/** Items go to the database together: after this long, or when this many wait. */
export const FLUSH_EVERY_MS = 200;
export const BATCH_ITEMS = 500;

/** Payload bytes in one batch, so that one transaction stays short. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Waits between attempts while the database is away. */
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;

/** Collects items and saves them in batches, one batch at a time, in order. */
export interface Batcher<T> {
  /** `bytes`: the payload's size, which stands for the memory the item takes. */
  add(item: T, bytes: number): void;
  /** Takes no more items and saves what waits, or gives up at the first batch for which the database is away. */
  close(): Promise<void>;
}

export interface BatcherOptions<T> {
  name: string;
  /** Saves items in one transaction; all or none. */
  save(items: readonly T[]): Promise<void>;
  /** Whether a failed save is the items' fault, so that it would fail again. */
  isRefusal(error: unknown): boolean;
  /** Items with the same key become one, in the newer one's place. */
  merge?: { keyOf(item: T): string; join(older: T, newer: T): T };
  /** Payload bytes that may wait; beyond, the oldest items are dropped. */
  maxBytes: number;
  clock: Clock;
  logger: Logger;
}

interface Entry<T> {
  item: T;
  bytes: number;
}

/** A batcher that outlives database failures: it keeps a bounded queue while the database is away, and drops single items that it refuses. */
export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { name, save, isRefusal, merge, maxBytes, clock, logger } = options;
  const queue = new Map<string | symbol, Entry<T>>();
  let queuedBytes = 0;
  let dropped = 0;
  let failures = 0;
  let isClosed = false;
  let saving: Promise<boolean> | undefined;
  let cancelTimer: (() => void) | undefined;

  const remove = (key: string | symbol): Entry<T> | undefined => {
    const entry = queue.get(key);
    if (entry !== undefined) {
      queue.delete(key);
      queuedBytes -= entry.bytes;
    }
    return entry;
  };

  const put = (key: string | symbol, entry: Entry<T>): void => {
    queue.set(key, entry);
    queuedBytes += entry.bytes;
  };

  const nextBatch = (): [string | symbol, Entry<T>][] => {
    const batch: [string | symbol, Entry<T>][] = [];
    let bytes = 0;
    for (const pair of queue) {
      if (batch.length >= BATCH_ITEMS || (batch.length > 0 && bytes + pair[1].bytes > BATCH_BYTES)) break;
      batch.push(pair);
      bytes += pair[1].bytes;
    }
    return batch;
  };

  /** Saves items, or finds those that the database refuses by halves and drops them; false if it failed for any other reason. */
  const saveOrDrop = async (items: readonly T[]): Promise<boolean> => {
    try {
      await save(items);
      return true;
    } catch (error) {
      if (!isRefusal(error)) {
        if (failures === 0) logger.warn({ batch: name, err: error }, 'cannot save; what arrives is kept for later');
        return false;
      }
      if (items.length === 1) {
        logger.error({ batch: name, err: error }, 'the database refuses an item; it is dropped');
        return true;
      }
      const middle = items.length >> 1;
      return (await saveOrDrop(items.slice(0, middle))) && (await saveOrDrop(items.slice(middle)));
    }
  };

  const saveNext = async (): Promise<boolean> => {
    const batch = nextBatch();
    for (const [key] of batch) remove(key);
    const isSaved = await saveOrDrop(batch.map(([, { item }]) => item));
    if (isSaved) {
      if (failures > 0) logger.info({ batch: name, dropped }, 'saving again');
      failures = 0;
      dropped = 0;
      return true;
    }
    failures += 1;
    putBack(batch);
    return false;
  };

  /** To the front of the queue again, under what has arrived since. Saving twice is harmless: every save is idempotent. */
  const putBack = (batch: [string | symbol, Entry<T>][]): void => {
    const since = [...queue];
    queue.clear();
    queuedBytes = 0;
    for (const [key, entry] of batch) put(key, entry);
    for (const [key, { item, bytes }] of since) insert(key, item, bytes);
    trim();
  };

  const insert = (key: string | symbol, item: T, bytes: number): void => {
    const older = remove(key);
    put(key, { item: older === undefined || merge === undefined ? item : merge.join(older.item, item), bytes });
  };

  const trim = (): void => {
    for (const key of queue.keys()) {
      if (queuedBytes <= maxBytes) break;
      remove(key);
      dropped += 1;
    }
  };

  const run = async (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (saving !== undefined || queue.size === 0 || isClosed) return;
    saving = saveNext();
    const isSaved = await saving;
    saving = undefined;
    if (queue.size === 0 || cancelTimer !== undefined || isClosed) return;
    const isFull = queue.size >= BATCH_ITEMS || queuedBytes >= BATCH_BYTES;
    schedule(isSaved ? (isFull ? 0 : FLUSH_EVERY_MS) : RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]!);
  };

  const schedule = (delayMs: number): void => {
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined;
      run();
    });
  };

  return {
    add(item, bytes) {
      if (isClosed) return;
      insert(merge === undefined ? Symbol() : merge.keyOf(item), item, bytes);
      trim();
      if (saving !== undefined || failures > 0) return;
      if (queue.size >= BATCH_ITEMS || queuedBytes >= BATCH_BYTES) run();
      else if (cancelTimer === undefined) schedule(FLUSH_EVERY_MS);
    },
    async close() {
      isClosed = true;
      cancelTimer?.();
      await saving;
      while (queue.size > 0 && (await saveNext()));
    },
  };
}
