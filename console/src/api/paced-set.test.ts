import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPacedSet } from './paced-set.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function harness() {
  const handed: string[][] = [];
  const set = createPacedSet<string>(1000, (items) => void handed.push([...items]));
  return { handed, set };
}

test('the first goes on at once, what follows together and no sooner than the pace', () => {
  const { handed, set } = harness();
  set.add(['a']);
  for (const item of ['b', 'c', 'b']) set.add([item]);
  expect(handed).toEqual([['a']]);
  vi.advanceTimersByTime(999);
  expect(handed).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(handed).toEqual([['a'], ['b', 'c']]);
  vi.advanceTimersByTime(5000);
  set.add(['d']);
  expect(handed.at(-1)).toEqual(['d']);
});

test('nothing is handed on after a stop', () => {
  const { handed, set } = harness();
  set.add(['a']);
  set.add(['b']);
  set.stop();
  vi.advanceTimersByTime(5000);
  expect(handed).toEqual([['a']]);
});
