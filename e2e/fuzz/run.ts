/** Generates inputs and hands them to those who send them. */
import fc from 'fast-check';
import { HANG_MS } from './tally.ts';

/** Inputs made at one time: a whole run of large ones would fill the memory that is measured. */
const BATCH = 500;

export interface Run {
  /** How many inputs each entrance gets. */
  inputs: number;
  /** The same seed makes the same inputs. */
  seed: number;
}

/** The seed of `HARP_FUZZ_SEED`, to send what was sent before; otherwise a new one. */
export function seedOfRun(): number {
  const wished = process.env.HARP_FUZZ_SEED;
  if (wished === undefined) return Date.now() % 1_000_000_000;
  const seed = Number(wished);
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`HARP_FUZZ_SEED is no seed: ${wished}`);
  return seed;
}

/** Sends every input to the next sender that is free. A sender has what it needs for one input at a time, such as a connection. */
export async function sendAll<T>(
  { inputs, seed }: Run,
  arbitrary: fc.Arbitrary<T>,
  senders: readonly ((input: T, index: number) => Promise<void>)[],
): Promise<void> {
  for (let first = 0; first < inputs; first += BATCH) {
    const batch = fc.sample(arbitrary, { seed: seed + first, numRuns: Math.min(BATCH, inputs - first) });
    let next = 0;
    await Promise.all(
      senders.map(async (send) => {
        while (next < batch.length) {
          const index = next++;
          await send(batch[index]!, first + index);
        }
      }),
    );
  }
}

/** What `promise` resolves to; undefined if it takes longer than anything may. */
export async function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANG_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

let addresses = 0;

/**
 * Another address of this machine at each call, so that limits per address do not answer in the place of what is tested. Undefined where there is only
 * one.
 */
export function nextAddress(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  addresses += 1;
  return `127.${1 + ((addresses >> 16) & 127)}.${(addresses >> 8) & 255}.${1 + (addresses % 250)}`;
}
