'use client';
/** The titles of a table: sorted by Enter or a click, resized by dragging or with Shift and the arrows. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../Icon.tsx';
import { messages } from '../messages.ts';
import { type ColumnChoices, widthOf } from './arrange.ts';
import type { Column, Sort } from './model.ts';

const STEP_PIXELS = 16;

export interface TableHeadProps<Row> {
  columns: readonly Column<Row>[];
  choices: ColumnChoices;
  sort: Sort | undefined;
  /** Which title has the tab stop; `undefined` when a row has it. */
  tabStop: number | undefined;
  onSort(column: string): void;
  onResize(column: string, widthPixels: number | undefined): void;
  onFocusCell(column: number): void;
}

export function TableHead<Row>(props: TableHeadProps<Row>) {
  const { columns, choices, sort, tabStop, onSort, onResize, onFocusCell } = props;
  const text = useText();
  const onKeyDown = (event: KeyboardEvent, column: Column<Row>) => {
    if (event.key === 'Enter' || event.key === ' ') onSort(column.id);
    else if (event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const step = event.key === 'ArrowRight' ? STEP_PIXELS : -STEP_PIXELS;
      onResize(column.id, widthOf(column, choices) + step);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: the rows of a <table> cannot be placed one by one
    <div role="row" aria-rowindex={1} tabIndex={-1} className="table-row table-head">
      {columns.map((column, index) => {
        const way = sort?.column !== column.id ? undefined : sort.descending ? 'descending' : 'ascending';
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={index + 1}
            aria-sort={way ?? 'none'}
            tabIndex={tabStop === index ? 0 : -1}
            data-cell={`0:${index}`}
            className={`table-cell ${column.align ?? 'start'}`}
            title={titleOf(column.title, way, text)}
            onClick={() => onSort(column.id)}
            onFocus={() => onFocusCell(index)}
            onKeyDown={(event) => onKeyDown(event, column)}
          >
            <span className="table-title">{column.title}</span>
            {way === undefined ? null : <Icon name={way === 'ascending' ? 'arrow-up' : 'arrow-down'} />}
            <Resizer
              width={widthOf(column, choices)}
              title={text(messages.resizeColumn, { column: column.title })}
              onResize={(width) => onResize(column.id, width)}
            />
          </div>
        );
      })}
    </div>
  );
}

function titleOf(title: string, way: 'ascending' | 'descending' | undefined, text: ReturnType<typeof useText>): string {
  if (way === undefined) return title;
  return text(way === 'ascending' ? messages.sortedUp : messages.sortedDown, { column: title });
}

interface ResizerProps {
  width: number;
  title: string;
  onResize(width: number | undefined): void;
}

/** The edge to drag; for the pointer alone, as the keyboard and the column chooser do the same. */
function Resizer({ width, title, onResize }: ResizerProps) {
  const start = useRef<{ x: number; width: number }>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    // What is shown may be wider than what was asked for, where there is room.
    const shown = event.currentTarget.parentElement?.getBoundingClientRect().width ?? width;
    start.current = { x: event.clientX, width: shown };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (start.current === undefined) return;
    const isRtl = getComputedStyle(event.currentTarget).direction === 'rtl';
    onResize(start.current.width + (event.clientX - start.current.x) * (isRtl ? -1 : 1));
  };
  const stop = () => {
    start.current = undefined;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the title does the same with the keyboard
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <span
      className="table-resizer"
      title={title}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={stop}
      onPointerCancel={stop}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={() => onResize(undefined)}
    />
  );
}
