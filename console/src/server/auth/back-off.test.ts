import { HarpError } from '@harp/broker/protocol';
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

test('of a key that many share, a success takes back what its own have failed, and nothing else', async () => {
  const clock = fakeClock();
  const backOff = createBackOff({ ...rule, freeFailures: 10 }, clock);
  const tries = async (by: string, times: number) => {
    for (let i = 0; i < times; i++) await backOff.guard('k', fails, { by });
  };
  await tries('ada', 3);
  await tries('bob', 5);
  expect(await backOff.guard('k', succeeds, { by: 'ada' })).toBe('in');
  await tries('eve', 5);
  await expect(backOff.guard('k', succeeds, { by: 'ada' })).rejects.toMatchObject({ code: 'api.rate_limited' });
  await clock.advance(1000);
  // Who comes in and has failed nothing takes nothing back, and does not make the wait longer.
  expect(await backOff.guard('k', succeeds, { by: 'ada' })).toBe('in');
  expect(await backOff.guard('k', fails, { by: 'zoe' })).toBeUndefined();
  await expect(backOff.guard('k', succeeds, { by: 'zoe' })).rejects.toMatchObject({ facts: { retryAfterSeconds: 2 } });
});

test('however many of all kinds try, nobody gains what others have failed', async () => {
  const one = fc.record({ by: fc.constantFrom('a', 'b', 'c'), ends: fc.constantFrom('in', undefined) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 60 }), async (attempts) => {
      const backOff = createBackOff({ ...rule, freeFailures: 10 }, fakeClock());
      const failed = new Map<string, number>();
      for (const { by, ends } of attempts) {
        const sum = [...failed.values()].reduce((a, b) => a + b, 0);
        const tried = await backOff
          .guard('k', async () => ends, { by })
          .then(
            () => true,
            () => false,
          );
        expect(tried).toBe(sum < 10);
        if (tried) failed.set(by, ends === undefined ? (failed.get(by) ?? 0) + 1 : 0);
      }
    }),
  );
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

const locking = { freeFailures: 10, baseMs: 1000, capMs: 8000, lock: { failures: 10, ms: 900_000 } };
const overloaded = async () => {
  throw new HarpError('api.rate_limited', 'no time');
};

test.each([
  { tries: 9, locks: 0, after: 'in' },
  { tries: 10, locks: 1, after: 'locked after 10 failed attempts: try again in 15 min, or ask an owner to unlock it' },
])('after $tries failures a key is locked $locks times, whether they answered wrongly or threw', async (row) => {
  const backOff = createBackOff(locking, fakeClock());
  const locks: number[] = [];
  const throws = async () => {
    throw new Error('a wrong code');
  };
  for (let i = 0; i < row.tries; i++)
    await backOff
      .guard('k', i % 2 === 0 ? fails : throws, { onLock: async (untilMs) => void locks.push(untilMs) })
      .catch(() => {});
  expect(locks).toHaveLength(row.locks);
  expect(await backOff.guard('k', succeeds).catch((error: Error) => error.message)).toBe(row.after);
  expect(await backOff.guard('other', succeeds)).toBe('in');
});

test.each([
  { waitedMs: 899_999, outcome: 'api.rate_limited' },
  { waitedMs: 900_000, outcome: 'in' },
])('a lock ends by itself: after $waitedMs ms the answer is $outcome', async ({ waitedMs, outcome }) => {
  const clock = fakeClock();
  const backOff = createBackOff(locking, clock);
  for (let i = 0; i < 10; i++) await backOff.guard('k', fails);
  // Knocking on a locked door makes it no longer locked.
  await clock.advance(waitedMs / 2);
  await backOff.guard('k', fails).catch(() => {});
  await clock.advance(waitedMs / 2);
  expect(await backOff.guard('k', succeeds).catch((error: HarpError) => error.code)).toBe(outcome);
});

test('after a lock the count begins anew', async () => {
  const clock = fakeClock();
  const backOff = createBackOff(locking, clock);
  let locks = 0;
  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < 10; i++)
      await backOff.guard('k', fails, {
        onLock: async () => {
          locks += 1;
        },
      });
    expect(locks).toBe(round);
    await clock.advance(900_000);
  }
});

test('what was not tried for want of time is no failure', async () => {
  const backOff = createBackOff(locking, fakeClock());
  for (let i = 0; i < 50; i++) await expect(backOff.guard('k', overloaded)).rejects.toThrow('no time');
  expect(await backOff.guard('k', succeeds)).toBe('in');
});

test('whoever is forgiven may try at once', async () => {
  const backOff = createBackOff(locking, fakeClock());
  for (let i = 0; i < 10; i++) await backOff.guard('k', fails);
  backOff.forgive('k');
  expect(await backOff.guard('k', succeeds)).toBe('in');
});
