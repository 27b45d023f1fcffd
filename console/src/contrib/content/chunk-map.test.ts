import { expect, test } from 'vitest';
import { CELL_PX, cellAfterKey, cellAt, cellsOf, gridOf, sumsOf } from './chunk-map.ts';

const chunks = [
  { id: 'a', offset: 0, size: 10 },
  { id: 'b', offset: 10, size: 20 },
  { id: 'a', offset: 30, size: 10 },
];

test('content that stands twice is moved once', () => {
  const cells = cellsOf(chunks);
  expect(cells.map(({ repeats }) => repeats)).toEqual([2, 1, 2]);
  expect(sumsOf(cells)).toEqual({
    chunks: 3,
    bytes: 40,
    distinct: 2,
    distinctBytes: 30,
    sharedChunks: 0,
    sharedBytes: 0,
  });
});

test('what another version has as well is counted wherever it stands', () => {
  expect(sumsOf(cellsOf(chunks, new Set(['a', 'z'])))).toMatchObject({ sharedChunks: 2, sharedBytes: 20 });
});

test('the grid fills the width with cells that can be hit', () => {
  expect(gridOf(10, 5 * CELL_PX + 3)).toEqual({ columns: 5, rows: 2, cellPx: 24 });
  expect(gridOf(3, 0)).toEqual({ columns: 1, rows: 3, cellPx: 24 });
});

test('a point finds its cell, and nothing beside the cells', () => {
  const grid = gridOf(7, 5 * CELL_PX);
  expect(cellAt(grid, 7, 0, 0)).toBe(0);
  expect(cellAt(grid, 7, CELL_PX, CELL_PX)).toBe(6);
  expect(cellAt(grid, 7, 2 * CELL_PX, CELL_PX)).toBeUndefined();
  expect(cellAt(grid, 7, 5 * CELL_PX, 0)).toBeUndefined();
  expect(cellAt(grid, 7, -1, 0)).toBeUndefined();
});

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 6, 6],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 1, 6],
  ['ArrowDown', 3, 3],
  ['ArrowUp', 6, 1],
  ['ArrowUp', 1, 1],
  ['Home', 5, 0],
  ['End', 0, 6],
  ['PageDown', 0, 6],
  ['PageUp', 6, 0],
])('%s leads from %i to %i', (key, from, to) => {
  expect(cellAfterKey(key, from, 7, 5)).toBe(to);
});

test('other keys are not the map’s', () => {
  expect(cellAfterKey('a', 0, 7, 5)).toBeUndefined();
});
