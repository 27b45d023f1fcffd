import { expect, test } from 'vitest';
import { fakeClock } from '../test/fakes/fake-clock.ts';
import { createWake, slept } from './wake.ts';

const signal = new AbortController().signal;

test('a wait ends when its time comes, and not before', async () => {
  const clock = fakeClock();
  let ended = false;
  const waiting = createWake(clock)
    .wait(1_000, signal)
    .then((going) => {
      ended = going;
    });
  await clock.advance(999);
  expect(ended).toBe(false);
  await clock.advance(1);
  await waiting;
  expect(ended).toBe(true);
});

test('news end a wait at once, also when they came before it', async () => {
  const clock = fakeClock();
  const wake = createWake(clock);
  const waiting = wake.wait(1_000, signal);
  wake.notify();
  expect(await waiting).toBe(true);
  wake.notify();
  wake.notify();
  expect(await wake.wait(1_000, signal)).toBe(true);
  expect(clock.sleepers).toBe(0);
});

test('an abort ends waits and sleeps with false', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const waiting = createWake(clock).wait(Number.POSITIVE_INFINITY, stop.signal);
  const sleeping = slept(clock, 1_000, stop.signal);
  stop.abort();
  expect(await waiting).toBe(false);
  expect(await sleeping).toBe(false);
  expect(await createWake(clock).wait(0, stop.signal)).toBe(false);
  expect(clock.sleepers).toBe(0);
});
