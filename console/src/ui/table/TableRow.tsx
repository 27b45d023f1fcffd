'use client';
/** One row of a table. Drawn again only when something of its own changed: tables are live. */
import { type MouseEvent, memo, type PointerEvent } from 'react';
import { UNKNOWN } from '../../i18n/format.ts';
import { tame } from '../foreign-text.ts';
import type { Column } from './model.ts';

export interface TableRowProps<Row> {
  row: Row;
  /** From 0, without the head. */
  index: number;
  startPixels: number;
  columns: readonly Column<Row>[];
  isSelected: boolean;
  /** Which cell has the tab stop; `undefined` when it is in another row. */
  tabStop: number | undefined;
  /** How a number is shown when its column does not say. */
  formatNumber(value: number): string;
  onFocusCell(index: number, column: number): void;
  onClick(index: number, event: MouseEvent): void;
  onDoubleClick(index: number): void;
  onContextMenu(index: number, event: MouseEvent): void;
}

function Cells<Row>(props: TableRowProps<Row>) {
  const { row, index, startPixels, columns, isSelected, tabStop, formatNumber } = props;
  return (
    // The keys of all cells are handled by the table, which is one widget with one tab stop.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useSemanticElements: the rows of a <table> cannot be placed one by one
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className="table-row"
      style={{ transform: `translateY(${startPixels}px)` }}
      tabIndex={-1}
      onClick={(event) => props.onClick(index, event)}
      onDoubleClick={() => props.onDoubleClick(index)}
      onContextMenu={(event) => props.onContextMenu(index, event)}
    >
      {columns.map((column, at) => {
        const value = column.value(row);
        const words = value === null ? UNKNOWN : typeof value === 'number' ? formatNumber(value) : tame(value);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={at + 1}
            data-cell={`${index + 1}:${at}`}
            tabIndex={tabStop === at ? 0 : -1}
            className={`table-cell ${column.align ?? 'start'} ${value === null ? 'unknown' : ''}`}
            title={column.render === undefined ? words : undefined}
            onPointerEnter={column.render === undefined ? undefined : titleWhenCut}
            onFocus={() => props.onFocusCell(index, at)}
          >
            {column.render === undefined ? <bdi>{words}</bdi> : column.render(row)}
          </div>
        );
      })}
    </div>
  );
}

/** What a column draws itself says what was cut off only when it is pointed at: measuring every cell would cost every row. */
function titleWhenCut({ currentTarget: cell }: PointerEvent<HTMLElement>) {
  const parts = [cell, ...cell.querySelectorAll<HTMLElement>('*')];
  const isCut = parts.some(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth);
  if (isCut) cell.title = cell.textContent ?? '';
  else cell.removeAttribute('title');
}

export const TableRow = memo(Cells) as typeof Cells;
