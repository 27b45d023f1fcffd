import { expect, test } from 'vitest';
import { activeIndex } from './active-row.ts';

const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

test.each([
  { rows: [], chosen: undefined, index: -1 },
  { rows: [], chosen: 'a', index: -1 },
  { rows, chosen: undefined, index: 0 },
  { rows, chosen: 'c', index: 2 },
  { rows: rows.toReversed(), chosen: 'c', index: 0 },
  { rows, chosen: 'gone', index: 0 },
])('chosen $chosen is row $index', ({ rows, chosen, index }) => {
  expect(activeIndex(rows, chosen)).toBe(index);
});
