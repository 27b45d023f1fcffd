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

export default function StepCurveDrawing(props: StepCurveProps) {
  const { label, lines, toMs, sloMs, formatDuration } = props;
  const format = useFormat();
  const text = useText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: new ends of the axis are drawn like new data
  const data = useMemo(() => align(lines), [lines, toMs, sloMs]);
  // What moves on with time is read when it is drawn: a live chart is not made anew with every point.
  const now = useRef({ toMs, sloMs, lastMs: 0 });
  now.current = { toMs, sloMs, lastMs: data[0].at(-1) ?? 0 };

  const optionsOf = (): Omit<uPlot.Options, 'width' | 'height'> => {
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    return {
      scales: { x: { time: false, range: () => [0, now.current.toMs] }, y: { range: () => [0, 1.02] } },
      legend: { live: true, isolate: false },
      axes: [
        { ...axisLook(), values: (_self, ticks) => ticks.map(formatDuration) },
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
            const x = chart.valToPos(now.current.lastMs, 'x', true);
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
function align(lines: readonly StepLine[]): [number[], ...(number | null)[][]] {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(({ afterMs }) => afterMs)))].toSorted(
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
