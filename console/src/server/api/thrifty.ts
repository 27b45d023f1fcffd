/** Costly reads that many ask for: what one paid for, the others may have. */
import type { Clock } from '../ports.ts';

/** The database spends at most this share of its time on one such read: an answer that took 5 ms is fresh for 0.1 s, one of 500 ms for 10 s. */
const SHARE = 0.05;

/** A read whose answer is shared by all who ask while it is under way, and for a while after that depends on what it cost. */
export function thrifty<T>(read: () => Promise<T>, clock: Clock): () => Promise<T> {
  let current: Promise<T> | undefined;
  let freshUntilMs = Number.POSITIVE_INFINITY;
  return () => {
    if (current !== undefined && clock.nowMs() < freshUntilMs) return current;
    const startedAtMs = clock.nowMs();
    freshUntilMs = Number.POSITIVE_INFINITY;
    const reading = read();
    current = reading;
    reading.then(
      () => {
        const endedAtMs = clock.nowMs();
        freshUntilMs = endedAtMs + (endedAtMs - startedAtMs) / SHARE;
      },
      () => {
        current = undefined;
      },
    );
    return reading;
  };
}
