/** The keys of a table: a grid of cells with one tab stop. Row 0 is the head. */

export interface Cell {
  row: number;
  column: number;
}

export interface GridSize {
  /** Without the head. */
  rows: number;
  columns: number;
  /** How many rows Page Up and Page Down go. */
  pageRows: number;
}

export interface GridKey {
  key: string;
  control: boolean;
  isRtl: boolean;
}

/** The cell that a key goes to; `undefined` when the key moves nothing. Never leaves the grid. */
export function cellAfter({ row, column }: Cell, { key, control, isRtl }: GridKey, size: GridSize): Cell | undefined {
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const back = isRtl ? 'ArrowRight' : 'ArrowLeft';
  const last = { row: size.rows, column: size.columns - 1 };
  const wanted = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    PageDown: { row: row + size.pageRows, column },
    // From the rows, Page Up stays among the rows: the head is one more step.
    PageUp: { row: Math.max(Math.min(1, row), row - size.pageRows), column },
    Home: control ? { row: Math.min(1, size.rows), column: 0 } : { row, column: 0 },
    End: control ? last : { row, column: last.column },
    [forward]: { row, column: column + 1 },
    [back]: { row, column: column - 1 },
  }[key];
  if (wanted === undefined) return undefined;
  return {
    row: Math.min(last.row, Math.max(0, wanted.row)),
    column: Math.min(last.column, Math.max(0, wanted.column)),
  };
}
