'use client';
/** Has the server check a whole chain, snapshots and manifests included, and shows the job. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { cancelJob, jobsQuery, startJob } from '../../api/queries.ts';
import { type Job, VerifyResult } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { ErrorNotice, State } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { contentEditorText } from './editor-messages.ts';
import { contentText } from './messages.ts';

/** While a job runs its progress is asked for this often; the live stream only says that something changed. */
const RUNNING_REFRESH_MS = 1000;

const Outcome = z.object({ ...VerifyResult.shape }).partial();

/** The button, and the newest verification of this folder with its progress or outcome. */
export function ServerVerification({ folderId }: { folderId: string }) {
  const text = useText();
  const { layout } = useWorkbench();
  const client = useQueryClient();
  const jobs = useQuery({
    ...jobsQuery,
    refetchInterval: ({ state }) =>
      state.data?.jobs.some((job) => isOurs(job, folderId) && job.state === 'running') ? RUNNING_REFRESH_MS : 30_000,
  });
  const refresh = () => client.invalidateQueries({ queryKey: jobsQuery.queryKey });
  const start = useMutation({ mutationFn: () => startJob({ kind: 'verify-folder', folderId }), onSettled: refresh });
  const cancel = useMutation({ mutationFn: cancelJob, onSettled: refresh });
  const job = jobs.data?.jobs
    .filter((each) => isOurs(each, folderId))
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs)[0];
  const isRunning = job?.state === 'running';
  return (
    <div className="content-verify">
      <p className="muted">{text(contentEditorText.serverVerifies)}</p>
      <div className="content-actions">
        <Button
          icon="server-process"
          run={() => start.mutate()}
          {...(isRunning || start.isPending ? { disabledReason: text(contentEditorText.alreadyRunning) } : {})}
        >
          {text(contentText.verifyOnServer)}
        </Button>
        {isRunning && job.cancellable ? (
          <Button kind="secondary" run={() => cancel.mutate(job.id)}>
            {text(contentEditorText.cancel)}
          </Button>
        ) : null}
        {job === undefined ? null : (
          <LinkButton run={() => layout.showPanel('harp.panel.jobs')}>{text(contentText.showJobs)}</LinkButton>
        )}
      </div>
      {start.isError ? <ErrorNotice error={start.error} what={text(contentEditorText.theVerification)} /> : null}
      {cancel.isError ? <ErrorNotice error={cancel.error} what={text(contentEditorText.theCancellation)} /> : null}
      <div className="content-outcome">{job === undefined ? null : <Outcomes job={job} />}</div>
    </div>
  );
}

function isOurs({ kind, subject }: Job, folderId: string): boolean {
  return kind === 'verify-folder' && subject.id === folderId;
}

function Outcomes({ job }: { job: Job }) {
  const text = useText();
  const format = useFormat();
  if (job.state === 'running') {
    const { done, total } = job.progress;
    return (
      <ProgressBar
        label={text(contentEditorText.theVerification)}
        share={total === null || total === 0 ? null : done / total}
        words={
          total === null
            ? text(contentEditorText.entriesDone, { done })
            : text(contentEditorText.entriesOf, { done, total })
        }
        size="wide"
      />
    );
  }
  const at = format.dateTime(job.endedAtMs);
  if (job.state === 'cancelled') return <State tone="unknown">{text(contentEditorText.wasCancelled, { at })}</State>;
  if (job.state === 'failed') {
    return (
      <State tone="error">{text(contentEditorText.jobFailed, { why: foreign(job.error?.message ?? ''), at })}</State>
    );
  }
  const outcome = Outcome.safeParse(job.result);
  const { ok, entries = 0, manifests = 0, snapshots = 0, firstBad } = outcome.success ? outcome.data : {};
  if (ok === true) {
    return <State tone="ok">{text(contentEditorText.serverFoundRight, { entries, manifests, snapshots, at })}</State>;
  }
  if (firstBad == null) return <State tone="unknown">{text(contentEditorText.serverSaidNothing, { at })}</State>;
  return (
    <State tone="error">
      {firstBad.seq === null
        ? text(contentEditorText.serverFoundWrong, { what: foreign(firstBad.what), code: firstBad.code, at })
        : text(contentEditorText.serverFoundBad, {
            seq: firstBad.seq,
            what: foreign(firstBad.what),
            code: firstBad.code,
            at,
          })}
    </State>
  );
}
