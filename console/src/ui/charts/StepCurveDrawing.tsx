'use client';
/** Cumulative staircases by uPlot: how much of the whole had arrived when. */
import { useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { UNKNOWN } from '../../i18n/format.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { colorOf } from '../../theme/colors.ts';
import { messages } from '../messages.ts';
import { LineCanvas } from './LineCanvas.tsx';
import type { StepCurveProps, StepLine } from './model.ts';
import { dashes, hatch, tokenOf } from './paint.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Steps of the axis that are whole in the unit they are read in. */
const TICKS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
];

export default function StepCurveDrawing(props: StepCurveProps) {
  const { label, lines, toMs, sloMs, knownUntilMs, formatDuration } = props;
  const format = useFormat();
  const text = useText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: new ends of the axis are drawn like new data
  const data = useMemo(() => align(lines, knownUntilMs), [lines, toMs, sloMs, knownUntilMs]);
  // What moves on with time is read when it is drawn: a live chart is not made anew with every point.
  const now = useRef({ toMs, sloMs, knownUntilMs });
  now.current = { toMs, sloMs, knownUntilMs };

  const optionsOf = (): Omit<uPlot.Options, 'width' | 'height'> => {
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    return {
      scales: { x: { time: false, range: () => [0, now.current.toMs] }, y: { range: () => [0, 1.02] } },
      legend: { live: true, isolate: false },
      axes: [
        {
          ...axisLook(),
          size: 34,
          gap: 8,
          space: 90,
          incrs: [...TICKS_MS],
          values: (_self, ticks) => ticks.map(formatDuration),
        },
        {
          ...axisLook(),
          size: 56,
          splits: () => [0, 0.25, 0.5, 0.75, 0.9, 1],
          values: (_self, ticks) => ticks.map((share) => (share === 0.75 ? '' : format.share(share, 1))),
        },
      ],
      series: [
        { value: (_self, ms) => (ms === null ? UNKNOWN : formatDuration(ms)), label: text(messages.from) },
        ...lines.map(({ label: name, color, dash = 'solid' }) => ({
          label: name,
          stroke: colorOf(tokenOf(color)),
          width: 2,
          dash: [...dashes[dash]],
          spanGaps: false,
          points: { show: false },
          ...(stepped === undefined ? {} : { paths: stepped }),
          value: (_self: uPlot, share: number | null) => (share === null ? UNKNOWN : format.share(share, 1)),
        })),
      ],
      hooks: {
        drawClear: [
          (chart) => {
            if (now.current.knownUntilMs === undefined) return;
            const x = chart.valToPos(now.current.knownUntilMs, 'x', true);
            const width = chart.bbox.left + chart.bbox.width - x;
            hatch(chart.ctx, { x, y: chart.bbox.top, width, height: chart.bbox.height }, 8 * devicePixelRatio);
          },
        ],
        draw: [
          (chart) => {
            const { sloMs: promiseMs } = now.current;
            if (promiseMs === undefined || promiseMs > now.current.toMs) return;
            const { ctx, bbox } = chart;
            const x = Math.round(chart.valToPos(promiseMs, 'x', true));
            ctx.save();
            ctx.strokeStyle = colorOf('harp.chart.warning');
            ctx.fillStyle = colorOf('editor.foreground');
            ctx.lineWidth = 1.5 * devicePixelRatio;
            ctx.setLineDash([6 * devicePixelRatio, 3 * devicePixelRatio]);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            ctx.textAlign = 'left';
            ctx.textBaseline = 'alphabetic';
            ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
            ctx.fillText(
              text(messages.promise, { time: formatDuration(promiseMs) }),
              x + 4 * devicePixelRatio,
              bbox.top + 12 * devicePixelRatio,
            );
            ctx.restore();
          },
        ],
      },
    };
  };
  const look = lines.map(({ key, label: name, color, dash }) => [key, name, color, dash]);
  const lookKey = JSON.stringify([look, format.locale]);
  return <LineCanvas label={label} data={data} optionsOf={optionsOf} lookKey={lookKey} />;
}

function axisLook() {
  return {
    stroke: colorOf('harp.chart.axis'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colorOf('harp.chart.grid'), width: 1 },
    ticks: { show: false },
  };
}

/** All lines over the moments of all of them: between its own, a staircase stays where it was. */
function align(lines: readonly StepLine[], knownUntilMs: number | undefined): [number[], ...(number | null)[][]] {
  const moments = lines.flatMap(({ points }) => points.map(({ afterMs }) => afterMs));
  const times = [...new Set(knownUntilMs === undefined ? moments : [...moments, knownUntilMs])].toSorted(
    (a, b) => a - b,
  );
  const columns = lines.map(({ points }) => {
    let next = 0;
    let share: number | null = null;
    return times.map((afterMs) => {
      for (let point = points[next]; point !== undefined && point.afterMs <= afterMs; point = points[next]) {
        share = point.share;
        next += 1;
      }
      return share;
    });
  });
  return [times, ...columns];
}
