import type { Clock } from './ports.ts';

/** Lets one loop sleep until its time comes or somebody has news for it. */
export interface Wake {
  /** Ends the present or the next `wait` at once. */
  notify(): void;
  /** Resolves after `ms` or at `notify`, with false once `signal` has aborted. One caller at a time. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** Loops look around at least this often; timers would overflow at 24 days. */
const WAIT_MAX_MS = 3_600_000;

/** A wake on `clock`. */
export function createWake(clock: Clock): Wake {
  let rung = false;
  let ring: AbortController | undefined;
  return {
    notify() {
      rung = true;
      ring?.abort('ring');
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted && ms > 0) {
        ring = new AbortController();
        const either = AbortSignal.any([ring.signal, signal]);
        await slept(clock, Math.min(ms, WAIT_MAX_MS), either);
        ring = undefined;
      }
      rung = false;
      return !signal.aborted;
    },
  };
}

/** Sleeps `ms`; false as soon as `signal` aborts, so that loops end by their condition and not by an exception. */
export async function slept(clock: Pick<Clock, 'sleep'>, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
