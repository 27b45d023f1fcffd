'use client';
import { useMemo } from 'react';
import type { TrafficSeries } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import type { ChartSeries, LegendItem } from '../../ui/charts/model.ts';
import { StackedBars } from '../../ui/charts/StackedBars.tsx';
import { Empty } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { savingsEditorText } from './editor-messages.ts';
import { gapsIn, pointsOf, type Slot, slotsOfSeries } from './figures.ts';
import { savingsText } from './messages.ts';
import { type RangeId, rangeIds, type TimeWindow } from './time-window.ts';

const rangeText = {
  today: savingsText.today,
  '24h': savingsText.day,
  '7d': savingsText.week,
  '30d': savingsText.month,
  custom: savingsEditorText.custom,
} as const satisfies Record<RangeId, unknown>;

export interface TrafficBarsProps {
  series: TrafficSeries;
  /** The steps of the series, as the server cuts them. */
  grid: TimeWindow;
  nowMs: number;
  /** The zone whose times the table shows. */
  zone: string;
  range: RangeId;
  onRange(range: RangeId): void;
}

/** Bytes of each step by where they came from; steps without a report are hatched. */
export function TrafficBars({ series, grid, nowMs, zone, range, onRange }: TrafficBarsProps) {
  const text = useText();
  const format = useFormat();
  const { fromMs, toMs, stepMs } = grid;
  const slots = useMemo(
    () => slotsOfSeries(series.points, { fromMs, toMs, stepMs }, nowMs),
    [series.points, fromMs, toMs, stepMs, nowMs],
  );
  const points = useMemo(() => pointsOf(slots), [slots]);
  const kinds = useMemo(
    (): ChartSeries[] => [
      { key: 'fromPeers', label: text(savingsEditorText.lan), color: 'lan' },
      { key: 'fromLocal', label: text(savingsEditorText.local), color: 'local' },
      { key: 'fromOrigin', label: text(savingsEditorText.wan), color: 'wan' },
    ],
    [text],
  );
  const columns = useMemo((): Column<Slot>[] => {
    const amount = (key: 'fromPeers' | 'fromLocal' | 'fromOrigin', title: string): Column<Slot> => ({
      id: key,
      title,
      value: (slot) => slot[key],
      render: (slot) => format.bytes(slot[key]),
      align: 'end',
      width: 180,
    });
    return [
      {
        id: 'time',
        title: text(savingsEditorText.time),
        value: ({ atMs }) => new Date(atMs).toISOString(),
        render: ({ atMs }) => format.dateTime(atMs, zone),
        width: 200,
      },
      amount('fromPeers', text(savingsEditorText.lan)),
      amount('fromLocal', text(savingsEditorText.local)),
      amount('fromOrigin', text(savingsEditorText.wan)),
    ];
  }, [text, format, zone]);
  const gaps = gapsIn(slots);
  const legend: LegendItem[] = [
    ...kinds.map(({ label, color }) => ({ label, color })),
    ...(gaps === 0 ? [] : [{ label: text(savingsEditorText.noReport), color: 'unknown', hatched: true } as const]),
  ];
  const hasData = gaps < slots.length;
  return (
    <ChartFrame
      question={text(savingsEditorText.question)}
      unit={text(savingsEditorText.unit, { step: format.duration(stepMs) })}
      ranges={rangeIds.map((id) => ({ id, label: text(rangeText[id]) }))}
      range={range}
      onRange={(id) => onRange(rangeIds.find((each) => each === id) ?? 'today')}
      columns={columns}
      rows={hasData ? slots : []}
      rowKey={slotKey}
      csvName="wan-saved"
      legend={legend}
      answer={gaps === 0 || !hasData ? undefined : text(savingsEditorText.gaps, { gaps, total: slots.length })}
      empty={<Empty sentence={text(savingsEditorText.empty)} />}
    >
      <StackedBars
        label={text(savingsEditorText.chartLabel, { from: format.minute(fromMs, zone), to: format.minute(toMs, zone) })}
        series={kinds}
        points={points}
        fromMs={fromMs}
        toMs={Math.min(toMs, (slots.at(-1)?.atMs ?? fromMs) + stepMs)}
        stepMs={stepMs}
        formatValue={format.bytes}
        timeZone={zone}
      />
    </ChartFrame>
  );
}

const slotKey = ({ atMs }: Slot) => String(atMs);
