import type { Clock } from '../src/ports.ts';

/** A clock that stands still until told. `advance` runs what falls due, in order, and lets promises in between settle. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
}

interface Call {
  atMs: number;
  run: () => void;
}

export function fakeClock(startMs = Date.UTC(2026, 10, 22, 12)): FakeClock {
  let nowMs = startMs;
  const calls = new Set<Call>();
  const next = (untilMs: number): Call | undefined =>
    [...calls].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];

  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const call = { atMs: nowMs + delayMs, run };
      calls.add(call);
      return () => calls.delete(call);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settled();
      for (let call = next(untilMs); call !== undefined; call = next(untilMs)) {
        calls.delete(call);
        nowMs = Math.max(nowMs, call.atMs);
        call.run();
        await settled();
      }
      nowMs = untilMs;
      await settled();
    },
  };
}

/** Lets every promise and immediate that is ready now run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
