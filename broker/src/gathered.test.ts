import { expect, test } from 'vitest';
import { fakeClock } from '../test/fake-clock.ts';
import { gathered } from './gathered.ts';

test('the first is told at once, what follows soon after in one, and the last is never lost', async () => {
  const clock = fakeClock();
  let calls = 0;
  const tell = gathered(500, clock, () => {
    calls += 1;
  });
  tell();
  expect(calls).toBe(1);
  for (let more = 0; more < 10; more++) tell();
  await clock.advance(499);
  expect(calls).toBe(1);
  await clock.advance(1);
  expect(calls).toBe(2);
  tell();
  await clock.advance(500);
  expect(calls).toBe(3);
  await clock.advance(5000);
  tell();
  expect(calls).toBe(4);
});
