'use client';
/** Work that takes a while: what runs, what ended and how, and what it said meanwhile. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { cancelJob, jobsQuery } from '../../api/queries.ts';
import type { Job } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { PanelView } from '../../ui/PanelView.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { jobProgress, jobState, jobTitle } from './describe.ts';
import { JobLog } from './JobLog.tsx';
import { jobContext } from './keys.ts';
import { jobsText } from './messages.ts';
import './jobs.css';

const jobKey = ({ id }: Job) => id;

export function JobsPanel() {
  const text = useText();
  const { context, commands } = useWorkbench();
  const mayCheck = useMay('content.check');
  const query = useQuery(jobsQuery);
  const columns = useColumns();
  const logId = useContextKey(jobContext.log);
  return (
    <PanelView>
      <QueryView query={query} what={text(jobsText.what)}>
        {({ jobs }) => {
          const shown = jobs.find(({ id }) => id === logId);
          return jobs.length === 0 ? (
            <Empty
              sentence={text(jobsText.empty)}
              {...(mayCheck
                ? { action: { label: text(jobsText.verify), run: () => void commands.run('harp.jobs.verify') } }
                : {})}
            />
          ) : (
            <div className="jobs">
              <div className="job-table">
                <DataTable
                  label={text(jobsText.list)}
                  columns={columns}
                  rows={jobs}
                  rowKey={jobKey}
                  storageKey="jobs"
                  csvName="jobs"
                  onOpen={({ id }) => context.set(jobContext.log, id)}
                />
              </div>
              {shown === undefined ? null : (
                <JobLog key={shown.id} job={shown} close={() => context.set(jobContext.log, undefined)} />
              )}
            </div>
          );
        }}
      </QueryView>
    </PanelView>
  );
}

function useColumns(): readonly Column<Job>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'job',
        title: text(jobsText.job),
        value: (job) => jobTitle(job, text),
        render: (job) => <bdi>{jobTitle(job, text)}</bdi>,
        width: 220,
      },
      {
        id: 'state',
        title: text(jobsText.state),
        value: (job) => jobState(job, text).words,
        render: (job) => {
          const { tone, icon, words, detail } = jobState(job, text);
          return (
            <State tone={tone} icon={icon} title={detail}>
              {words}
              {detail === '' ? null : <span className="muted"> {detail}</span>}
            </State>
          );
        },
        width: 320,
      },
      {
        id: 'progress',
        title: text(jobsText.progress),
        value: ({ progress }) => progress.done,
        render: (job) => {
          const { share, words } = jobProgress(job, text);
          const { tone } = jobState(job, text);
          return <ProgressBar label={text(jobsText.progress)} share={share} words={words} tone={tone} size="row" />;
        },
        width: 280,
      },
      {
        id: 'actor',
        title: text(jobsText.actor),
        value: ({ startedBy }) => startedBy ?? text(jobsText.server),
        width: 110,
      },
      {
        id: 'started',
        title: text(jobsText.started),
        value: ({ startedAtMs }) => startedAtMs,
        render: ({ startedAtMs }) => <span title={format.dateTime(startedAtMs)}>{format.time(startedAtMs)}</span>,
        align: 'end',
        width: 90,
      },
      {
        id: 'took',
        title: text(jobsText.took),
        value: ({ startedAtMs, endedAtMs }) => (endedAtMs === null ? null : endedAtMs - startedAtMs),
        render: ({ startedAtMs, endedAtMs }) => format.duration(endedAtMs === null ? null : endedAtMs - startedAtMs),
        align: 'end',
        width: 80,
      },
      {
        id: 'actions',
        title: text(jobsText.actions),
        value: () => null,
        render: (job) => <Actions job={job} />,
        width: 180,
      },
    ],
    [text, format],
  );
}

function Actions({ job }: { job: Job }) {
  const text = useText();
  const { context } = useWorkbench();
  const cancel = useCancel();
  const mayCheck = useMay('content.check');
  return (
    <span className="job-actions">
      <LinkButton run={() => context.set(jobContext.log, job.id)}>{text(jobsText.showLog)}</LinkButton>
      {job.state === 'running' ? (
        <Button
          kind="secondary"
          run={() => cancel(job)}
          disabledReason={
            !job.cancellable ? text(jobsText.notCancellable) : mayCheck ? undefined : text(jobsText.mayNot)
          }
        >
          {text(jobsText.cancel)}
        </Button>
      ) : null}
    </span>
  );
}

/** Asks a job to stop; the list shows that it did. A refusal is told. */
function useCancel(): (job: Job) => void {
  const text = useText();
  const client = useQueryClient();
  const { notifications } = useWorkbench();
  return (job) => {
    cancelJob(job.id).then(
      () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        notifications.show({
          severity: 'error',
          message: text(jobsText.cancelFailed, { job: jobTitle(job, text), why }),
          source: text(jobsText.title),
        });
      },
    );
  };
}
