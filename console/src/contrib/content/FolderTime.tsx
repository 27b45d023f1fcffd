'use client';
/** How long until the offices had the last change. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { timeToOfficeQuery } from '../../api/queries.ts';
import type { TimeToOffice } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { StepCurve } from '../../ui/charts/StepCurve.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Empty, QueryView, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { fileInput } from './content-item.ts';
import { contentEditorText } from './editor-messages.ts';
import type { FolderTabProps } from './FolderEditor.tsx';
import { fleetReachedMs, MAX_LINES, type OfficeTimes, officeTimes, stepLines } from './time-to-office.ts';

/** The tab. `seq` in the address looks at another change than the newest. */
export function FolderTime({ folder, params }: FolderTabProps) {
  const text = useText();
  const seq = /^\d{1,15}$/.test(params.seq ?? '') ? Number(params.seq) : undefined;
  const time = useQuery(timeToOfficeQuery(folder.id, seq));
  return (
    <QueryView query={time} what={text(contentEditorText.theTimes)}>
      {(data) =>
        data.change === null ? (
          <Empty sentence={text(contentEditorText.noChangeYet)} />
        ) : (
          <Curve data={data} change={data.change} folder={folder} />
        )
      }
    </QueryView>
  );
}

interface CurveProps {
  data: TimeToOffice;
  change: NonNullable<TimeToOffice['change']>;
  folder: FolderTabProps['folder'];
}

function Curve({ data, change, folder }: CurveProps) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const times = useMemo(() => officeTimes(data), [data]);
  const { lines, toMs } = useMemo(() => stepLines(data), [data]);
  const agentsTotal = data.offices.reduce((sum, office) => sum + office.agentsTotal, 0);
  const agentsDone = times.reduce((sum, office) => sum + office.agentsDone, 0);
  const duration = (ms: number | null) =>
    ms === null ? <Unknown reason={text(contentEditorText.notYet)} /> : format.duration(ms);
  const p50 = fleetReachedMs(data, 0.5);
  const p95 = fleetReachedMs(data, 0.95);
  const columns = useMemo((): Column<OfficeTimes>[] => {
    const timed = (id: 'to50Ms' | 'to90Ms' | 'to100Ms', title: string): Column<OfficeTimes> => ({
      id,
      title,
      value: (row) => row[id],
      render: (row) =>
        row[id] === null ? <Unknown reason={text(contentEditorText.notYet)} /> : format.duration(row[id]),
      align: 'end',
      width: 110,
    });
    return [
      {
        id: 'office',
        title: text(contentEditorText.office),
        value: ({ officeName }) => officeName,
        render: ({ officeName }) => <bdi>{officeName}</bdi>,
        width: 180,
      },
      {
        id: 'pcs',
        title: text(contentEditorText.pcsWithIt),
        value: ({ agentsDone: done }) => done,
        render: ({ agentsDone: done, agentsTotal: all }) => text(contentEditorText.pcsOf, { count: done, total: all }),
        align: 'end',
        width: 130,
      },
      timed('to50Ms', text(contentEditorText.to50)),
      timed('to90Ms', text(contentEditorText.to90)),
      timed('to100Ms', text(contentEditorText.to100)),
    ];
  }, [text, format]);
  return (
    <>
      <p>
        {text(contentEditorText.changeOf)}{' '}
        <LinkButton run={() => editors.open(fileInput(folder.id, change.path), { focus: true })}>
          <bdi>{change.path}</bdi>
        </LinkButton>{' '}
        <span className="muted">
          {text(contentEditorText.changeFacts, {
            seq: change.seq,
            size: format.bytes(change.sizeBytes),
            at: format.dateTime(change.atMs),
          })}
        </span>
      </p>
      <Facts
        facts={[
          { name: text(contentEditorText.p50), value: duration(p50) },
          { name: text(contentEditorText.p95), value: duration(p95) },
          {
            name: text(contentEditorText.pcsWithIt),
            value: text(contentEditorText.pcsOf, { count: agentsDone, total: agentsTotal }),
          },
        ]}
      />
      <ChartFrame
        question={text(contentEditorText.timeQuestion)}
        unit={text(contentEditorText.timeUnit)}
        columns={columns}
        rows={times}
        rowKey={({ officeId }) => officeId}
        csvName={`time-to-office-${folder.id}-${change.seq}`}
        answer={
          p95 === null
            ? text(contentEditorText.timeAnswerOpen, { done: agentsDone, total: agentsTotal })
            : text(contentEditorText.timeAnswer, { time: format.duration(p95) })
        }
        {...(agentsDone === 0 ? { empty: <Empty sentence={text(contentEditorText.nobodyHasIt)} /> } : {})}
      >
        <StepCurve
          label={text(contentEditorText.timeQuestion)}
          lines={lines}
          toMs={toMs}
          formatDuration={format.duration}
        />
      </ChartFrame>
      {times.length > MAX_LINES ? (
        <p className="muted">{text(contentEditorText.slowestOnly, { shown: MAX_LINES, total: times.length })}</p>
      ) : null}
    </>
  );
}
