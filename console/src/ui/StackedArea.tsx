'use client';
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { TrafficSeries } from '../api/schemas.ts';
import { formatBytes, formatDateTime, formatTime } from './format.ts';
import { sources } from './TrafficChart.tsx';

/** A step without any report is a gap, not a zero. */
function withGaps({ fromMs, toMs, stepMs, points }: TrafficSeries) {
  const known = new Map(points.map((point) => [point.atMs, point]));
  const steps = Math.max(0, Math.round((toMs - fromMs) / stepMs));
  return Array.from({ length: steps }, (_, index) => {
    const atMs = fromMs + index * stepMs;
    return known.get(atMs) ?? { atMs, fromPeers: null, fromLocal: null, fromOrigin: null };
  });
}

export default function StackedArea({ series }: { series: TrafficSeries }) {
  const axis = { stroke: 'var(--vscode-descriptionForeground)', fontSize: 12, tickLine: false } as const;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={withGaps(series)} margin={{ top: 8, right: 16, bottom: 0, left: 8 }} accessibilityLayer>
        <CartesianGrid stroke="var(--harp-chart-grid)" vertical={false} />
        <XAxis
          dataKey="atMs"
          type="number"
          domain={[series.fromMs, series.toMs]}
          scale="time"
          tickFormatter={formatTime}
          minTickGap={48}
          {...axis}
        />
        <YAxis tickFormatter={formatBytes} width={72} {...axis} />
        <Tooltip
          labelFormatter={(atMs) => formatDateTime(Number(atMs))}
          formatter={(bytes) => formatBytes(Number(bytes))}
          contentStyle={{
            background: 'var(--vscode-sideBar-background)',
            border: '1px solid var(--vscode-sideBar-border)',
            borderRadius: 4,
          }}
          isAnimationActive={false}
        />
        {sources.map(({ key, label, color }) => (
          <Area
            key={key}
            dataKey={key}
            name={label}
            stackId="bytes"
            stroke={color}
            fill={color}
            fillOpacity={0.35}
            type="stepAfter"
            dot={{ r: 1.5 }}
            isAnimationActive={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  );
}
