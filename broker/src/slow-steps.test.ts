import { expect, test } from 'vitest';
import { fakeClock } from '../test/fake-clock.ts';
import { memoryLogger } from '../test/silent-logger.ts';
import { createSteps } from './slow-steps.ts';

test('a step that takes long is named in the log, and its outcome passed on', async () => {
  const clock = fakeClock();
  const logger = memoryLogger();
  const step = createSteps({ clock, logger });
  let resolve = (_: number) => {};
  const promise = new Promise<number>((done) => {
    resolve = done;
  });
  const outcome = step('the database', promise);
  await clock.advance(9_999);
  expect(logger.lines).toEqual([]);
  await clock.advance(1);
  expect(logger.lines).toMatchObject([{ level: 'warn', facts: { step: 'the database' } }]);
  resolve(7);
  expect(await outcome).toBe(7);
});

test('a step that ends in time, well or not, says nothing', async () => {
  const clock = fakeClock();
  const logger = memoryLogger();
  const step = createSteps({ clock, logger });
  await step('one', Promise.resolve());
  await expect(step('two', Promise.reject(new Error('no')))).rejects.toThrow('no');
  await clock.advance(60_000);
  expect(logger.lines).toEqual([]);
});
