import { createHash } from 'node:crypto';

/** First pause, milliseconds: most troubles of a disk or line that pass at all pass at once. */
const FIRST_MS = 1000;
/** Longest pause, milliseconds: how long a PC may be behind after the trouble has passed. */
const LONGEST_MS = 30_000;

/**
 * How long to wait before attempt number `attempt` (1 = the first repetition), milliseconds. Doubles up to 30 s; 25 % more or less by `seed`, so that
 * the agents of an office do not all come back in the same moment.
 */
export function backOffMs(attempt: number, seed: string): number {
  const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  const spread = createHash('sha256').update(`${seed}\n${attempt}`).digest().readUInt16BE(0) / 0xffff;
  return Math.round(pause * (0.75 + spread / 2));
}
