import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { createBackOff } from './back-off.ts';

const rule = { freeFailures: 3, baseMs: 1000, capMs: 8000 };
const fails = async () => undefined;
const succeeds = async () => 'in';

test('waits double from the first failure that costs, up to the cap', async () => {
  const clock = fakeClock();
  const backOff = createBackOff(rule, clock);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const refused = await backOff.guard('k', fails).then(
      () => 0,
      (error) => error.facts.retryAfterSeconds as number,
    );
    waits.push(refused);
    if (refused > 0) {
      await clock.advance(refused * 1000);
      await backOff.guard('k', fails);
    }
  }
  expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 8]);
});

test('a success clears the key; another key never waited', async () => {
  const clock = fakeClock();
  const backOff = createBackOff(rule, clock);
  for (let i = 0; i < 3; i++) await backOff.guard('k', fails);
  await expect(backOff.guard('k', succeeds)).rejects.toMatchObject({ code: 'api.rate_limited' });
  expect(await backOff.guard('other', succeeds)).toBe('in');
  await clock.advance(1000);
  expect(await backOff.guard('k', succeeds)).toBe('in');
  for (let i = 0; i < 3; i++) expect(await backOff.guard('k', fails)).toBeUndefined();
});

test('a key that has been quiet for twice the cap is forgotten', async () => {
  const clock = fakeClock();
  const backOff = createBackOff(rule, clock);
  for (let i = 0; i < 3; i++) await backOff.guard('k', fails);
  await clock.advance(2 * rule.capMs);
  for (let i = 0; i < 3; i++) expect(await backOff.guard('k', fails)).toBeUndefined();
});

test('attempts in parallel gain nothing: never more than the free ones run at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (count) => {
      const backOff = createBackOff(rule, fakeClock());
      let ran = 0;
      await Promise.allSettled(
        Array.from({ length: count }, () =>
          backOff.guard('k', async () => {
            ran++;
            return undefined;
          }),
        ),
      );
      expect(ran).toBe(Math.min(count, rule.freeFailures));
    }),
  );
});
