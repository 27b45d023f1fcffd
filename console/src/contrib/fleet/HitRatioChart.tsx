'use client';
/** Which office is not sharing: a dot per office, worst first, over the bands at 60 and 10 per cent. */
import { useMemo } from 'react';
import type { HitRatios } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { RankedDots } from '../../ui/charts/RankedDots.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { cutName } from './display-name.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { officeInput } from './inputs.ts';
import { type RangeChartProps, useRangeChoices } from './RangeTools.tsx';
import { type ShownRange, withRange } from './time-ranges.ts';

type Row = HitRatios['offices'][number];

/** Offices below this share are told apart from those that share well; as in Windows' delivery reports. */
const WARNING = 0.6;
const MAX_DOTS = 60;
const DOT_PIXELS = 24;

export function HitRatioChart({ query, range, params, setParams }: RangeChartProps<HitRatios>) {
  const text = useText();
  return (
    <QueryView query={query} what={text(messages.whoShares)}>
      {({ offices }) => <Chart offices={offices} range={range} onRange={(id) => setParams(withRange(params, id))} />}
    </QueryView>
  );
}

function Chart({ offices, range, onRange }: { offices: readonly Row[]; range: ShownRange; onRange(id: string): void }) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const ranges = useRangeChoices();
  const ranked = useMemo(
    () => offices.toSorted((a, b) => (shareOf(a) ?? 2) - (shareOf(b) ?? 2) || (a.officeName < b.officeName ? -1 : 1)),
    [offices],
  );
  const columns = useColumns();
  const weak = ranked.filter((office) => (shareOf(office) ?? 1) < WARNING).length;
  const question = text(messages.whoShares);
  const open = (id: string) => {
    const office = offices.find(({ officeId }) => officeId === id);
    if (office !== undefined) editors.open(officeInput({ id, name: office.officeName }, { tab: 'throughput' }));
  };
  const dots = ranked.slice(0, MAX_DOTS);
  return (
    <ChartFrame
      question={question}
      unit={text(messages.shareOfBytes)}
      ranges={ranges}
      range={range.id}
      onRange={onRange}
      answer={
        <>
          {text(messages.weakOffices, { count: weak, total: format.count(ranked.length) })}
          {ranked.length > MAX_DOTS ? ` ${text(messages.worstShown, { count: MAX_DOTS })}` : null}
        </>
      }
      columns={columns}
      rows={ranked}
      rowKey={({ officeId }) => officeId}
      csvName="harp-lan-hit-ratio"
      height={Math.max(120, (dots.length + 2) * DOT_PIXELS)}
      empty={<Empty sentence={text(messages.nothingDelivered)} />}
    >
      <RankedDots
        label={question}
        items={dots.map((office) => ({
          id: office.officeId,
          label: cutName(office.officeName),
          share: shareOf(office),
          detail: text(messages.bytesOfPcs, {
            bytes: format.bytes(allOf(office)),
            online: format.count(office.agentsOnline),
            total: format.count(office.agentsTotal),
          }),
        }))}
        formatShare={(share) => format.share(share, 1)}
        onOpen={open}
      />
    </ChartFrame>
  );
}

function allOf({ fromPeers, fromLocal, fromOrigin }: Row): number {
  return fromPeers + fromLocal + fromOrigin;
}

function shareOf(row: Row): number | null {
  const all = allOf(row);
  return all === 0 ? null : (row.fromPeers + row.fromLocal) / all;
}

function useColumns(): readonly Column<Row>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(() => {
    const bytes = (id: string, title: string, value: (row: Row) => number): Column<Row> => ({
      id,
      title,
      align: 'end',
      width: 120,
      value,
      render: (row) => format.bytes(value(row)),
    });
    return [
      { id: 'office', title: text(messages.office), width: 180, value: ({ officeName }) => cutName(officeName) },
      { id: 'region', title: text(messages.region), width: 120, value: ({ region }) => region },
      {
        id: 'share',
        title: text(messages.notOverWan),
        align: 'end',
        width: 120,
        value: shareOf,
        render: (row) => format.share(row.fromPeers + row.fromLocal, allOf(row)),
      },
      bytes('lan', text(messages.fromNeighbours), ({ fromPeers }) => fromPeers),
      bytes('local', text(messages.reused), ({ fromLocal }) => fromLocal),
      bytes('wan', text(messages.overWan), ({ fromOrigin }) => fromOrigin),
    ];
  }, [text, format]);
}
