import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { createPending, PENDING_MS } from './pending.ts';

test('what was begun is taken once, with its secret, in time', async () => {
  const clock = fakeClock();
  const pending = createPending<string>(clock);
  pending.put('a', '10.0.0.1', 'x');
  expect([pending.take('b'), pending.take('a'), pending.take('a')]).toEqual([undefined, 'x', undefined]);
  pending.put('a', '10.0.0.1', 'x');
  await clock.advance(PENDING_MS - 1);
  pending.put('b', '10.0.0.1', 'y');
  await clock.advance(1);
  expect([pending.take('a'), pending.take('b')]).toEqual([undefined, 'y']);
});

test('beginning anew replaces what was begun', () => {
  const pending = createPending<number>(fakeClock());
  pending.put('a', '10.0.0.1', 1);
  pending.put('a', '10.0.0.1', 2);
  expect([pending.take('a'), pending.take('a')]).toEqual([2, undefined]);
});

test('whoever begins without end takes room from themselves, not from others', () => {
  const pending = createPending<number>(fakeClock());
  pending.put('mine', '10.0.0.1', 1);
  for (let i = 0; i < 500; i++) pending.put(`theirs ${i}`, '10.6.6.6', i);
  expect(pending.take('mine')).toBe(1);
  const left = Array.from({ length: 500 }, (_, i) => pending.take(`theirs ${i}`)).filter((each) => each !== undefined);
  expect(left).toEqual(Array.from({ length: 100 }, (_, i) => 400 + i));
});

test('is bounded, whoever begins', () => {
  const pending = createPending<number>(fakeClock());
  for (let i = 0; i < 10_050; i++) pending.put(`${i}`, `10.${i >> 8}.${i & 255}.1`, i);
  const left = Array.from({ length: 10_050 }, (_, i) => pending.take(`${i}`)).filter((each) => each !== undefined);
  expect(left).toHaveLength(10_000);
  expect(left[0]).toBe(50);
});
