'use client';
/** What went through an office's network over time: how fast, from where, and how much of it stayed on the LAN. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { trafficRangeQuery } from '../../api/queries.ts';
import type { TrafficSeries } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import type { ChartPoint, ChartSeries } from '../../ui/charts/model.ts';
import { TimeLines } from '../../ui/charts/TimeLines.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { editorMessages as messages } from './editor-messages.ts';
import type { OfficeTabProps } from './OfficeEditor.tsx';
import { RangeLine, useRange, useRangeChoices } from './RangeTools.tsx';
import { hitRatioPoints, isKnown, ratePoints } from './throughput-points.ts';
import { type ShownRange, withRange } from './time-ranges.ts';

export default function OfficeThroughput({ office, params, setParams }: OfficeTabProps) {
  const text = useText();
  const range = useRange(params);
  const zone = office.timeZone ?? undefined;
  const { fromMs, toMs, stepMs } = range;
  const traffic = useQuery(trafficRangeQuery({ office: office.id, fromMs, toMs, stepMs }));
  return (
    <>
      <RangeLine range={range} zone={zone} params={params} setParams={setParams} />
      <QueryView query={traffic} what={text(messages.throughput)}>
        {(series) => (
          <>
            <Rates
              office={office.name}
              zone={zone}
              series={series}
              range={range}
              onRange={(id) => setParams(withRange(params, id))}
            />
            <HitRatio office={office.name} zone={zone} series={series} />
          </>
        )}
      </QueryView>
    </>
  );
}

interface SeriesProps {
  office: string;
  /** The zone of the office's clocks, if it is known. */
  zone: string | undefined;
  series: TrafficSeries;
}

interface RatesProps extends SeriesProps {
  range: ShownRange;
  onRange(id: string): void;
}

function Rates({ office, zone, series, range, onRange }: RatesProps) {
  const text = useText();
  const format = useFormat();
  const ranges = useRangeChoices();
  const points = useMemo(() => ratePoints(series), [series]);
  const lines: readonly ChartSeries[] = [
    { key: 'fromPeers', label: text(messages.fromNeighbours), color: 'lan', dash: 'solid' },
    { key: 'fromLocal', label: text(messages.reused), color: 'local', dash: 'dotted' },
    { key: 'fromOrigin', label: text(messages.overWan), color: 'wan', dash: 'dashed' },
  ];
  const question = text(messages.whenBusy, { name: office });
  return (
    <ChartFrame
      question={question}
      unit={text(messages.bytesPerSecond)}
      ranges={ranges}
      range={range.id}
      onRange={onRange}
      columns={columnsOf(text(messages.from), lines, (atMs) => format.dateTime(atMs, zone), format.rate)}
      rows={points}
      rowKey={keyOf}
      csvName={`harp-${office}-throughput`}
      legend={[...lines, { label: text(messages.nobodyReported), color: 'unknown', hatched: true }]}
      {...(points.some(isKnown) ? {} : { empty: <Empty sentence={text(messages.noReports)} /> })}
    >
      <TimeLines
        label={question}
        series={lines}
        points={points}
        fromMs={series.fromMs}
        toMs={series.toMs}
        stepMs={series.stepMs}
        formatValue={format.rate}
        timeZone={zone}
        syncKey={`office/${office}`}
      />
    </ChartFrame>
  );
}

function HitRatio({ office, zone, series }: SeriesProps) {
  const text = useText();
  const format = useFormat();
  const points = useMemo(() => hitRatioPoints(series), [series]);
  const lines: readonly ChartSeries[] = [{ key: 'lan', label: text(messages.notOverWan), color: 'lan', dash: 'solid' }];
  const { fromPeers, fromLocal, fromOrigin } = series.totals;
  const share = (value: number) => format.share(value, 1);
  const question = text(messages.howMuchLan, { name: office });
  return (
    <ChartFrame
      question={question}
      unit={text(messages.shareOfBytes)}
      answer={text(messages.hitRatioAnswer, {
        share: format.share(fromPeers + fromLocal, fromPeers + fromLocal + fromOrigin),
        bytes: format.bytes(fromPeers + fromLocal + fromOrigin),
      })}
      columns={columnsOf(text(messages.from), lines, (atMs) => format.dateTime(atMs, zone), share)}
      rows={points}
      rowKey={keyOf}
      csvName={`harp-${office}-hit-ratio`}
      legend={[...lines, { label: text(messages.nothingMoved), color: 'unknown', hatched: true }]}
      {...(points.some(isKnown) ? {} : { empty: <Empty sentence={text(messages.nothingDelivered)} /> })}
    >
      <TimeLines
        label={question}
        series={lines}
        points={points}
        fromMs={series.fromMs}
        toMs={series.toMs}
        stepMs={series.stepMs}
        formatValue={share}
        timeZone={zone}
        max={1}
        syncKey={`office/${office}`}
      />
    </ChartFrame>
  );
}

const keyOf = ({ atMs }: ChartPoint) => String(atMs);

function columnsOf(
  from: string,
  lines: readonly ChartSeries[],
  formatTime: (atMs: number) => string,
  formatValue: (value: number) => string,
): readonly Column<ChartPoint>[] {
  return [
    {
      id: 'at',
      title: from,
      width: 170,
      value: ({ atMs }) => new Date(atMs).toISOString(),
      render: ({ atMs }) => formatTime(atMs),
    },
    ...lines.map(
      ({ key, label }): Column<ChartPoint> => ({
        id: key,
        title: label,
        align: 'end',
        width: 140,
        value: ({ values }) => values[key] ?? null,
        render: ({ values }) => formatValue(values[key] ?? Number.NaN),
      }),
    ),
  ];
}
