/** The shapes of a table: what its user gives and what it tells. */
import type { ReactNode } from 'react';
import type { MenuPlace } from '../host.tsx';

export interface Column<Row> {
  id: string;
  title: string;
  /** What sorting and CSV use. `null` is unknown: shown as `—`, sorted last, empty in CSV. */
  value(row: Row): string | number | null;
  /** How the cell looks; the value itself when not given. */
  render?(row: Row): ReactNode;
  /** Numbers go to the end. */
  align?: 'start' | 'end';
  /** In pixels, until a person changes it. */
  width?: number;
  /** Not shown until a person chooses it. */
  hidden?: boolean;
}

/** By which column, and which way. */
export interface Sort {
  column: string;
  descending: boolean;
}

export interface DataTableProps<Row> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** Enter and double click. */
  onOpen?(row: Row): void;
  /** The selected rows, the clicked one first. */
  onContextMenu?(rows: readonly Row[], at: MenuPlace): void;
  /** Which rows are selected; the table remembers it itself when this is not given. */
  selection?: ReadonlySet<string>;
  onSelect?(keys: ReadonlySet<string>, rows: readonly Row[]): void;
  initialSort?: Sort;
  /** Keeps widths, order and choice of columns in this browser under this name. */
  storageKey?: string;
  /** Shown instead of rows when there are none. */
  empty?: ReactNode;
  /** Whether somebody else says how many rows there are. */
  hidesCount?: boolean;
  /** The name of the CSV file, without `.csv`; `label` when not given. */
  csvName?: string;
  /** More tools for the line above the table, before the column chooser and CSV. */
  toolbar?: ReactNode;
  /** Grows with its rows instead of filling its place, up to this many pixels. */
  maxHeight?: number;
}
