import type { Clock, Logger } from './ports.ts';

/** No step of a start takes this long on a machine that is well. */
const SLOW_AFTER_MS = 10_000;

/** Passes on a step's outcome, and says in the log what it waits for when it takes long: whoever watches a start that hangs must know where to look. */
export type Step = <T>(what: string, work: Promise<T>) => Promise<T>;

export function createSteps({ clock, logger }: { clock: Clock; logger: Logger }): Step {
  return (what, work) => {
    const cancel = clock.after(SLOW_AFTER_MS, () => logger.warn({ step: what }, 'the start still waits for this step'));
    return work.finally(cancel);
  };
}
