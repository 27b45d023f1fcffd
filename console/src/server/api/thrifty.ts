/** Costly reads that many ask for: what one paid for, the others may have. */
import { keyOf, type Places } from '../access/rights.ts';
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

/** Sets of places whose answers are kept; there are as many as there are kinds of scopes among those who ask at the same time. */
const MAX_KEPT = 50;

/** The same for a read that depends on the places of whoever asks. */
export function thriftyByPlaces<T>(read: (places: Places) => Promise<T>, clock: Clock): (places: Places) => Promise<T> {
  const reads = new Map<string, () => Promise<T>>();
  return (places) => {
    const key = keyOf(places);
    const kept = reads.get(key) ?? thrifty(() => read(places), clock);
    // Those asked for last stand last.
    reads.delete(key);
    reads.set(key, kept);
    if (reads.size > MAX_KEPT) reads.delete(reads.keys().next().value!);
    return kept();
  };
}
