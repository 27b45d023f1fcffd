/** The indexer's worker threads: started when there is work, spread evenly, replaced when one dies. */
import { Worker } from 'node:worker_threads';
import { HarpError } from '@harp/broker/protocol';
import type { Logger } from '../ports.ts';
import type { CutPiece } from './cut-file.ts';
import type { FromWorker, ReadOrder, ToWorker } from './worker-messages.ts';

export interface WorkerPool {
  /**
   * Reads and cuts a file version in a thread; `onCut` gets the records piece by piece, in order.
   *
   * @throws {HarpError} what reading fails with; `internal.unexpected` if the thread died; the signal's reason if aborted.
   */
  cut(
    order: Omit<ReadOrder, 'kind' | 'job'>,
    onCut: (piece: Pick<CutPiece, 'offset'> & { records: Uint8Array }) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Ends all threads; what they were doing fails. */
  close(): Promise<void>;
}

interface Job {
  onCut: (piece: { records: Uint8Array; offset: number }) => void;
  resolve(): void;
  reject(error: unknown): void;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Job>;
}

/** A pool of at most `size` threads that run `entry`. */
export function createWorkerPool(options: { entry: URL | string; size: number; logger: Logger }): WorkerPool {
  const { entry, size, logger } = options;
  const threads = new Set<Thread>();
  let lastJob = 0;
  let closed = false;

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(entry, { name: 'harp-indexer' }), jobs: new Map() };
    threads.add(thread);
    thread.worker.on('message', (message: FromWorker) => hear(thread, message));
    thread.worker.on('error', (error) => logger.error({ error }, 'an indexer thread failed'));
    thread.worker.once('exit', () => {
      threads.delete(thread);
      const gone = new HarpError('internal.unexpected', 'an indexer thread ended while it read a file');
      for (const job of thread.jobs.values()) job.reject(gone);
    });
    return thread;
  };

  const idlest = (): Thread => {
    const [first] = [...threads].sort((a, b) => a.jobs.size - b.jobs.size);
    return first === undefined || (first.jobs.size > 0 && threads.size < size) ? start() : first;
  };

  return {
    async cut(order, onCut, signal) {
      if (closed) throw new HarpError('internal.unexpected', 'the indexer has stopped');
      signal.throwIfAborted();
      const thread = idlest();
      lastJob += 1;
      const job = lastJob;
      const cancel = () => thread.worker.postMessage({ kind: 'cancel', job } satisfies ToWorker);
      try {
        await new Promise<void>((resolve, reject) => {
          thread.jobs.set(job, { onCut, resolve, reject });
          signal.addEventListener('abort', cancel, { once: true });
          thread.worker.postMessage({ kind: 'read', job, ...order } satisfies ToWorker);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', cancel);
        thread.jobs.delete(job);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function hear(thread: Thread, message: FromWorker): void {
  const job = thread.jobs.get(message.job);
  if (job === undefined) return;
  switch (message.kind) {
    case 'cut':
      job.onCut({ records: message.records, offset: message.offset });
      return;
    case 'done':
      job.resolve();
      return;
    case 'failed':
      job.reject(new HarpError(message.code, message.message, { facts: message.facts }));
      return;
  }
}
