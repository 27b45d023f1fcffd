import { expect, test } from 'vitest';
import { chordsOf } from './KeyHint.tsx';
import { rovingTarget } from './roving.ts';
import { worstTone } from './tone.ts';
import { rangeWith } from './virtual-range.ts';

test.each([
  {
    keys: 'Ctrl+K Ctrl+T',
    chords: [
      ['Ctrl', 'K'],
      ['Ctrl', 'T'],
    ],
  },
  { keys: 'F1', chords: [['F1']] },
  { keys: 'Ctrl++', chords: [['Ctrl', '+']] },
  { keys: '', chords: [] },
])('$keys', ({ keys, chords }) => {
  expect(chordsOf(keys)).toEqual(chords);
});

test('arrows go around a row of controls, the other way in right-to-left text', () => {
  expect(rovingTarget('ArrowRight', 2, 3, false)).toBe(0);
  expect(rovingTarget('ArrowLeft', 0, 3, false)).toBe(2);
  expect(rovingTarget('ArrowLeft', 0, 3, true)).toBe(1);
  expect(rovingTarget('End', 0, 3, false)).toBe(2);
  expect(rovingTarget('Tab', 0, 3, false)).toBeUndefined();
  expect(rovingTarget('Home', 0, 0, false)).toBeUndefined();
});

test('a group is as bad as its worst member', () => {
  expect(worstTone(['ok', 'unknown', 'warning'])).toBe('warning');
  expect(worstTone(['ok', 'info'])).toBe('info');
  expect(worstTone([])).toBe('ok');
});

test('the row with the focus is always in the page, and no more than sixty are', () => {
  const range = { startIndex: 500, endIndex: 545, overscan: 5, count: 10_000 };
  const rows = rangeWith(9_000)(range);
  expect(rows).toContain(9_000);
  expect(rows.length).toBeLessThanOrEqual(60);
  expect(rangeWith(3)(range)[0]).toBe(3);
  expect(new Set(rangeWith(520)(range)).size).toBe(rangeWith(520)(range).length);
  expect(rangeWith(0)({ startIndex: 0, endIndex: 0, overscan: 5, count: 0 })).toEqual([]);
});
