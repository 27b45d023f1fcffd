import { expect, test } from 'vitest';
import { neighbour, othersOf, rememberClosed, rightOf, stepFrom } from './tab-order.ts';

const tabs = ['a', 'b', 'c'];

test('steps go round the end', () => {
  expect(stepFrom(tabs, 'c', 1)).toBe('a');
  expect(stepFrom(tabs, 'a', -1)).toBe('c');
});

test('without an active tab, steps begin at an end', () => {
  expect(stepFrom(tabs, undefined, 1)).toBe('a');
  expect(stepFrom(tabs, 'gone', -1)).toBe('c');
  expect(stepFrom([], 'a', 1)).toBeUndefined();
});

test('others and those to the right', () => {
  expect(othersOf(tabs, 'b')).toEqual(['a', 'c']);
  expect(rightOf(tabs, 'a')).toEqual(['b', 'c']);
  expect(rightOf(tabs, 'gone')).toEqual([]);
});

test('beyond the last group there is none', () => {
  expect(neighbour(tabs, 'a', 'right')).toBe('b');
  expect(neighbour(tabs, 'a', 'left')).toBeUndefined();
  expect(neighbour(tabs, 'c', 'right')).toBeUndefined();
  expect(neighbour(tabs, undefined, 'right')).toBeUndefined();
});

test('closed editors come back last first, each once, and not without end', () => {
  const id = (each: string) => each;
  const closed = ['a', 'b', 'a', 'c'].reduce<readonly string[]>((all, each) => rememberClosed(all, each, id, 2), []);
  expect(closed).toEqual(['c', 'a']);
});
