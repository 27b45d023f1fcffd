'use client';
import { useMemo, useState } from 'react';
import { useFormat } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import type { ChartPoint, ChartSeries, StepLine } from '../../ui/charts/model.ts';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { ProportionBar } from '../../ui/charts/ProportionBar.tsx';
import { RankedDots } from '../../ui/charts/RankedDots.tsx';
import { StackedBars } from '../../ui/charts/StackedBars.tsx';
import { StepCurve } from '../../ui/charts/StepCurve.tsx';
import { TimeLines } from '../../ui/charts/TimeLines.tsx';
import { Empty } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { hostileNames, NOW_MS, sequence } from './samples.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const sources: ChartSeries[] = [
  { key: 'lan', label: 'from neighbours (LAN)', color: 'lan' },
  { key: 'local', label: 'reused on the PC', color: 'local' },
  { key: 'wan', label: 'over the WAN', color: 'wan' },
];

/** Points with two gaps: nobody reported there. */
function points(stepMs: number, count: number, keys: readonly string[]): ChartPoint[] {
  const next = sequence(count);
  return Array.from({ length: count }, (_, index) => ({
    atMs: NOW_MS - (count - index) * stepMs,
    values: Object.fromEntries(keys.map((key) => [key, Math.round(next() * 5e9)])),
  })).filter(
    (_, index) => !(index > count * 0.3 && index < count * 0.4) && !(index > count * 0.8 && index < count * 0.84),
  );
}

const keyOf = ({ atMs }: ChartPoint) => String(atMs);

function usePointColumns(series: readonly ChartSeries[]): Column<ChartPoint>[] {
  const format = useFormat();
  return useMemo(
    () => [
      { id: 'at', title: 'From', value: ({ atMs }) => format.dateTime(atMs, 'UTC'), width: 180 },
      ...series.map(
        ({ key, label }): Column<ChartPoint> => ({
          id: key,
          title: label,
          value: ({ values }) => values[key] ?? null,
          render: ({ values }) => format.bytes(values[key]),
          align: 'end',
          width: 160,
        }),
      ),
    ],
    [format, series],
  );
}

const ranges = [
  { id: '1h', label: '1 hour' },
  { id: '24h', label: '24 hours' },
];

export function BarsItem() {
  const format = useFormat();
  const [range, setRange] = useState('1h');
  const shown = useMemo(() => points(MINUTE_MS, 60, ['lan', 'local', 'wan']), []);
  const columns = usePointColumns(sources);
  return (
    <>
      <ChartFrame
        question="What did sharing save on the internet line?"
        unit="bytes per minute"
        ranges={ranges}
        range={range}
        onRange={setRange}
        columns={columns}
        rows={shown}
        rowKey={keyOf}
        csvName="wan-saved"
        legend={sources}
        coverage={{ reporting: 38, total: 45 }}
        answer="1.2 TB of 1.6 TB (75 %) did not cross the internet line."
      >
        <StackedBars
          label="Bytes by source"
          series={sources}
          points={shown}
          fromMs={NOW_MS - HOUR_MS}
          toMs={NOW_MS}
          stepMs={MINUTE_MS}
          formatValue={format.bytes}
        />
      </ChartFrame>
      <ChartFrame
        question="And when nothing was delivered?"
        unit="bytes"
        columns={columns}
        rows={[]}
        rowKey={keyOf}
        csvName="nothing"
        empty={<Empty sentence="Nothing was delivered in this time." />}
      >
        {null}
      </ChartFrame>
    </>
  );
}

const lines: ChartSeries[] = [
  { key: 'lan', label: 'LAN', color: 'a' },
  { key: 'wan', label: 'WAN', color: 'b', dash: 'dashed' },
  { key: 'c', label: 'third', color: 'c', dash: 'dotted' },
  { key: 'd', label: 'fourth', color: 'd', dash: 'dash-dot' },
  { key: 'e', label: 'fifth', color: 'e' },
];

export function LinesItem() {
  const format = useFormat();
  const shown = useMemo(
    () =>
      points(
        MINUTE_MS,
        240,
        lines.map(({ key }) => key),
      ),
    [],
  );
  const columns = usePointColumns(lines);
  return (
    <ChartFrame
      question="How fast is this office?"
      unit="bytes per second"
      columns={columns}
      rows={shown}
      rowKey={keyOf}
      csvName="rate"
      legend={lines}
      height={300}
    >
      <TimeLines
        label="Rates"
        series={lines}
        points={shown}
        fromMs={NOW_MS - 4 * HOUR_MS}
        toMs={NOW_MS}
        stepMs={MINUTE_MS}
        formatValue={format.rate}
        markers={[{ atMs: NOW_MS - 2 * HOUR_MS, label: 'version 0.2.0' }]}
      />
    </ChartFrame>
  );
}

const steps: StepLine[] = ['Lyon', 'Paris', hostileNames[2]].map((label, index) => {
  const next = sequence(index + 7);
  let share = 0;
  return {
    key: label,
    label,
    color: (['a', 'b', 'c'] as const)[index] ?? 'a',
    dash: (['solid', 'dashed', 'dotted'] as const)[index] ?? 'solid',
    points: Array.from({ length: 20 }, (_, point) => {
      share = Math.min(1, share + next() * 0.12);
      return { afterMs: point * 4 * MINUTE_MS, share };
    }),
  };
});

export function StepsItem() {
  const format = useFormat();
  const rows = useMemo(
    () => steps.map(({ label, points: line }) => ({ label, share: line.at(-1)?.share ?? null })),
    [],
  );
  const columns = useMemo<Column<(typeof rows)[number]>[]>(
    () => [
      { id: 'office', title: 'Office', value: ({ label }) => label, width: 240 },
      {
        id: 'share',
        title: 'Arrived',
        value: ({ share }) => share,
        render: ({ share }) => format.share(share, 1),
        align: 'end',
      },
    ],
    [format],
  );
  return (
    <ChartFrame
      question="How long until every PC has it?"
      unit="share of PCs"
      columns={columns}
      rows={rows}
      rowKey={({ label }) => label}
      csvName="time-to-office"
    >
      <StepCurve
        label="Time to office"
        lines={steps}
        toMs={100 * MINUTE_MS}
        knownUntilMs={85 * MINUTE_MS}
        sloMs={60 * MINUTE_MS}
        formatDuration={format.duration}
      />
    </ChartFrame>
  );
}

const offices = [...hostileNames, ...Array.from({ length: 12 }, (_, index) => `Office ${index + 1}`)].map(
  (label, index) => ({
    id: `office-${index}`,
    label,
  }),
);

export function HeatItem() {
  const format = useFormat();
  const { columns, cells } = useMemo(() => {
    const next = sequence(99);
    const slots = Array.from({ length: 288 }, (_, index) => ({
      id: String(index),
      label: format.clock(NOW_MS - (288 - index) * 5 * MINUTE_MS, 'UTC'),
    }));
    const values = offices.map((_, row) =>
      slots.map((_slot, slot) => (row % 5 === 2 && slot > 90 && slot < 140 ? null : next() ** 3 * 4e9)),
    );
    return { columns: slots, cells: values };
  }, [format]);
  const value = useMemo(() => (row: number, column: number) => cells[row]?.[column] ?? null, [cells]);
  const rows = useMemo(
    () =>
      offices.map((office, row) => ({
        ...office,
        total: (cells[row] ?? []).reduce<number>((sum, cell) => sum + (cell ?? 0), 0),
      })),
    [cells],
  );
  const table = useMemo<Column<(typeof rows)[number]>[]>(
    () => [
      { id: 'office', title: 'Office', value: ({ label }) => label, width: 240 },
      {
        id: 'total',
        title: 'Bytes',
        value: ({ total }) => total,
        render: ({ total }) => format.bytes(total),
        align: 'end',
      },
    ],
    [format],
  );
  return (
    <ChartFrame
      question="When and where is it slow?"
      unit="bytes in 5 minutes"
      columns={table}
      rows={rows}
      rowKey={({ id }) => id}
      csvName="throughput"
    >
      <HeatMap label="Throughput" rows={offices} columns={columns} value={value} formatValue={format.bytes} />
    </ChartFrame>
  );
}

export function DotsItem() {
  const format = useFormat();
  const items = useMemo(() => {
    const next = sequence(5);
    return offices.map(({ id, label }, index) => ({
      id,
      label,
      share: index === 3 ? null : next() ** 2,
      detail: '45 PCs',
    }));
  }, []);
  const columns = useMemo<Column<(typeof items)[number]>[]>(
    () => [
      { id: 'office', title: 'Office', value: ({ label }) => label, width: 240 },
      {
        id: 'share',
        title: 'From neighbours',
        value: ({ share }) => share,
        render: ({ share }) => format.share(share, 1),
        align: 'end',
      },
    ],
    [format],
  );
  return (
    <ChartFrame
      question="Which office is not sharing?"
      unit="share from neighbours"
      columns={columns}
      rows={items}
      rowKey={({ id }) => id}
      csvName="hit-ratio"
    >
      <RankedDots
        label="Hit ratio by office"
        items={items}
        formatShare={(share) => format.share(share, 1)}
        onOpen={() => {}}
      />
    </ChartFrame>
  );
}

export function ProportionItem() {
  return (
    <div className="workshop-cards">
      <section className="workshop-card" aria-label="Proportions">
        <ProportionBar
          label="Is everything delivered genuine?"
          parts={[
            { key: 'ok', label: 'verified', count: 9_412, tone: 'ok', icon: 'verified' },
            { key: 'behind', label: 'behind', count: 512, tone: 'warning', icon: 'history' },
            { key: 'broken', label: 'broken', count: 1, tone: 'error', icon: 'error', detail: hostileNames[0] },
            { key: 'silent', label: 'not reported', count: 75, tone: 'unknown', icon: 'circle-large-outline' },
          ]}
          onOpen={() => {}}
        />
      </section>
      <section className="workshop-card" aria-label="Progress">
        <ProgressBar label="done" share={0.42} words="42 of 100" />
        <ProgressBar label="warning" share={0.9} tone="warning" words="9 of 10 disks" />
        <ProgressBar label="unknown" share={null} words="not known how far" />
        <ProgressBar label="wide" share={0.7} size="wide" words="70 %" />
      </section>
    </div>
  );
}
