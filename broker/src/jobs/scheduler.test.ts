import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import { memoryLogger } from '../../test/silent-logger.ts';
import { type Job, startJobs } from './scheduler.ts';

const start = (...jobs: Job[]) => {
  const clock = fakeClock();
  const logger = memoryLogger();
  return { clock, logger, scheduler: startJobs(jobs, { clock, logger }) };
};

describe('startJobs', () => {
  test('runs a job at the start and then at its pace', async () => {
    let runs = 0;
    const { clock, scheduler } = start({ name: 'count', everyMs: 60_000, run: async () => void runs++ });
    await clock.advance(0);
    expect(runs).toBe(1);
    await clock.advance(180_000);
    expect(runs).toBe(4);
    await scheduler.stop();
  });

  test('a job that fails runs again in its turn and stops no other', async () => {
    let [failed, runs] = [0, 0];
    const { clock, logger, scheduler } = start(
      {
        name: 'broken',
        everyMs: 1_000,
        run: async () => {
          failed += 1;
          throw new Error('no');
        },
      },
      { name: 'sound', everyMs: 1_000, run: async () => void runs++ },
    );
    await clock.advance(10_000);
    expect(failed).toBe(11);
    expect(runs).toBe(10);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', facts: { job: 'broken' } });
    await scheduler.stop();
  });

  test('a job never overlaps itself, and stop waits for it', async () => {
    const { promise, resolve } = withResolver();
    let runs = 0;
    const { clock, scheduler } = start({
      name: 'slow',
      everyMs: 1_000,
      run: async () => {
        runs += 1;
        await promise;
      },
    });
    await clock.advance(10_000);
    expect(runs).toBe(1);
    let isStopped = false;
    const stopping = scheduler.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(0);
    expect(isStopped).toBe(false);
    resolve();
    await stopping;
    await clock.advance(10_000);
    expect(runs).toBe(1);
  });
});

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
