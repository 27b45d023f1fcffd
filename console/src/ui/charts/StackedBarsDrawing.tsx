'use client';
/** Stacked bars by Recharts, which is fast enough for the few hundred slots a chart has, and too slow for live series. */
import { useMemo, useState } from 'react';
import { Bar, BarChart, CartesianGrid, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { UNKNOWN } from '../../i18n/format.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import { slotsOf } from './gaps.ts';
import type { ChartPoint, StackedBarsProps } from './model.ts';
import { cssColor } from './paint.ts';
import { tickLabel, timeTicks, wallClockOf } from './time-axis.ts';

/** What a tick takes beside its neighbour, as wide as `Mon 23` or `10:45 PM` and some room. */
const TICK_PIXELS = 72;
const VALUE_AXIS_PIXELS = 76;
const HATCH_ID = 'harp-chart-hatch';

const axis = { stroke: 'var(--harp-chart-axis)', fontSize: 12, tickLine: false } as const;

export default function StackedBarsDrawing(props: StackedBarsProps) {
  const { label, series, points, fromMs, toMs, stepMs, formatValue, onOpen, timeZone, asShares = false } = props;
  const format = useFormat();
  const text = useText();
  const keys = useMemo(() => series.map(({ key }) => key), [series]);
  const slots = useMemo(
    () => slotsOf(points, keys, { fromMs, toMs, stepMs }).map(({ atMs, values }) => ({ atMs, ...values })),
    [points, keys, fromMs, toMs, stepMs],
  );
  const gaps = useMemo(() => emptySlots(slots, keys), [slots, keys]);
  const [width, setWidth] = useState(0);
  const wall = useMemo(() => wallClockOf(timeZone), [timeZone]);
  const ticks = useMemo(() => {
    const most = Math.floor((width - VALUE_AXIS_PIXELS) / TICK_PIXELS);
    return timeTicks(
      slots.map(({ atMs }) => atMs),
      most,
      wall,
    );
  }, [slots, width, wall]);
  const tickLook = { spanMs: toMs - fromMs, stepMs, zone: timeZone, format, wall };
  return (
    <ResponsiveContainer width="100%" height="100%" onResize={setWidth}>
      <BarChart
        data={slots}
        margin={{ top: 8, right: 16, bottom: 0, left: 8 }}
        barCategoryGap={1}
        stackOffset={asShares ? 'expand' : 'none'}
        accessibilityLayer
        title={label}
        onClick={({ activeLabel }) => {
          const atMs = Number(activeLabel);
          if (activeLabel !== undefined && Number.isFinite(atMs)) onOpen?.(atMs);
        }}
      >
        <defs>
          <pattern id={HATCH_ID} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="8" stroke="var(--harp-chart-hatch)" strokeWidth="1.5" />
          </pattern>
        </defs>
        <CartesianGrid stroke="var(--harp-chart-grid)" vertical={false} />
        <XAxis
          dataKey="atMs"
          ticks={ticks}
          interval={0}
          tickFormatter={(atMs) => tickLabel(Number(atMs), tickLook)}
          {...axis}
        />
        <YAxis
          tickFormatter={(value) => (asShares ? format.share(Number(value), 1) : formatValue(Number(value)))}
          width={VALUE_AXIS_PIXELS}
          {...axis}
        />
        {gaps.map(([from, to]) => (
          <ReferenceArea key={from} x1={from} x2={to} fill={`url(#${HATCH_ID})`} fillOpacity={1} ifOverflow="hidden" />
        ))}
        <Tooltip
          labelFormatter={(atMs) => format.dateTime(Number(atMs), timeZone)}
          formatter={(value, name) => [
            value === null || value === undefined ? `${UNKNOWN} ${text(messages.noData)}` : formatValue(Number(value)),
            name,
          ]}
          cursor={{ fill: 'var(--vscode-list-hoverBackground)' }}
          contentStyle={{
            color: 'var(--vscode-editorHoverWidget-foreground)',
            background: 'var(--vscode-editorHoverWidget-background)',
            border: '1px solid var(--vscode-editorHoverWidget-border)',
            borderRadius: 4,
          }}
          itemStyle={{ color: 'var(--vscode-editorHoverWidget-foreground)' }}
          isAnimationActive={false}
        />
        {series.map(({ key, label: name, color }) => (
          <Bar
            key={key}
            dataKey={key}
            name={name}
            stackId="stack"
            fill={cssColor(color)}
            // The line between parts, for those who do not tell their colours apart.
            stroke="var(--vscode-editor-background)"
            strokeWidth={1}
            maxBarSize={24}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

/** Runs of slots without any report: their first and last moment. */
function emptySlots(slots: readonly ({ atMs: number } & ChartPoint['values'])[], keys: readonly string[]) {
  const runs: [number, number][] = [];
  let wasEmpty = false;
  for (const slot of slots) {
    const isEmpty = keys.every((key) => slot[key] === null);
    const last = runs.at(-1);
    if (isEmpty && wasEmpty && last !== undefined) last[1] = slot.atMs;
    else if (isEmpty) runs.push([slot.atMs, slot.atMs]);
    wasEmpty = isEmpty;
  }
  return runs;
}
