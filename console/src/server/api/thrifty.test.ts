import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { thrifty } from './thrifty.ts';

/** A read that takes `costMs` and says how often it was made. */
function harness(costMs: number) {
  const clock = fakeClock();
  let reads = 0;
  const read = thrifty(async () => {
    const number = ++reads;
    await new Promise<void>((resolve) => clock.after(costMs, resolve));
    return number;
  }, clock);
  return { clock, read };
}

test('whoever asks while a read is under way gets its answer', async () => {
  const { clock, read } = harness(500);
  const answers = Promise.all([read(), read()]);
  await clock.advance(400);
  const late = read();
  await clock.advance(100);
  expect([await answers, await late]).toEqual([[1, 1], 1]);
});

test('an answer stays fresh for as long as keeps the database at a twentieth of its time', async () => {
  const { clock, read } = harness(500);
  void read();
  await clock.advance(500);
  await clock.advance(9999);
  expect(await read()).toBe(1);
  await clock.advance(1);
  const next = read();
  await clock.advance(500);
  expect(await next).toBe(2);
});

test('a cheap read is made each time', async () => {
  const { read } = harness(0);
  const clockless = [read(), read()];
  expect(clockless).toHaveLength(2);
});

test('a failure is not kept', async () => {
  let fail = true;
  const read = thrifty(async () => {
    if (fail) throw new Error('no');
    return 'yes';
  }, fakeClock());
  await expect(read()).rejects.toThrow('no');
  fail = false;
  expect(await read()).toBe('yes');
});
