/** Which rows stand where, and which columns are shown how wide. */
import type { Column, Sort } from './model.ts';

/** The narrowest a column can be made, in pixels: its title's first letters and the sign for sorting. */
export const MIN_COLUMN_PIXELS = 48;
export const MAX_COLUMN_PIXELS = 800;
const DEFAULT_COLUMN_PIXELS = 120;

/** What a person changed: widths by column, and which are shown. */
export interface ColumnChoices {
  widths: Readonly<Record<string, number>>;
  shown: Readonly<Record<string, boolean>>;
}

export const noChoices: ColumnChoices = { widths: {}, shown: {} };

/** The columns that are shown, in their own order; always at least one. */
export function shownColumns<Row>(columns: readonly Column<Row>[], { shown }: ColumnChoices): readonly Column<Row>[] {
  const visible = columns.filter(({ id, hidden = false }) => shown[id] ?? !hidden);
  return visible.length > 0 ? visible : columns.slice(0, 1);
}

/** The width of a column in pixels. */
export function widthOf<Row>({ id, width = DEFAULT_COLUMN_PIXELS }: Column<Row>, { widths }: ColumnChoices): number {
  return Math.min(MAX_COLUMN_PIXELS, Math.max(MIN_COLUMN_PIXELS, Math.round(widths[id] ?? width)));
}

/** `grid-template-columns`: what a person set is exact, the rest shares what room is left. */
export function templateOf<Row>(columns: readonly Column<Row>[], choices: ColumnChoices): string {
  return columns
    .map((column) => {
      const width = widthOf(column, choices);
      const isFixed = choices.widths[column.id] !== undefined || column.align === 'end';
      return isFixed ? `${width}px` : `minmax(${width}px, ${width}fr)`;
    })
    .join(' ');
}

/** The rows in order: numbers by size, text as people sort it (PC-2 before PC-10), what is unknown last, whichever way. Equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | undefined,
  collator: Intl.Collator,
): readonly Row[] {
  const column = sort === undefined ? undefined : columns.find(({ id }) => id === sort.column);
  if (sort === undefined || column === undefined) return rows;
  const way = sort.descending ? -1 : 1;
  // Values are asked for once per row, not once per comparison.
  const keyed = rows.map((row) => ({ row, value: column.value(row) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0);
    return way * compare(a.value, b.value, collator);
  });
  return keyed.map(({ row }) => row);
}

function compare(a: string | number, b: string | number, collator: Intl.Collator): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** The next way of sorting by a column: up, down, not at all. */
export function nextSort(sort: Sort | undefined, column: string): Sort | undefined {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? undefined : { column, descending: true };
}
