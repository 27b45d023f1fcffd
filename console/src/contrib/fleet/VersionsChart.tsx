'use client';
/** Who runs which version: over time as stacked bars, and now with the share of blocked PCs, which is how a bad version shows. */
import { useMemo } from 'react';
import type { VersionSeries } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import type { ChartPoint } from '../../ui/charts/model.ts';
import { StackedBars } from '../../ui/charts/StackedBars.tsx';
import { formatTerm } from '../../ui/query.ts';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { editorMessages as messages } from './editor-messages.ts';
import { tableInput } from './inputs.ts';
import { messages as fleet } from './messages.ts';
import { Name } from './Name.tsx';
import { type RangeChartProps, useRangeChoices } from './RangeTools.tsx';
import { isKnown } from './throughput-points.ts';
import { type ShownRange, withRange } from './time-ranges.ts';
import { shownVersions } from './version-series.ts';

export function VersionsChart({ query, range, params, setParams }: RangeChartProps<VersionSeries>) {
  const text = useText();
  return (
    <QueryView query={query} what={text(messages.whichVersions)}>
      {(data) => (
        <>
          <OverTime data={data} range={range} onRange={(id) => setParams(withRange(params, id))} />
          <Now present={data.present} />
        </>
      )}
    </QueryView>
  );
}

function OverTime({ data, range, onRange }: { data: VersionSeries; range: ShownRange; onRange(id: string): void }) {
  const text = useText();
  const format = useFormat();
  const ranges = useRangeChoices();
  const others = text(messages.otherVersions);
  const { series, points } = useMemo(() => shownVersions(data, others), [data, others]);
  const columns = useMemo<readonly Column<ChartPoint>[]>(
    () => [
      {
        id: 'at',
        title: text(messages.from),
        width: 170,
        value: ({ atMs }) => new Date(atMs).toISOString(),
        render: ({ atMs }) => format.dateTime(atMs),
      },
      ...series.map(
        ({ key, label }): Column<ChartPoint> => ({
          id: key,
          title: label,
          align: 'end',
          width: 110,
          value: ({ values }) => values[key] ?? null,
        }),
      ),
    ],
    [series, text, format],
  );
  const question = text(messages.whichVersions);
  return (
    <ChartFrame
      question={question}
      unit={text(messages.pcs)}
      ranges={ranges}
      range={range.id}
      onRange={onRange}
      columns={columns}
      rows={points.some(isKnown) ? points : []}
      rowKey={({ atMs }) => String(atMs)}
      csvName="harp-versions"
      legend={[...series, { label: text(messages.nobodyCounted), color: 'unknown', hatched: true }]}
      empty={<Empty sentence={text(messages.noVersions)} />}
    >
      <StackedBars
        label={question}
        series={series}
        points={points}
        fromMs={data.fromMs}
        toMs={data.toMs}
        stepMs={data.stepMs}
        formatValue={format.count}
      />
    </ChartFrame>
  );
}

function Now({ present }: { present: VersionSeries['present'] }) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  if (present.length === 0) return null;
  const all = present.reduce((sum, { agents }) => sum + agents, 0);
  return (
    <div className="table-scroll">
      <table className="grid">
        <caption className="visually-hidden">{text(messages.versionsNow)}</caption>
        <thead>
          <tr>
            <th scope="col">{text(messages.versionsNow)}</th>
            <th scope="col" className="number">
              {text(messages.pcs)}
            </th>
            <th scope="col" className="number">
              {text(messages.share)}
            </th>
            <th scope="col" className="number">
              {text(messages.pcsOnline)}
            </th>
            <th scope="col">{text(messages.blockedPcs)}</th>
          </tr>
        </thead>
        <tbody>
          {present.map(({ version, agents, online, blocked }) => (
            <tr key={version}>
              <th scope="row">
                <LinkButton
                  run={() =>
                    editors.open(
                      tableInput(text(fleet.fleet), formatTerm({ key: 'version', value: version, isNegated: false })),
                    )
                  }
                >
                  <Name>{version}</Name>
                </LinkButton>
              </th>
              <td className="number">{format.count(agents)}</td>
              <td className="number">{format.share(agents, all)}</td>
              <td className="number">{format.count(online)}</td>
              <td>
                {blocked === 0 ? (
                  <State tone="ok">{text(messages.none)}</State>
                ) : (
                  <State tone="error">
                    {text(messages.blockedOf, { count: format.count(blocked), share: format.share(blocked, agents) })}
                  </State>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
