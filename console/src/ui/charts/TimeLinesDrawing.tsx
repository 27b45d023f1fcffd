'use client';
/** Lines over time by uPlot: thousands of points in milliseconds. Gaps are hatched, changes are marked, linked charts share their crosshair. */
import { useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { UNKNOWN } from '../../i18n/format.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { colorOf } from '../../theme/colors.ts';
import { messages } from '../messages.ts';
import { columnsOf, gapsOf } from './gaps.ts';
import { LineCanvas } from './LineCanvas.tsx';
import type { TimeLinesProps } from './model.ts';
import { dashes, hatch, tokenOf } from './paint.ts';
import { tickLabel, wallClockOf } from './time-axis.ts';

/** Ticks of lines stand where a day begins, to the minute. */
const MINUTE_MS = 60_000;

export default function TimeLinesDrawing(props: TimeLinesProps) {
  const {
    label,
    series,
    points,
    fromMs,
    toMs,
    stepMs,
    formatValue,
    onOpen,
    markers = [],
    syncKey,
    max,
    timeZone,
  } = props;
  const format = useFormat();
  const text = useText();
  const keys = useMemo(() => series.map(({ key }) => key), [series]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new ends of the axis are drawn like new data
  const data = useMemo<uPlot.AlignedData>(() => {
    const { timesMs, values } = columnsOf(points, keys, stepMs);
    return [timesMs.map((ms) => ms / 1000), ...values];
  }, [points, keys, stepMs, fromMs, toMs]);
  // What moves on with time is read when it is drawn: a live chart is not made anew with every point.
  const now = useRef({ points, fromMs, toMs, markers });
  now.current = { points, fromMs, toMs, markers };

  const wall = useMemo(() => wallClockOf(timeZone), [timeZone]);
  const optionsOf = (): Omit<uPlot.Options, 'width' | 'height'> => ({
    tzDate: (seconds) => zonedDate(seconds, timeZone),
    scales: {
      x: { time: true, range: () => [now.current.fromMs / 1000, now.current.toMs / 1000] },
      y: { range: (_self, _least, greatest) => [0, max ?? Math.max(greatest ?? 0, 1) * 1.05] },
    },
    ...(syncKey === undefined ? {} : { cursor: { sync: { key: syncKey } } }),
    legend: { live: true, isolate: false },
    axes: [
      {
        ...axisLook(),
        size: 34,
        gap: 8,
        values: (_self, ticks) => {
          const spanMs = now.current.toMs - now.current.fromMs;
          const look = { spanMs, stepMs: MINUTE_MS, zone: timeZone, format, wall };
          return ticks.map((seconds) => tickLabel(seconds * 1000, look));
        },
      },
      { ...axisLook(), size: 76, values: (_self, ticks) => ticks.map(formatValue) },
    ],
    series: [
      {
        value: (_self, seconds) => (seconds === null ? UNKNOWN : format.dateTime(seconds * 1000, timeZone)),
        label: text(messages.from),
      },
      ...series.map(({ label: name, color, dash = 'solid' }) => ({
        label: name,
        stroke: colorOf(tokenOf(color)),
        width: 1.5,
        dash: [...dashes[dash]],
        spanGaps: false,
        points: { show: true, size: 5, fill: colorOf(tokenOf(color)), filter: lonely },
        value: (_self: uPlot, value: number | null) => (value === null ? UNKNOWN : formatValue(value)),
      })),
    ],
    hooks: {
      drawClear: [
        (chart) => {
          for (const [from, to] of gapsOf(now.current.points, stepMs, now.current.fromMs, now.current.toMs)) {
            const x = chart.valToPos(from / 1000, 'x', true);
            const width = chart.valToPos(to / 1000, 'x', true) - x;
            hatch(chart.ctx, { x, y: chart.bbox.top, width, height: chart.bbox.height }, 8 * devicePixelRatio);
          }
        },
      ],
      draw: [(chart) => drawMarkers(chart, now.current.markers)],
    },
  });
  const lookKey = JSON.stringify([series, stepMs, syncKey, max, timeZone, format.locale]);
  return (
    <LineCanvas
      label={label}
      data={data}
      optionsOf={optionsOf}
      lookKey={lookKey}
      {...(onOpen === undefined ? {} : { onPick: (seconds: number) => onOpen(seconds * 1000) })}
    />
  );
}

/** Where ticks stand by the clocks of a zone. One that the browser does not know is left out: they then stand by the reader's. */
function zonedDate(seconds: number, zone: string | undefined): Date {
  const date = new Date(seconds * 1000);
  if (zone === undefined) return date;
  try {
    return uPlot.tzDate(date, zone);
  } catch {
    return date;
  }
}

/** The values without a neighbour: a line has no length there, and they would not be seen. */
function lonely(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? [];
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null);
}

function axisLook() {
  return {
    stroke: colorOf('harp.chart.axis'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colorOf('harp.chart.grid'), width: 1 },
    ticks: { show: false },
  };
}

function drawMarkers(chart: uPlot, markers: TimeLinesProps['markers'] = []): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = colorOf('harp.chart.axis');
  ctx.fillStyle = colorOf('editor.foreground');
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { atMs, label } of markers) {
    const x = Math.round(chart.valToPos(atMs / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(label, x + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio, bbox.width / 3);
  }
  ctx.restore();
}
