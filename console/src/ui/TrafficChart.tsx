'use client';
/** WAN saved: bytes delivered over time by source, the totals, and the same as a table. The chart library loads with the first chart. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { trafficQuery } from '../api/queries.ts';
import type { TrafficSeries } from '../api/schemas.ts';
import { formatBytes, formatShare, formatTime, UNKNOWN } from './format.ts';
import { Empty, QueryView } from './states.tsx';

const StackedBars = lazy(() => import('./StackedBars.tsx'));

/** At most 300 points: what Recharts draws without stutter. */
const ranges = [
  { id: '1h', label: '1 hour', rangeMs: 3_600_000, stepMs: 60_000 },
  { id: '24h', label: '24 hours', rangeMs: 86_400_000, stepMs: 300_000 },
  { id: '7d', label: '7 days', rangeMs: 7 * 86_400_000, stepMs: 3_600_000 },
] as const;

export const sources = [
  { key: 'fromPeers', label: 'from neighbours (LAN)', color: 'var(--harp-chart-lan)' },
  { key: 'fromLocal', label: 'reused on the PC', color: 'var(--harp-chart-local)' },
  { key: 'fromOrigin', label: 'over the WAN', color: 'var(--harp-chart-wan)' },
] as const;

/** Traffic of one office, or of all. */
export function TrafficChart({ office }: { office?: string }) {
  const [range, setRange] = useState<(typeof ranges)[number]>(ranges[0]);
  const [asTable, setAsTable] = useState(false);
  const traffic = useQuery(
    trafficQuery({ ...(office === undefined ? {} : { office }), rangeMs: range.rangeMs, stepMs: range.stepMs }),
  );
  return (
    <div>
      <div className="legend">
        {ranges.map((each) => (
          <button
            key={each.id}
            type="button"
            className="link-button"
            aria-pressed={each.id === range.id}
            style={{ fontWeight: each.id === range.id ? 600 : 400 }}
            onClick={() => setRange(each)}
          >
            {each.label}
          </button>
        ))}
        <button type="button" className="link-button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'View as chart' : 'View as table'}
        </button>
      </div>
      <QueryView query={traffic} what="The chart">
        {(series) => (
          <>
            <Totals totals={series.totals} />
            {series.points.length === 0 ? (
              <Empty sentence="Nothing was delivered in this time." />
            ) : asTable ? (
              <TrafficTable series={series} />
            ) : (
              <>
                <div className="legend">
                  {sources.map(({ key, label, color }) => (
                    <span key={key}>
                      <i style={{ background: color }} />
                      {label}
                    </span>
                  ))}
                </div>
                <div className="chart">
                  <Suspense fallback={null}>
                    <StackedBars series={series} />
                  </Suspense>
                </div>
              </>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}

function Totals({ totals }: { totals: TrafficSeries['totals'] }) {
  const delivered = totals.fromPeers + totals.fromLocal + totals.fromOrigin;
  const saved = delivered - totals.fromOrigin;
  const facts = [
    ['WAN saved', delivered === 0 ? UNKNOWN : `${formatBytes(saved)} (${formatShare(saved, delivered)})`],
    ['Delivered to PCs', formatBytes(delivered)],
    ['Crossed the WAN', formatBytes(totals.fromOrigin)],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TrafficTable({ series }: { series: TrafficSeries }) {
  return (
    <div className="table-scroll">
      <table className="grid">
        <thead>
          <tr>
            <th>From</th>
            {sources.map(({ key, label }) => (
              <th key={key} className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.points.map((point) => (
            <tr key={point.atMs}>
              <td>{formatTime(point.atMs)}</td>
              {sources.map(({ key }) => (
                <td key={key} className="number">
                  {formatBytes(point[key])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
