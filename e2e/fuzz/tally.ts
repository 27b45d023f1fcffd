/** What came of the inputs at one entrance, and what must not have come of them. */

/** Nothing may keep its sender waiting longer than this. */
export const HANG_MS = 5_000;
/** Faults that are kept word for word; all are counted. */
const KEPT = 20;

export interface Fault {
  /** With the seed it makes the input again. */
  index: number;
  why: string;
  /** The beginning of the input. */
  input: string;
}

export interface Tally {
  readonly entrance: string;
  readonly inputs: number;
  /** How many inputs ended how: a status, `closed`, `refused` … */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly worstMs: number;
  /** The beginning of the input that took it. */
  readonly worst: string;
  /** For all of them. */
  readonly seconds: number;
  readonly faultCount: number;
  readonly faults: readonly Fault[];
}

export interface Counter {
  /** How one input ended. */
  ended(outcome: string, tookMs: number, input: string | Uint8Array): void;
  /** One input did what no input may. */
  fault(index: number, why: string, input: string | Uint8Array): void;
  tally(): Tally;
}

/** Counts for one entrance, from now on. */
export function createCounter(entrance: string): Counter {
  const startedAt = performance.now();
  const outcomes: Record<string, number> = {};
  const faults: Fault[] = [];
  let inputs = 0;
  let worstMs = 0;
  let worst = '';
  let faultCount = 0;
  return {
    ended(outcome, tookMs, input) {
      inputs += 1;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (tookMs <= worstMs) return;
      worstMs = tookMs;
      worst = shown(input, 100);
    },
    fault(index, why, input) {
      faultCount += 1;
      if (faults.length < KEPT) faults.push({ index, why, input: shown(input, 600) });
    },
    tally: () => ({
      entrance,
      inputs,
      outcomes,
      worstMs: Math.round(worstMs),
      worst,
      seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)),
      faultCount,
      faults,
    }),
  };
}

function shown(input: string | Uint8Array, length: number): string {
  const text = typeof input === 'string' ? input : Buffer.from(input.subarray(0, length)).toString('latin1');
  return JSON.stringify(text.slice(0, length));
}
