/** A clock that stands still until a test moves it. */
import type { Clock } from '../ports.ts';

export interface FakeClock extends Clock {
  /** Moves time on and makes the calls that fall due, in order; then lets promises that those calls settled run. */
  advance(ms: number): Promise<void>;
}

/** A clock that starts at 2026-11-22 12:00 UTC. */
export function fakeClock(startMs = Date.UTC(2026, 10, 22, 12)): FakeClock {
  let now = startMs;
  const calls = new Set<{ atMs: number; run: () => void }>();
  return {
    nowMs: () => now,
    after(delayMs, run) {
      const call = { atMs: now + delayMs, run };
      calls.add(call);
      return () => calls.delete(call);
    },
    async advance(ms) {
      const endMs = now + ms;
      for (;;) {
        const next = [...calls].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        calls.delete(next);
        now = Math.max(now, next.atMs);
        next.run();
        await settled();
      }
      now = endMs;
      await settled();
    },
  };
}

/** Resolves after everything that promises have queued so far. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
