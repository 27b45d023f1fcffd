'use client';
/** Which PCs have the folder: a heat map of offices × stages, and behind every cell the PCs that are not complete and why. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAgents } from '../../api/live.tsx';
import { agentsQuery, folderQuery } from '../../api/queries.ts';
import type { FolderCoverage as Coverage } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { Empty, QueryView, State, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { Tone } from '../../ui/tone.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import {
  type CoveredPc,
  coverageByOffice,
  coveredPcs,
  notComplete,
  type OfficeCoverage,
  type Stage,
  stages,
} from './coverage.ts';
import { contentEditorText } from './editor-messages.ts';
import type { FolderTabProps } from './FolderEditor.tsx';
import { nextStepOf, reasonOf } from './reasons.ts';

export const stageMessages = {
  complete: contentEditorText.stageComplete,
  behind: contentEditorText.stageBehind,
  high: contentEditorText.stageHigh,
  middle: contentEditorText.stageMiddle,
  low: contentEditorText.stageLow,
  starting: contentEditorText.stageStarting,
  blocked: contentEditorText.stageBlocked,
  silent: contentEditorText.stageSilent,
} as const satisfies Record<Stage, unknown>;

const stageLooks: Readonly<Record<Stage, { tone: Tone; icon: string }>> = {
  complete: { tone: 'ok', icon: 'pass' },
  behind: { tone: 'info', icon: 'history' },
  high: { tone: 'info', icon: 'sync' },
  middle: { tone: 'info', icon: 'sync' },
  low: { tone: 'info', icon: 'sync' },
  starting: { tone: 'unknown', icon: 'loading' },
  blocked: { tone: 'error', icon: 'error' },
  silent: { tone: 'unknown', icon: 'circle-large-outline' },
};

/** The tab. Which cell was opened is in the address: `office`, `stage`. */
export function FolderCoverage(props: FolderTabProps) {
  const text = useText();
  const coverage = useQuery(folderQuery(props.folder.id));
  const agents = useQuery(agentsQuery);
  return (
    <QueryView query={coverage} what={text(contentEditorText.theCoverage)}>
      {({ offices }) =>
        offices.length === 0 ? (
          <Empty sentence={text(contentEditorText.noOffices)} command="npx harp apply -f fleet.yaml" />
        ) : (
          <QueryView query={agents} what={text(contentEditorText.theCoverage)}>
            {() => <CoverageMap {...props} offices={offices} />}
          </QueryView>
        )
      }
    </QueryView>
  );
}

function CoverageMap({ folder, params, setParams, offices }: FolderTabProps & { offices: Coverage['offices'] }) {
  const text = useText();
  const format = useFormat();
  const fleet = useAgents();
  const officeIds = useMemo(() => new Set(offices.map(({ officeId }) => officeId)), [offices]);
  const pcs = useMemo(() => coveredPcs(fleet.list, folder, officeIds), [fleet.list, folder, officeIds]);
  const rows = useMemo(() => coverageByOffice(offices, pcs), [offices, pcs]);
  const stage = stages.find((each) => each === params.stage);
  const office = rows.find(({ officeId }) => officeId === params.office);
  const { total, complete, reporting } = sumOf(rows);
  const columns = useMemo(
    (): Column<OfficeCoverage>[] => [
      {
        id: 'office',
        title: text(contentEditorText.office),
        value: ({ officeName }) => officeName,
        render: ({ officeName }) => <bdi>{officeName}</bdi>,
        width: 160,
      },
      { id: 'total', title: text(contentEditorText.pcs), value: ({ total: all }) => all, align: 'end', width: 70 },
      ...stages.map(
        (each): Column<OfficeCoverage> => ({
          id: each,
          title: text(stageMessages[each]),
          value: ({ counts }) => counts[each],
          align: 'end',
          width: 90,
        }),
      ),
      {
        id: 'bytes',
        title: text(contentEditorText.bytesInPlace),
        value: ({ bytesDone, bytesTotal, reporting: some }) =>
          some === 0 || bytesTotal === 0 ? null : bytesDone / bytesTotal,
        render: ({ bytesDone, bytesTotal }) => format.share(bytesDone, bytesTotal),
        align: 'end',
        width: 130,
      },
    ],
    [text, format],
  );
  const heat = useMemo(
    () => ({
      rows: rows.map(({ officeId, officeName }) => ({ id: officeId, label: officeName })),
      columns: stages.map((each) => ({ id: each, label: text(stageMessages[each]) })),
      value(row: number, column: number) {
        const shown = rows[row];
        const wanted = stages[column];
        // An office without PCs has nothing to say; that is not zero.
        return shown === undefined || wanted === undefined || shown.total === 0 ? null : shown.counts[wanted];
      },
      formatValue: (count: number) => text(contentEditorText.pcCount, { count }),
    }),
    [rows, text],
  );
  const listed = useMemo(() => notComplete(pcs, { officeId: office?.officeId, stage }), [pcs, office?.officeId, stage]);
  return (
    <>
      <ShareTroubles offices={offices} />
      <ChartFrame
        question={text(contentEditorText.coverageQuestion)}
        unit={text(contentEditorText.pcsUnit)}
        columns={columns}
        rows={rows}
        rowKey={({ officeId }) => officeId}
        csvName={`coverage-${folder.id}`}
        coverage={{ reporting, total }}
        answer={text(contentEditorText.coverageAnswer, { complete, total })}
        height={Math.min(480, 48 + rows.length * 24)}
      >
        <HeatMap
          label={text(contentEditorText.coverageQuestion)}
          rows={heat.rows}
          columns={heat.columns}
          value={heat.value}
          formatValue={heat.formatValue}
          onOpen={(officeId, stageId) => setParams({ tab: 'coverage', office: officeId, stage: stageId })}
        />
      </ChartFrame>
      <section>
        <h2>{text(contentEditorText.whichPcs)}</h2>
        {office === undefined && stage === undefined ? null : (
          <p>
            {text(contentEditorText.onlySome, {
              office: office?.officeName ?? text(contentEditorText.allOffices),
              stage: stage === undefined ? text(contentEditorText.notCompleteStage) : text(stageMessages[stage]),
            })}{' '}
            <LinkButton run={() => setParams({ tab: 'coverage' })}>{text(contentEditorText.showAll)}</LinkButton>
          </p>
        )}
        <PcTable pcs={listed} offices={rows} seq={folder.seq} />
      </section>
    </>
  );
}

function sumOf(rows: readonly OfficeCoverage[]) {
  return rows.reduce(
    (sum, { total, reporting, counts }) => ({
      total: sum.total + total,
      reporting: sum.reporting + reporting,
      complete: sum.complete + counts.complete,
    }),
    { total: 0, reporting: 0, complete: 0 },
  );
}

/** Offices that are named; how many more there are is counted. */
const NAMED_OFFICES = 3;

/** Offices whose own share in Nextcloud does not work, by what is wrong: nobody there can load from Nextcloud. */
function ShareTroubles({ offices }: { offices: Coverage['offices'] }) {
  const text = useText();
  const byError = new Map<string, string[]>();
  for (const { officeName, shareError } of offices) {
    if (shareError !== null) byError.set(shareError, [...(byError.get(shareError) ?? []), officeName]);
  }
  return [...byError].map(([error, names]) => (
    <p key={error} role="alert">
      <State tone="error">
        {text(contentEditorText.sharesBroken, {
          count: names.length,
          offices: names
            .slice(0, NAMED_OFFICES)
            .map((name) => foreign(name, 60))
            .join(', '),
          more: Math.max(0, names.length - NAMED_OFFICES),
          error: foreign(error, 300),
        })}
      </State>
    </p>
  ));
}

function PcTable({
  pcs,
  offices,
  seq,
}: {
  pcs: readonly CoveredPc[];
  offices: readonly OfficeCoverage[];
  seq: number;
}) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const officeNames = useMemo(
    () => new Map(offices.map(({ officeId, officeName }) => [officeId, officeName])),
    [offices],
  );
  const columns = useMemo((): Column<CoveredPc>[] => {
    const officeOf = ({ agent }: CoveredPc) => officeNames.get(agent.officeId) ?? '';
    return [
      {
        id: 'pc',
        title: text(contentEditorText.pc),
        value: ({ agent }) => agent.hostname,
        render: ({ agent }) => <bdi>{agent.hostname}</bdi>,
        width: 160,
      },
      {
        id: 'office',
        title: text(contentEditorText.office),
        value: officeOf,
        render: (pc) => <bdi>{officeOf(pc)}</bdi>,
        width: 120,
      },
      {
        id: 'stage',
        title: text(contentEditorText.state),
        value: ({ stage }) => text(stageMessages[stage]),
        render: ({ stage }) => <State {...stageLooks[stage]}>{text(stageMessages[stage])}</State>,
        width: 150,
      },
      {
        id: 'why',
        title: text(contentEditorText.why),
        value: (pc) => whyOf(pc, seq, text),
        render: (pc) => {
          const step = nextStepOf(pc.report?.reason ?? '');
          const why = whyOf(pc, seq, text);
          return <span title={step === undefined ? why : `${why}. ${text(step)}`}>{why}</span>;
        },
        width: 300,
      },
      {
        id: 'files',
        title: text(contentEditorText.files),
        value: ({ report }) => report?.filesDone ?? null,
        render: ({ report }) =>
          report === undefined || report.state === 'starting' ? (
            <Unknown reason={text(contentEditorText.notReported)} />
          ) : (
            `${format.count(report.filesDone)} / ${format.count(report.filesTotal)}`
          ),
        align: 'end',
        width: 110,
      },
      {
        id: 'bytes',
        title: text(contentEditorText.bytesInPlace),
        value: ({ report }) =>
          report === undefined || report.bytesTotal === 0 ? null : report.bytesDone / report.bytesTotal,
        render: ({ report }) =>
          report === undefined || report.state === 'starting' ? (
            <Unknown reason={text(contentEditorText.notReported)} />
          ) : (
            format.share(report.bytesDone, report.bytesTotal)
          ),
        align: 'end',
        width: 130,
      },
      {
        id: 'seen',
        title: text(contentEditorText.lastSeen),
        value: ({ agent }) => agent.lastSeenAtMs,
        render: ({ agent }) => format.ago(agent.lastSeenAtMs),
        width: 110,
      },
    ];
  }, [text, format, officeNames, seq]);
  return (
    <DataTable
      label={text(contentEditorText.whichPcs)}
      columns={columns}
      rows={pcs}
      rowKey={({ agent }) => agent.id}
      onOpen={({ agent }) => editors.openAddress(`/a/${encodeURIComponent(agent.id)}`, { focus: true })}
      storageKey="content.folder.pcs"
      maxHeight={600}
      empty={<State tone="ok">{text(contentEditorText.nobodyMissing)}</State>}
    />
  );
}

type Text = ReturnType<typeof useText>;

/** Why a PC is not complete, in words. */
function whyOf({ agent, report, stage }: CoveredPc, seq: number, text: Text): string {
  if (report === undefined) {
    return text(agent.state === 'offline' ? contentEditorText.whyOffline : contentEditorText.whySilent);
  }
  if (stage === 'blocked') {
    const reason = report.reason ?? '';
    const known = reasonOf(reason);
    return known !== undefined ? text(known) : reason === '' ? text(contentEditorText.whyUnknown) : reason;
  }
  if (stage === 'complete') return text(contentEditorText.whyComplete);
  if (agent.state === 'offline') return text(contentEditorText.whyOfflineSince);
  if (stage === 'behind') return text(contentEditorText.whyBehind, { count: seq - report.seq });
  return text(stage === 'starting' ? contentEditorText.whyStarting : contentEditorText.whySyncing);
}
