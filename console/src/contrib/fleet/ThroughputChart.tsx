'use client';
/** When and where something moves: offices × slots as a heat map. A hatched cell is one nobody reported in. */
import { useMemo } from 'react';
import type { Throughput } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { cutName } from './display-name.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { officeInput } from './inputs.ts';
import { type RangeChartProps, useRangeChoices } from './RangeTools.tsx';
import { DAY_MS, type ShownRange, withRange } from './time-ranges.ts';

/** As many as a screen holds; the table has them all. */
const MAX_ROWS = 60;
const ROW_PIXELS = 18;

export function ThroughputChart({ query, range, params, setParams }: RangeChartProps<Throughput>) {
  const text = useText();
  return (
    <QueryView query={query} what={text(messages.whenAndWhere)}>
      {(data) => <Chart data={data} range={range} onRange={(id) => setParams(withRange(params, id))} />}
    </QueryView>
  );
}

interface Cell {
  id: string;
  officeName: string;
  atMs: number;
  bytes: number | null;
  fromOrigin: number | null;
  reporting: number;
}

function Chart({ data, range, onRange }: { data: Throughput; range: ShownRange; onRange(id: string): void }) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const ranges = useRangeChoices();
  // The busiest first: rows that are cut off are those with least to see.
  const offices = useMemo(() => data.offices.toSorted((a, b) => sumOf(b.bytes) - sumOf(a.bytes)), [data]);
  const shown = offices.slice(0, MAX_ROWS);
  const cells = useMemo(() => cellsOf(data), [data]);
  const columns = useColumns(data.stepMs);
  const isLong = data.toMs - data.fromMs > 2 * DAY_MS;
  const question = text(messages.whenAndWhere);
  const slotAt = (slot: number) => data.fromMs + slot * data.stepMs;
  return (
    <ChartFrame
      question={question}
      unit={text(messages.bytesPerSecond)}
      ranges={ranges}
      range={range.id}
      onRange={onRange}
      columns={columns}
      rows={cells}
      rowKey={({ id }) => id}
      csvName="harp-throughput"
      height={Math.max(160, shown.length * ROW_PIXELS + 60)}
      answer={
        offices.length > MAX_ROWS
          ? text(messages.busiestShown, { count: MAX_ROWS, total: format.count(offices.length) })
          : undefined
      }
      empty={<Empty sentence={text(messages.noReports)} />}
    >
      <HeatMap
        label={question}
        rows={shown.map(({ officeId, officeName }) => ({ id: officeId, label: cutName(officeName) }))}
        columns={Array.from({ length: data.slots }, (_, slot) => ({
          id: String(slotAt(slot)),
          label: isLong ? format.dateTime(slotAt(slot)) : format.clock(slotAt(slot)),
        }))}
        value={(row, column) => {
          const bytes = shown[row]?.bytes[column] ?? null;
          return bytes === null ? null : (bytes * 1000) / data.stepMs;
        }}
        formatValue={format.rate}
        onOpen={(officeId, atMs) => {
          const office = shown.find((each) => each.officeId === officeId);
          if (office !== undefined)
            editors.open(officeInput({ id: officeId, name: office.officeName }, aroundOf(Number(atMs), data)));
        }}
      />
    </ChartFrame>
  );
}

/** The office's throughput around a cell. */
function aroundOf(atMs: number, { stepMs }: Throughput): Record<string, string> {
  const marginMs = Math.max(30 * stepMs, 3_600_000);
  return { tab: 'throughput', from: String(Math.max(0, atMs - marginMs)), to: String(atMs + marginMs) };
}

function sumOf(bytes: readonly (number | null)[]): number {
  let sum = 0;
  for (const each of bytes) sum += each ?? 0;
  return sum;
}

function cellsOf({ offices, fromMs, stepMs }: Throughput): Cell[] {
  return offices.flatMap(({ officeId, officeName, bytes, fromOrigin, reporting }) =>
    bytes.map((value, slot) => ({
      id: `${officeId}/${slot}`,
      officeName,
      atMs: fromMs + slot * stepMs,
      bytes: value,
      fromOrigin: fromOrigin[slot] ?? null,
      reporting: reporting[slot] ?? 0,
    })),
  );
}

function useColumns(stepMs: number): readonly Column<Cell>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(
    () => [
      { id: 'office', title: text(messages.office), width: 180, value: ({ officeName }) => cutName(officeName) },
      {
        id: 'at',
        title: text(messages.from),
        width: 170,
        value: ({ atMs }) => new Date(atMs).toISOString(),
        render: ({ atMs }) => format.dateTime(atMs),
      },
      {
        id: 'rate',
        title: text(messages.throughput),
        align: 'end',
        width: 120,
        value: ({ bytes }) => (bytes === null ? null : (bytes * 1000) / stepMs),
        render: ({ bytes }) => format.rate(bytes === null ? null : (bytes * 1000) / stepMs),
      },
      {
        id: 'wan',
        title: text(messages.overWan),
        align: 'end',
        width: 120,
        value: ({ fromOrigin }) => fromOrigin,
        render: ({ fromOrigin }) => format.bytes(fromOrigin),
      },
      {
        id: 'reporting',
        title: text(messages.pcsReporting),
        align: 'end',
        width: 120,
        value: ({ reporting }) => reporting,
      },
    ],
    [text, format, stepMs],
  );
}
