import type { Clock } from '../cloud/clock.ts';

/** A clock that stands still except when someone sleeps: then it jumps at once to the end of that sleep. */
export function instantClock(startMs = 0): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      nowMs += ms;
    },
    advance(ms) {
      nowMs += ms;
    },
  };
}
