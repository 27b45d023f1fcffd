/** Work that recurs. Each job runs on its own clock, never overlaps itself, and cannot stop another by failing. */
import type { Clock, Logger } from '../ports.ts';

export interface Job {
  name: string;
  everyMs: number;
  run(): Promise<void>;
}

export interface Scheduler {
  /** Begins no more runs and waits for those under way. */
  stop(): Promise<void>;
}

/** Runs every job once, soon, and then again `everyMs` after its last run ended. */
export function startJobs(jobs: readonly Job[], { clock, logger }: { clock: Clock; logger: Logger }): Scheduler {
  const underWay = new Set<Promise<void>>();
  const cancels = new Map<string, () => void>();
  let isStopped = false;

  const runOnce = async (job: Job): Promise<void> => {
    try {
      await job.run();
    } catch (error) {
      logger.warn({ job: job.name, err: error }, 'job failed; it runs again in its turn');
    }
  };

  const schedule = (job: Job, delayMs: number): void => {
    if (isStopped) return;
    const start = () => {
      const run = runOnce(job).finally(() => {
        underWay.delete(run);
        schedule(job, job.everyMs);
      });
      underWay.add(run);
    };
    cancels.set(job.name, clock.after(delayMs, start));
  };

  // One after the other a second apart, so that a restart does not start with every job at once.
  for (const [index, job] of jobs.entries()) schedule(job, index * 1_000);

  return {
    async stop() {
      isStopped = true;
      for (const cancel of cancels.values()) cancel();
      await Promise.all(underWay);
    },
  };
}
