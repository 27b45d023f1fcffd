'use client';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { TrafficSeries } from '../api/schemas.ts';
import { formatBytes, formatClock, formatDateTime, formatDay } from './format.ts';
import { sources } from './TrafficChart.tsx';

const DAY_MS = 86_400_000;

/** One slot per step, reported or not: a step without any report stays empty, and time is to scale. */
function slots({ fromMs, toMs, stepMs, points }: TrafficSeries) {
  const known = new Map(points.map((point) => [point.atMs, point]));
  const count = Math.max(0, Math.round((toMs - fromMs) / stepMs));
  return Array.from({ length: count }, (_, index) => {
    const atMs = fromMs + index * stepMs;
    return known.get(atMs) ?? { atMs, fromPeers: null, fromLocal: null, fromOrigin: null };
  });
}

/** Bytes of each step, stacked by source. */
export default function StackedBars({ series }: { series: TrafficSeries }) {
  const axis = { stroke: 'var(--vscode-descriptionForeground)', fontSize: 12, tickLine: false } as const;
  const formatTick = series.toMs - series.fromMs > DAY_MS ? formatDay : formatClock;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        data={slots(series)}
        margin={{ top: 8, right: 16, bottom: 0, left: 8 }}
        barCategoryGap={1}
        accessibilityLayer
      >
        <CartesianGrid stroke="var(--harp-chart-grid)" vertical={false} />
        <XAxis dataKey="atMs" tickFormatter={formatTick} minTickGap={48} {...axis} />
        <YAxis tickFormatter={formatBytes} width={72} {...axis} />
        <Tooltip
          labelFormatter={(atMs) => formatDateTime(Number(atMs))}
          formatter={(bytes) => formatBytes(Number(bytes))}
          cursor={{ fill: 'var(--vscode-list-hoverBackground)' }}
          contentStyle={{
            background: 'var(--vscode-sideBar-background)',
            border: '1px solid var(--vscode-sideBar-border)',
            borderRadius: 4,
          }}
          isAnimationActive={false}
        />
        {sources.map(({ key, label, color }) => (
          <Bar
            key={key}
            dataKey={key}
            name={label}
            stackId="bytes"
            fill={color}
            maxBarSize={24}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
