import { describe, expect, test } from 'vitest';
import { nextSort, noChoices, shownColumns, sortRows, templateOf, widthOf } from './arrange.ts';
import { cellAfter } from './keys.ts';
import type { Column } from './model.ts';

interface Row {
  name: string;
  bytes: number | null;
}
const columns: Column<Row>[] = [
  { id: 'name', title: 'PC', value: ({ name }) => name, width: 200 },
  { id: 'bytes', title: 'Bytes', value: ({ bytes }) => bytes, align: 'end' },
  { id: 'extra', title: 'Extra', value: () => null, hidden: true },
];
const rows: Row[] = [
  { name: 'PC-10', bytes: 5 },
  { name: 'PC-2', bytes: null },
  { name: 'pc-1', bytes: 50 },
  { name: 'PC-3', bytes: 5 },
];
const collator = new Intl.Collator('en', { numeric: true });
const names = (sorted: readonly Row[]) => sorted.map(({ name }) => name);

describe('sorting', () => {
  test('text as people count', () => {
    expect(names(sortRows(rows, columns, { column: 'name', descending: false }, collator))).toEqual([
      'pc-1',
      'PC-2',
      'PC-3',
      'PC-10',
    ]);
  });

  test('numbers by size, equal ones as they were, the unknown last both ways', () => {
    expect(names(sortRows(rows, columns, { column: 'bytes', descending: false }, collator))).toEqual([
      'PC-10',
      'PC-3',
      'pc-1',
      'PC-2',
    ]);
    expect(names(sortRows(rows, columns, { column: 'bytes', descending: true }, collator))).toEqual([
      'pc-1',
      'PC-10',
      'PC-3',
      'PC-2',
    ]);
  });

  test('by nothing, or by a column that is gone, changes nothing', () => {
    expect(sortRows(rows, columns, undefined, collator)).toBe(rows);
    expect(sortRows(rows, columns, { column: 'gone', descending: true }, collator)).toBe(rows);
  });

  test('goes up, down, and back', () => {
    const up = nextSort(undefined, 'name');
    const down = nextSort(up, 'name');
    expect([up?.descending, down?.descending, nextSort(down, 'name')]).toEqual([false, true, undefined]);
    expect(nextSort(down, 'bytes')).toEqual({ column: 'bytes', descending: false });
  });
});

describe('columns', () => {
  test('are shown by choice, at least one', () => {
    expect(shownColumns(columns, noChoices).map(({ id }) => id)).toEqual(['name', 'bytes']);
    const none = { widths: {}, shown: { name: false, bytes: false } };
    expect(shownColumns(columns, none).map(({ id }) => id)).toEqual(['name']);
    expect(shownColumns(columns, { widths: {}, shown: { extra: true } })).toHaveLength(3);
  });

  test('are as wide as chosen, within reason', () => {
    const [name] = columns as [Column<Row>];
    expect(widthOf(name, { widths: { name: 1 }, shown: {} })).toBe(48);
    expect(widthOf(name, { widths: { name: 99_999 }, shown: {} })).toBe(800);
    expect(templateOf(shownColumns(columns, noChoices), noChoices)).toBe('minmax(200px, 200fr) 120px');
    expect(templateOf([name], { widths: { name: 90 }, shown: {} })).toBe('90px');
  });
});

describe('keys of a grid with 20 rows and 3 columns', () => {
  const size = { rows: 20, columns: 3, pageRows: 5 };
  const press = (row: number, column: number, key: string, more = {}) =>
    cellAfter({ row, column }, { key, control: false, isRtl: false, ...more }, size);
  test.each([
    { at: [1, 0], key: 'ArrowUp', to: [0, 0] },
    { at: [0, 0], key: 'ArrowUp', to: [0, 0] },
    { at: [20, 1], key: 'ArrowDown', to: [20, 1] },
    { at: [1, 2], key: 'ArrowRight', to: [1, 2] },
    { at: [3, 1], key: 'PageUp', to: [1, 1] },
    { at: [0, 1], key: 'PageUp', to: [0, 1] },
    { at: [3, 1], key: 'PageDown', to: [8, 1] },
    { at: [3, 1], key: 'Home', to: [3, 0] },
    { at: [3, 1], key: 'End', to: [3, 2] },
  ])('$key at $at goes to $to', ({ at: [row = 0, column = 0], key, to: [toRow, toColumn] }) => {
    expect(press(row, column, key)).toEqual({ row: toRow, column: toColumn });
  });

  test('Ctrl goes to the ends; right-to-left swaps the arrows; other keys go nowhere', () => {
    expect(press(7, 1, 'End', { control: true })).toEqual({ row: 20, column: 2 });
    expect(press(7, 1, 'Home', { control: true })).toEqual({ row: 1, column: 0 });
    expect(press(7, 1, 'ArrowLeft', { isRtl: true })).toEqual({ row: 7, column: 2 });
    expect(press(7, 1, 'x')).toBeUndefined();
  });
});
