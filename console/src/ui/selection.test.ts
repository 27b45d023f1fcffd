import { expect, test } from 'vitest';
import { menuTargets, noSelection, selectAll, selectOne, selectRange, toggleOne } from './selection.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const shown = ({ selected }: { selected: ReadonlySet<string> }) => [...selected].toSorted().join('');

test('a range goes from its anchor to either side, and shrinks again', () => {
  const start = selectOne('c');
  const down = selectRange(start, ids, 'e');
  expect(shown(down)).toBe('cde');
  expect(shown(selectRange(down, ids, 'd'))).toBe('cd');
  expect(shown(selectRange(down, ids, 'a'))).toBe('abc');
});

test('a range whose anchor is gone is its end alone', () => {
  expect(shown(selectRange(selectOne('z'), ids, 'b'))).toBe('b');
  expect(shown(selectRange(noSelection, ids, 'b'))).toBe('b');
});

test('single rows are added and taken away, and are where the next range starts', () => {
  const two = toggleOne(selectOne('a'), 'd');
  expect(shown(two)).toBe('ad');
  expect(shown(toggleOne(two, 'a'))).toBe('d');
  expect(shown(selectRange(two, ids, 'e'))).toBe('de');
});

test('everything shown can be selected', () => {
  expect(shown(selectAll(noSelection, ids))).toBe('abcde');
});

test('a menu is about the selection only when it is opened on it', () => {
  const selected = new Set(['b', 'd']);
  expect(menuTargets(selected, ids, 'd')).toEqual(['d', 'b']);
  expect(menuTargets(selected, ids, 'a')).toEqual(['a']);
});
