/** A clock that stands still until a test moves it. Sleepers wake in the order of their time. */
import type { Clock } from '../../src/ports.ts';

export interface FakeClock extends Clock {
  /** Moves time forward by `ms`, waking every sleeper on the way and letting what it started run before time moves on. */
  advance(ms: number): Promise<void>;
  /** How many sleeps are under way: a test that ends with more than it began with has leaked a loop. */
  readonly sleepers: number;
}

interface Sleeper {
  atMs: number;
  wake: () => void;
}

/** A clock that starts at `startMs` (UTC epoch, milliseconds). */
export function fakeClock(startMs = Date.UTC(2026, 10, 22)): FakeClock {
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();

  const next = (untilMs: number): Sleeper | undefined =>
    [...sleepers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];

  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    get sleepers() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const sleeper: Sleeper = { atMs: elapsedMs + Math.max(0, ms), wake: () => finish(resolve) };
        const abort = () => finish(() => reject(signal?.reason));
        const finish = (settle: () => void) => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', abort);
          settle();
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort);
      }),
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settled();
      for (let sleeper = next(untilMs); sleeper !== undefined; sleeper = next(untilMs)) {
        elapsedMs = Math.max(elapsedMs, sleeper.atMs);
        sleeper.wake();
        await settled();
      }
      elapsedMs = untilMs;
    },
  };
}

/** Lets promises and immediates that are ready run: real time does not pass. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
