'use client';
/**
 * "When and where?": a row per place, a column per slot, painted on a canvas. Above it lies a grid of one cell, the one with the focus, so that the
 * keyboard and screen readers go through it like through a table; hatched cells have no data.
 */
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { colorOf, useThemeVersion } from '../../theme/colors.ts';
import type { TokenName } from '../../theme/names.ts';
import { tame } from '../foreign-text.ts';
import { messages } from '../messages.ts';
import { cellAfter } from '../table/keys.ts';
import type { HeatMapProps } from './model.ts';
import { hatch, textPixels } from './paint.ts';
import { columnLabels, HEAT_STEPS, heatStep } from './scales.ts';

/** A cell's least height: a target for a pointer when its column is as wide. */
const CELL_PIXELS = 24;
const PAGE_ROWS = 10;
/** As `.heat-columns` has it. */
const COLUMN_FONT = '11px system-ui, sans-serif';
/** Where in its column a label stands. */
const shiftOf = { middle: 0.5, upright: 0.5, start: 0 } as const;

export function HeatMap(props: HeatMapProps) {
  const { label, rows, columns, value, formatValue, onOpen } = props;
  const text = useText();
  const helpId = useId();
  const cellId = useId();
  const theme = useThemeVersion();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [width, setWidth] = useState(0);
  const row = Math.min(active.row, rows.length - 1);
  const column = Math.min(active.column, columns.length - 1);

  const greatest = useMemo(() => {
    if (props.max !== undefined) return props.max;
    let most = 0;
    for (let y = 0; y < rows.length; y += 1)
      for (let x = 0; x < columns.length; x += 1) most = Math.max(most, value(y, x) ?? 0);
    return most;
  }, [props.max, rows, columns, value]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const labels = useMemo(() => {
    const widest = Math.max(...columns.map((each) => textPixels(each.label, COLUMN_FONT)));
    return columnLabels(columns.length, widest, width);
  }, [columns, width]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's version says when its colours changed
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(rows.length * CELL_PIXELS * ratio);
    const shades = Array.from({ length: HEAT_STEPS }, (_, step) => colorOf(`harp.heat.${step}` as TokenName));
    const cellWidth = element.width / columns.length;
    const cellHeight = CELL_PIXELS * ratio;
    // Hatching is slow line by line: neighbouring cells without data are one rectangle.
    for (let y = 0; y < rows.length; y += 1) {
      let emptyFrom: number | undefined;
      for (let x = 0; x <= columns.length; x += 1) {
        const amount = x === columns.length ? 0 : value(y, x);
        if (amount === null) {
          emptyFrom ??= x;
          continue;
        }
        if (emptyFrom !== undefined) {
          hatch(
            context,
            {
              x: emptyFrom * cellWidth,
              y: y * cellHeight,
              width: (x - emptyFrom) * cellWidth,
              height: cellHeight - ratio,
            },
            6 * ratio,
          );
          emptyFrom = undefined;
        }
        if (x === columns.length) continue;
        context.fillStyle = shades[heatStep(amount, greatest)] ?? '';
        const left = Math.round(x * cellWidth);
        const gap = cellWidth > 6 * ratio ? ratio : 0;
        context.fillRect(left, y * cellHeight, Math.round((x + 1) * cellWidth) - left - gap, cellHeight - ratio);
      }
    }
  }, [rows, columns, value, greatest, width, theme]);

  const wordsOf = (y: number, x: number) => {
    const amount = value(y, x);
    return text(messages.heatCell, {
      row: tame(rows[y]?.label ?? ''),
      column: columns[x]?.label ?? '',
      value: amount === null ? text(messages.noData) : formatValue(amount),
    });
  };
  const open = (y: number, x: number) => {
    const [place, slot] = [rows[y], columns[x]];
    if (place !== undefined && slot !== undefined) onOpen?.(place.id, slot.id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Enter' || event.key === ' ') open(row, column);
    else {
      // The grid counts its rows from 1, below a head that this one does not have.
      const key = { key: event.key, control: event.ctrlKey || event.metaKey, isRtl: false };
      const size = { rows: rows.length, columns: columns.length, pageRows: PAGE_ROWS };
      const next = cellAfter({ row: row + 1, column }, key, size);
      if (next === undefined) return;
      setActive({ row: Math.max(0, next.row - 1), column: next.column });
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const cellAt = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      row: Math.min(rows.length - 1, Math.max(0, Math.floor((event.clientY - box.top) / CELL_PIXELS))),
      column: Math.min(
        columns.length - 1,
        Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns.length)),
      ),
    };
  };
  if (rows.length === 0 || columns.length === 0) return null;
  return (
    <div className="heat">
      <div className="heat-body">
        <ul className="heat-rows" aria-hidden="true">
          {rows.map(({ id, label: name }) => (
            <li key={id} title={tame(name)}>
              <bdi>{tame(name)}</bdi>
            </li>
          ))}
        </ul>
        <div className="heat-plot">
          <canvas ref={canvas} style={{ height: rows.length * CELL_PIXELS }} />
          {/* biome-ignore lint/a11y/useSemanticElements: thousands of cells are painted, and only one is an element */}
          <div
            role="grid"
            tabIndex={0}
            className="heat-grid"
            style={{ height: rows.length * CELL_PIXELS }}
            aria-label={label}
            aria-describedby={helpId}
            aria-rowcount={rows.length}
            aria-colcount={columns.length}
            aria-activedescendant={cellId}
            title={wordsOf(row, column)}
            onKeyDown={onKeyDown}
            onPointerMove={(event) => setActive(cellAt(event))}
            onClick={(event) => {
              const cell = cellAt(event);
              open(cell.row, cell.column);
            }}
          >
            {/* biome-ignore lint/a11y/useSemanticElements: see above */}
            <div role="row" tabIndex={-1} aria-rowindex={row + 1}>
              {/* biome-ignore lint/a11y/useSemanticElements: see above */}
              <div
                role="gridcell"
                tabIndex={-1}
                id={cellId}
                className="heat-cell"
                aria-colindex={column + 1}
                aria-label={wordsOf(row, column)}
                style={{
                  top: row * CELL_PIXELS,
                  left: `${(100 * column) / columns.length}%`,
                  width: `${100 / columns.length}%`,
                  height: CELL_PIXELS,
                }}
              />
            </div>
          </div>
          <div className={`heat-columns ${labels.how}`} aria-hidden="true">
            {labels.columns.map((each) => (
              <span
                key={columns[each]?.id}
                style={{ left: `${(100 * (each + shiftOf[labels.how])) / columns.length}%` }}
              >
                {columns[each]?.label}
              </span>
            ))}
          </div>
        </div>
      </div>
      <p id={helpId} className="visually-hidden">
        {text(messages.heatHelp)}
      </p>
      <div className="heat-legend">
        <output>{wordsOf(row, column)}</output>
        <span className="heat-scale">
          {formatValue(0)}
          {Array.from({ length: HEAT_STEPS }, (_, step) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps are numbers
            <i key={step} style={{ background: `var(--harp-heat-${step})` }} />
          ))}
          {formatValue(greatest)}
          <i className="hatched" />
          {text(messages.noData)}
        </span>
      </div>
    </div>
  );
}
