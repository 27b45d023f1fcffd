import type { Clock } from './ports.ts';

/**
 * Calls `run` at once, and however often it is asked for within `everyMs` after that, once more at the end of that time: for news of which only the last
 * counts, and which cost something to hear.
 */
export function gathered(everyMs: number, clock: Clock, run: () => void): () => void {
  let isQuiet = true;
  let isAsked = false;
  const call = (): void => {
    isQuiet = false;
    isAsked = false;
    run();
    clock.after(everyMs, () => {
      isQuiet = true;
      if (isAsked) call();
    });
  };
  return () => {
    if (isQuiet) call();
    else isAsked = true;
  };
}
