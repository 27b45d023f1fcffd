/** A job in words. Pure. */
import { type Job, VerifyResult } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type { Tone } from '../../ui/tone.ts';
import { jobsText } from './messages.ts';

const stateLook: Readonly<Record<Job['state'], { tone: Tone; icon: string }>> = {
  running: { tone: 'info', icon: 'sync' },
  done: { tone: 'ok', icon: 'pass' },
  failed: { tone: 'error', icon: 'error' },
  cancelled: { tone: 'unknown', icon: 'circle-slash' },
};

/** What a job does to what: `Verify Team`. */
export function jobTitle({ kind, subject }: Pick<Job, 'kind' | 'subject'>, text: Translate): string {
  return text(jobsText[`kind.${kind}`], { subject: foreign(subject.name, 80) });
}

/** Where a job is. A verification that found something wrong is done, and an error all the same. */
export function jobState(job: Job, text: Translate): { tone: Tone; icon: string; words: string; detail: string } {
  const look = stateLook[job.state];
  const words = text(jobsText[`state.${job.state}`]);
  if (job.error !== null) return { ...look, words, detail: `${foreign(job.error.message, 300)} (${job.error.code})` };
  const verified = job.kind === 'verify-folder' ? VerifyResult.safeParse(job.result) : undefined;
  if (verified?.success !== true) return { ...look, words, detail: '' };
  const { ok, entries, firstBad } = verified.data;
  if (ok) return { ...look, words, detail: text(jobsText.verifiedOk, { entries }) };
  const why = firstBad === null ? '—' : `${foreign(firstBad.what, 300)} (${firstBad.code})`;
  return {
    tone: 'error',
    icon: 'error',
    words: text(jobsText.found),
    detail: text(jobsText.verifiedBad, { seq: String(firstBad?.seq ?? '—'), why }),
  };
}

/** How far a job is: its share of the whole, or null when the whole is not known; and the same in words. */
export function jobProgress({ kind, state, progress }: Pick<Job, 'kind' | 'state' | 'progress'>, text: Translate) {
  const { done, total } = progress;
  const isVerify = kind === 'verify-folder';
  const words =
    total === null
      ? text(isVerify ? jobsText.entriesOnly : jobsText.filesOnly, { done })
      : text(isVerify ? jobsText.entries : jobsText.files, { done, total });
  const share = total === null ? (state === 'done' ? 1 : null) : total === 0 ? 1 : Math.min(1, done / total);
  return { share, words };
}

/** What the status bar says while something runs; undefined when nothing does. */
export function runningWords(
  jobs: readonly Job[],
  text: Translate,
  format: Format,
): { short: string; title: string } | undefined {
  const running = jobs.filter(({ state }) => state === 'running');
  const first = running[0];
  if (first === undefined) return undefined;
  const job = jobTitle(first, text);
  const values = { count: running.length, job };
  const title = text(jobsText.runningTitle, values);
  const { done, total } = first.progress;
  if (running.length > 1 || total === null || total === 0) return { short: text(jobsText.running, values), title };
  return { short: text(jobsText.runningShare, { job, share: format.share(done, total) }), title };
}
