/** Chooses where a check computes: in a worker, or in the page when the browser gives none. */
import type { Checker } from './checker.ts';
import { type Answer, checkerIn } from './worker-protocol.ts';

/** A worker whose code has not arrived by then is taken for one that never will. */
const READY_WITHIN_MS = 10_000;
/** About 10 ms of work: the page answers in between. */
const PAUSE_EVERY_ENTRIES = 100;
/** Written out in one go, so few enough that the page does not stand still. */
const SNAPSHOT_MAX_FILES = 5_000;

/** A checker to use once. Never fails: without a worker the page computes, in small pieces. */
export async function startChecker(signal: AbortSignal): Promise<Checker> {
  const worker = await startWorker(signal);
  if (worker !== undefined) return checkerIn(worker);
  // Fetched only now: with a worker the page never needs the protocol's code.
  const [{ createChecker }, { proveByWebCrypto }] = await Promise.all([
    import('./checker.ts'),
    import('../../../api/signature.ts'),
  ]);
  return createChecker({
    prove: proveByWebCrypto,
    snapshotMaxFiles: SNAPSHOT_MAX_FILES,
    pauseEvery: PAUSE_EVERY_ENTRIES,
    pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
}

function startWorker(signal: AbortSignal): Promise<Worker | undefined> {
  let worker: Worker;
  try {
    worker = new Worker(new URL('./verify.worker.ts', import.meta.url), { type: 'module' });
  } catch {
    // No workers here, or the page's policy forbids them.
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const settle = (result: Worker | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (result === undefined) worker.terminate();
      resolve(result);
    };
    const abort = () => settle(undefined);
    const timer = setTimeout(() => settle(undefined), READY_WITHIN_MS);
    signal.addEventListener('abort', abort);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind === 'ready') settle(worker);
    };
    worker.onerror = () => settle(undefined);
  });
}
