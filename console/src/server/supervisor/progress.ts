/** Says what is going on when it takes long: a person at a terminal should never wonder whether something hangs. */
import type { Clock } from '../ports.ts';

/** Longer than this without a word feels stuck. */
const FIRST_WORD_MS = 2000;
const NEXT_WORD_MS = 5000;

/** Runs `work`; if it takes more than two seconds, says so, and again every five. */
export async function withProgress<T>(
  what: string,
  work: Promise<T>,
  { clock, say }: { clock: Clock; say(line: string): void },
): Promise<T> {
  const startedAtMs = clock.nowMs();
  let cancel: () => void;
  const speak = () => {
    say(`${what} … ${Math.round((clock.nowMs() - startedAtMs) / 1000)} s`);
    cancel = clock.after(NEXT_WORD_MS, speak);
  };
  cancel = clock.after(FIRST_WORD_MS, speak);
  try {
    return await work;
  } finally {
    cancel();
  }
}
