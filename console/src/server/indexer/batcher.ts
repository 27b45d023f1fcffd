/** Gathers changes into appends: large enough to be cheap, small and early enough that agents start while a large folder is still being read. */
import type { Change } from '../content/changes.ts';
import type { Clock } from '../ports.ts';

export interface Batcher {
  /** Queues a change; resolves when it is committed. Order is kept. After a failed append everything queued fails with the same error. */
  add(change: Change): Promise<void>;
  /** Commits what is queued now; resolves when that is done. Rejects if an append has failed. */
  flush(): Promise<void>;
}

export interface BatchLimits {
  maxChanges: number;
  /** Manifest bytes of one append. */
  maxBytes: number;
  /** Milliseconds a change may wait for others. */
  maxWaitMs: number;
}

interface Waiting {
  change: Change;
  resolve(): void;
  reject(error: unknown): void;
}

export function createBatcher(deps: {
  append(changes: Change[]): Promise<unknown>;
  clock: Pick<Clock, 'after'>;
  limits: BatchLimits;
}): Batcher {
  const { append, clock, limits } = deps;
  const queue: Waiting[] = [];
  let queuedBytes = 0;
  let cancelTimer: (() => void) | undefined;
  let committing: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | undefined;

  const commit = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    committing = committing.then(async () => {
      while (queue.length > 0) {
        const batch = takeBatch();
        if (failure !== undefined) {
          for (const { reject } of batch) reject(failure.error);
          continue;
        }
        try {
          await append(batch.map(({ change }) => change));
          for (const { resolve } of batch) resolve();
        } catch (error) {
          failure = { error };
          for (const { reject } of batch) reject(error);
        }
      }
    });
    return committing;
  };

  const takeBatch = (): Waiting[] => {
    let count = 0;
    let bytes = 0;
    while (count < queue.length && count < limits.maxChanges) {
      bytes += bytesOf(queue[count]!.change);
      if (count > 0 && bytes > limits.maxBytes) break;
      count += 1;
    }
    const batch = queue.splice(0, count);
    for (const { change } of batch) queuedBytes -= bytesOf(change);
    return batch;
  };

  return {
    add(change) {
      return new Promise<void>((resolve, reject) => {
        queue.push({ change, resolve, reject });
        queuedBytes += bytesOf(change);
        if (queue.length >= limits.maxChanges || queuedBytes >= limits.maxBytes) void commit();
        else cancelTimer ??= clock.after(limits.maxWaitMs, () => void commit());
      });
    },
    async flush() {
      await commit();
      if (failure !== undefined) throw failure.error;
    },
  };
}

function bytesOf(change: Change): number {
  return change.op === 'put' ? (change.content.manifestBytes?.length ?? 0) : 0;
}
