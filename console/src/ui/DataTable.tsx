'use client';
/**
 * A table of any length: virtual rows, sorted by any column, columns that can be chosen and resized, rows that can be selected and saved as CSV.
 * One tab stop; arrows move between cells, Enter opens a row.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { z } from 'zod';
import { useFormat, useText } from '../i18n/I18n.tsx';
import { useRowPixels } from '../theme/colors.ts';
import { IconButton } from './Button.tsx';
import { fileNameOf, saveFile, toCsv } from './csv.ts';
import { messages } from './messages.ts';
import { menuTargets, noSelection, type Selection, selectAll, selectOne, selectRange, toggleOne } from './selection.ts';
import { useStored } from './stored.ts';
import { nextSort, noChoices, shownColumns, sortRows, templateOf } from './table/arrange.ts';
import { ColumnChooser } from './table/ColumnChooser.tsx';
import { type Cell, cellAfter } from './table/keys.ts';
import type { DataTableProps, Sort } from './table/model.ts';
import { TableHead } from './table/TableHead.tsx';
import { TableRow } from './table/TableRow.tsx';
import { OVERSCAN_ROWS, rangeWith } from './virtual-range.ts';

export type { Column, DataTableProps, Sort } from './table/model.ts';

/** What is kept of a table between visits. */
const Kept = z.object({
  widths: z.record(z.string(), z.number()),
  shown: z.record(z.string(), z.boolean()),
  sort: z.object({ column: z.string(), descending: z.boolean() }).optional(),
});

/** Shows `rows` and tells what is opened and selected. `columns` and `rowKey` should stay the same objects: rows are sorted again when they change. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, onContextMenu, storageKey, empty, maxHeight } = props;
  const text = useText();
  const format = useFormat();
  const rowPixels = useRowPixels();
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);

  const initial: z.infer<typeof Kept> = {
    ...noChoices,
    ...(props.initialSort === undefined ? {} : { sort: props.initialSort }),
  };
  const [kept, keep] = useStored(storageKey === undefined ? undefined : `table.${storageKey}`, Kept, initial);
  const sort: Sort | undefined = kept.sort;
  const shown = useMemo(() => shownColumns(columns, kept), [columns, kept]);
  const collator = useMemo(() => new Intl.Collator(format.intlLocale, { numeric: true }), [format.intlLocale]);
  const sorted = useMemo(() => sortRows(rows, columns, sort, collator), [rows, columns, sort, collator]);
  const keys = useMemo(() => sorted.map(rowKey), [sorted, rowKey]);

  // The tab stop stays with its row while rows come, go and change places. Without a row it is in the head.
  const [focused, setFocused] = useState<{ key: string | undefined; column: number }>();
  const focusedRow =
    focused === undefined ? 0 : focused.key === undefined ? -1 : Math.max(0, keys.indexOf(focused.key));
  const focusedCell: Cell = {
    row: sorted.length === 0 ? 0 : focusedRow + 1,
    column: Math.min(shown.length - 1, focused?.column ?? 0),
  };
  const [ownSelection, setOwnSelection] = useState<Selection>(noSelection);
  const selection = useMemo(
    () => (props.selection === undefined ? ownSelection : { ...ownSelection, selected: props.selection }),
    [props.selection, ownSelection],
  );

  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: OVERSCAN_ROWS,
    scrollMargin: rowPixels,
    // The same function for the same rows: with another one all places are worked out again at every scroll.
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    rangeExtractor: useMemo(() => rangeWith(focusedRow), [focusedRow]),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured again when their height changes
  useEffect(() => virtual.measure(), [rowPixels]);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    const cell = `[data-cell="${focusedCell.row}:${focusedCell.column}"]`;
    scroller.current?.querySelector<HTMLElement>(cell)?.focus();
  });

  const focus = (cell: Cell) => {
    wantsFocus.current = true;
    setFocused({ key: cell.row === 0 ? undefined : keys[cell.row - 1], column: cell.column });
    if (cell.row > 0) virtual.scrollToIndex(cell.row - 1);
  };
  const select = (next: Selection) => {
    setOwnSelection(next);
    props.onSelect?.(
      next.selected,
      sorted.filter((_, index) => next.selected.has(keys[index] ?? '')),
    );
  };
  const showMenu = (index: number, at: Parameters<NonNullable<typeof onContextMenu>>[1]) => {
    const key = keys[index];
    if (key === undefined || onContextMenu === undefined) return;
    if (!selection.selected.has(key)) select(selectOne(key));
    const byKey = new Map(sorted.map((row, place) => [keys[place], row]));
    onContextMenu(
      menuTargets(selection.selected, keys, key)
        .map((each) => byKey.get(each))
        .filter((row): row is Row => row !== undefined),
      at,
    );
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Keys inside of buttons and links of a cell are theirs.
    if (!(event.target instanceof HTMLElement) || event.target.dataset.cell === undefined || event.altKey) return;
    if (!handleKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const handleKey = (event: KeyboardEvent<HTMLElement>): boolean => {
    const control = event.ctrlKey || event.metaKey;
    const index = focusedCell.row - 1;
    const key = keys[index];
    const row = sorted[index];
    if (control && event.key.toLowerCase() === 'a') select(selectAll(selection, keys));
    else if (event.key === ' ' && key !== undefined) select(control ? toggleOne(selection, key) : selectOne(key));
    else if (event.key === 'Enter' && key !== undefined && row !== undefined) {
      select(selectOne(key));
      onOpen?.(row);
    } else if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && index >= 0) {
      if (event.target instanceof HTMLElement) showMenu(index, event.target);
    } else {
      const isRtl = getComputedStyle(event.currentTarget).direction === 'rtl';
      const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 2);
      const size = { rows: sorted.length, columns: shown.length, pageRows };
      const next = cellAfter(focusedCell, { key: event.key, control, isRtl }, size);
      if (next === undefined) return false;
      const nextKey = keys[next.row - 1];
      if (event.shiftKey && next.row !== focusedCell.row && nextKey !== undefined) {
        select(selectRange(selection.anchor === undefined ? selectOne(key ?? nextKey) : selection, keys, nextKey));
      }
      focus(next);
    }
    return true;
  };

  // Rows keep their properties while the table is drawn again and again; what they call is always the newest.
  const latest = useRef({ keys, sorted, selection, select, showMenu, onOpen });
  useLayoutEffect(() => {
    latest.current = { keys, sorted, selection, select, showMenu, onOpen };
  });
  const onFocusCell = useCallback((index: number, column: number) => {
    setFocused({ key: latest.current.keys[index], column });
  }, []);
  const onRowClick = useCallback((index: number, event: MouseEvent) => {
    const now = latest.current;
    const key = now.keys[index];
    if (key === undefined) return;
    if (event.shiftKey) now.select(selectRange(now.selection, now.keys, key));
    else if (event.ctrlKey || event.metaKey) now.select(toggleOne(now.selection, key));
    else now.select(selectOne(key));
  }, []);
  const onRowDoubleClick = useCallback((index: number) => {
    const row = latest.current.sorted[index];
    if (row !== undefined) latest.current.onOpen?.(row);
  }, []);
  const onRowMenu = useCallback((index: number, event: MouseEvent) => {
    event.preventDefault();
    latest.current.showMenu(index, { x: event.clientX, y: event.clientY });
  }, []);

  const saveCsv = () => {
    const lines = [shown.map(({ title }) => title), ...sorted.map((row) => shown.map(({ value }) => value(row)))];
    saveFile(`${fileNameOf(props.csvName ?? label)}.csv`, 'text/csv', toCsv(lines));
  };

  return (
    <div className="data-table">
      <div className="table-tools">
        {props.toolbar}
        <span className="table-count" role="status">
          {props.hidesCount === true ? null : text(messages.rowCount, { count: rows.length })}
        </span>
        <ColumnChooser columns={columns} choices={kept} onChange={(choices) => keep({ ...kept, ...choices })} />
        <IconButton icon="save" title={text(messages.saveCsv)} run={saveCsv} />
      </div>
      <div
        ref={scroller}
        className="table-scroller"
        style={maxHeight === undefined ? undefined : { maxHeight, height: (rows.length + 1) * rowPixels + 2 }}
      >
        {/* One tab stop: the cell that has it takes the keys, and this hears them. */}
        {/* biome-ignore lint/a11y/useSemanticElements: the rows of a <table> cannot be placed one by one */}
        <div
          role="grid"
          aria-label={label}
          aria-rowcount={sorted.length + 1}
          aria-colcount={shown.length}
          aria-multiselectable="true"
          className="table-grid"
          style={{ '--harp-columns': templateOf(shown, kept) } as CSSProperties}
          onKeyDown={onKeyDown}
        >
          <TableHead
            columns={shown}
            choices={kept}
            sort={sort}
            tabStop={focusedCell.row === 0 ? focusedCell.column : undefined}
            onSort={(column) => keep({ widths: kept.widths, shown: kept.shown, ...optional(nextSort(sort, column)) })}
            onResize={(column, width) => keep({ ...kept, widths: withWidth(kept.widths, column, width) })}
            onFocusCell={(column) => setFocused({ key: undefined, column })}
          />
          <div role="presentation" className="table-body" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start, key }) => {
              const row = sorted[index];
              return row === undefined ? null : (
                <TableRow
                  key={key}
                  row={row}
                  index={index}
                  startPixels={start - rowPixels}
                  columns={shown}
                  isSelected={selection.selected.has(keys[index] ?? '')}
                  tabStop={index + 1 === focusedCell.row ? focusedCell.column : undefined}
                  formatNumber={format.count}
                  onFocusCell={onFocusCell}
                  onClick={onRowClick}
                  onDoubleClick={onRowDoubleClick}
                  onContextMenu={onRowMenu}
                />
              );
            })}
          </div>
        </div>
        {rows.length === 0 ? (empty ?? <p className="table-nothing">{text(messages.nothing)}</p>) : null}
      </div>
    </div>
  );
}

function optional(sort: Sort | undefined): { sort?: Sort } {
  return sort === undefined ? {} : { sort };
}

function withWidth(widths: Readonly<Record<string, number>>, column: string, width: number | undefined) {
  const { [column]: _, ...others } = widths;
  return width === undefined ? others : { ...others, [column]: width };
}
