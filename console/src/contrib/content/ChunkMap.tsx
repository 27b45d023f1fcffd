'use client';
/** The chunks of a file as a grid of cells on a canvas. One tab stop; the chosen cell is an option of a list box, read out in words. */
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { colorOf, useThemeVersion } from '../../theme/colors.ts';
import { CELL_PX, type ChunkCell, cellAfterKey, cellAt, gridOf } from './chunk-map.ts';
import { contentEditorText } from './editor-messages.ts';

export interface ChunkMapProps {
  cells: readonly ChunkCell[];
  /** Index of the chosen cell. */
  chosen: number;
  onChoose(index: number): void;
}

/** Only what is in view is drawn: ten thousand cells scroll like ten. */
export function ChunkMap({ cells, chosen, onChoose }: ChunkMapProps) {
  const text = useText();
  const format = useFormat();
  const theme = useThemeVersion();
  const optionId = useId();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const grid = gridOf(cells.length, room.width);
  const count = cells.length;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const draw = useCallback(() => {
    const [element, surface] = [box.current, canvas.current];
    const context = surface?.getContext('2d');
    if (element === null || surface === null || context === null || context === undefined) return;
    drawCells(context, surface, {
      cells,
      chosen,
      columns: gridOf(cells.length, room.width).columns,
      room,
      scrollTop: element.scrollTop,
    });
  }, [cells, chosen, room]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read while drawing; the theme's version says that they changed
  useEffect(draw, [draw, theme]);

  useEffect(() => {
    const element = box.current;
    if (element === null || room.width === 0) return;
    const top = Math.floor(chosen / gridOf(count, room.width).columns) * CELL_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + CELL_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + CELL_PX - element.clientHeight;
  }, [chosen, count, room.width]);

  const cell = cells[chosen];
  return (
    <div
      ref={box}
      className="content-chunk-map"
      role="listbox"
      tabIndex={0}
      aria-label={text(contentEditorText.chunkMapLabel, { count })}
      aria-activedescendant={optionId}
      onScroll={draw}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const next = cellAfterKey(event.key, chosen, count, grid.columns);
        if (next === undefined) return;
        event.preventDefault();
        onChoose(next);
      }}
      onClick={(event) => {
        const bounds = event.currentTarget.getBoundingClientRect();
        const index = cellAt(
          grid,
          count,
          event.clientX - bounds.left,
          event.clientY - bounds.top + event.currentTarget.scrollTop,
        );
        if (index !== undefined) onChoose(index);
      }}
    >
      <div aria-hidden="true" className="content-chunk-canvas">
        <canvas ref={canvas} />
      </div>
      <div aria-hidden="true" style={{ height: Math.max(0, grid.rows * CELL_PX - room.height) }} />
      {/* The only option that is in the page: the others are on the canvas. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and points here */}
      <div
        id={optionId}
        role="option"
        className="visually-hidden"
        aria-selected="true"
        aria-posinset={chosen + 1}
        aria-setsize={count}
      >
        {cell === undefined
          ? null
          : text(contentEditorText.chunkWords, {
              offset: format.count(cell.offset),
              size: format.bytes(cell.size),
              id: cell.id.slice(0, 12),
              kind: text(
                cell.shared
                  ? contentEditorText.legendShared
                  : cell.repeats > 1
                    ? contentEditorText.legendRepeated
                    : contentEditorText.legendOnce,
              ),
            })}
      </div>
    </div>
  );
}

interface Drawing {
  cells: readonly ChunkCell[];
  chosen: number;
  columns: number;
  room: { width: number; height: number };
  scrollTop: number;
}

/** Cells tell their kind by colour and by a sign: a bar across for repeated ones, a dot for shared ones. */
function drawCells(context: CanvasRenderingContext2D, surface: HTMLCanvasElement, drawing: Drawing): void {
  const { cells, chosen, columns, room, scrollTop } = drawing;
  const scale = globalThis.devicePixelRatio || 1;
  surface.width = Math.max(1, Math.round(room.width * scale));
  surface.height = Math.max(1, Math.round(room.height * scale));
  surface.style.width = `${room.width}px`;
  surface.style.height = `${room.height}px`;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, room.width, room.height);
  const once = colorOf('harp.chart.a', surface);
  const repeated = colorOf('harp.chart.b', surface);
  const shared = colorOf('harp.chart.c', surface);
  const sign = colorOf('editor.background', surface);
  const mark = colorOf('editor.foreground', surface);
  const firstRow = Math.floor(scrollTop / CELL_PX);
  const lastRow = Math.ceil((scrollTop + room.height) / CELL_PX);
  for (let index = firstRow * columns; index < Math.min(cells.length, lastRow * columns); index++) {
    const cell = cells[index];
    if (cell === undefined) continue;
    const x = (index % columns) * CELL_PX;
    const y = Math.floor(index / columns) * CELL_PX - scrollTop;
    context.fillStyle = cell.shared ? shared : cell.repeats > 1 ? repeated : once;
    context.fillRect(x + 2, y + 2, CELL_PX - 4, CELL_PX - 4);
    context.fillStyle = sign;
    if (cell.shared) {
      context.beginPath();
      context.arc(x + CELL_PX / 2, y + CELL_PX / 2, 3, 0, 2 * Math.PI);
      context.fill();
    } else if (cell.repeats > 1) {
      context.fillRect(x + 5, y + CELL_PX / 2 - 1, CELL_PX - 10, 2);
    }
    if (index === chosen) {
      // A light line inside a dark one (or the other way round): seen on cells of every colour.
      context.lineWidth = 2;
      context.strokeStyle = mark;
      context.strokeRect(x + 1, y + 1, CELL_PX - 2, CELL_PX - 2);
      context.strokeStyle = sign;
      context.strokeRect(x + 3, y + 3, CELL_PX - 6, CELL_PX - 6);
    }
  }
}
