/**
 * Work that takes a while and that people watch: verifications they start, indexing runs the server starts. In memory: what runs dies with the
 * process, and what has ended is in the log and in the data.
 */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { Job, JobKind, LogLine, LogPage, Subject } from '../../api/schemas.ts';
import { newId } from '../auth/secrets.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';

/** What a job's work is given. */
export interface JobContext {
  /** Aborts when the job is cancelled or the server stops. */
  signal: AbortSignal;
  /** Says how far it is. Cheap: call it as often as something is done. */
  progress(done: number, total: number | null): void;
  log(level: LogLine['level'], message: string, facts?: LogLine['facts']): void;
}

/** A job to start. */
export interface JobOrder {
  kind: JobKind;
  subject: Subject;
  /** Who asked; null if the server did. */
  startedBy: string | null;
  cancellable: boolean;
  /** Does the work. What it resolves to becomes the job's result. */
  run(context: JobContext): Promise<Job['result']>;
}

export interface Jobs {
  /**
   * Starts at once. The running job of the same kind on the same subject instead, if there is one.
   *
   * @throws {HarpError} `api.rate_limited` while as many jobs run as may
   */
  start(order: JobOrder): Job;
  /** Running ones first, then what ended, newest first. */
  list(): Job[];
  find(id: string): Job | undefined;
  /** Asks a job to end; one that has ended stays as it is. @throws {HarpError} `api.not_found`, `job.not_cancellable` */
  cancel(id: string): Job;
  /** Lines after `after`, at most `limit`. Undefined if there is no such job. */
  log(id: string, after: number, limit: number): LogPage | undefined;
  /** Cancels everything and waits. */
  stop(): Promise<void>;
}

/** Jobs kept after they ended. */
const MAX_ENDED = 200;
/** Jobs that people start and that run at once: each holds a database connection. */
const MAX_RUNNING = 4;
/** Lines kept of one job. */
const MAX_LINES = 2000;
/** Progress is told this often at most. */
const TELL_EVERY_MS = 500;

export interface JobsPorts {
  clock: Clock;
  randomBytes: RandomBytes;
  logger: Logger;
  /** Something about some job changed. */
  onChange(): void;
}

interface Entry {
  job: Job;
  lines: LogLine[];
  lastSeq: number;
  ending: AbortController;
  done: Promise<void>;
}

/** A registry without jobs. */
export function createJobs({ clock, randomBytes, logger, onChange }: JobsPorts): Jobs {
  const entries = new Map<string, Entry>();
  let cancelTell: (() => void) | undefined;

  const tellSoon = () => {
    cancelTell ??= clock.after(TELL_EVERY_MS, () => {
      cancelTell = undefined;
      onChange();
    });
  };

  const isRunning = ({ job }: Entry) => job.state === 'running';

  const addLine = (entry: Entry, level: LogLine['level'], message: string, facts?: LogLine['facts']) => {
    entry.lastSeq += 1;
    const line = { seq: entry.lastSeq, atMs: clock.nowMs(), level, message };
    entry.lines.push(facts === undefined ? line : { ...line, facts });
    if (entry.lines.length > MAX_LINES) entry.lines.splice(0, entry.lines.length - MAX_LINES);
    tellSoon();
  };

  const end = (entry: Entry, outcome: Pick<Job, 'state' | 'result' | 'error'>) => {
    entry.job = { ...entry.job, ...outcome, endedAtMs: clock.nowMs(), cancellable: false };
    const ended = [...entries.values()].filter((each) => !isRunning(each));
    for (const { job } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) entries.delete(job.id);
    onChange();
  };

  const work = async (entry: Entry, run: JobOrder['run']): Promise<void> => {
    const { signal } = entry.ending;
    try {
      const result = await run({
        signal,
        progress(done, total) {
          entry.job = { ...entry.job, progress: { done, total } };
          tellSoon();
        },
        log: (level, message, facts) => addLine(entry, level, message, facts),
      });
      addLine(entry, 'info', 'done');
      end(entry, { state: 'done', result, error: null });
    } catch (error) {
      if (signal.aborted) {
        addLine(entry, 'warn', 'cancelled');
        end(entry, { state: 'cancelled', result: null, error: null });
        return;
      }
      const code = isHarpError(error) ? error.code : 'internal.unexpected';
      const message = isHarpError(error)
        ? error.message
        : 'something unexpected happened; the server’s log has the details';
      if (!isHarpError(error)) logger.error({ job: entry.job.kind, error: String(error) }, 'a job failed unexpectedly');
      addLine(entry, 'error', message, { code });
      end(entry, { state: 'failed', result: null, error: { code, message } });
    }
  };

  return {
    start({ kind, subject, startedBy, cancellable, run }) {
      const running = [...entries.values()].filter(isRunning);
      // One that was cancelled and is still ending is not what is asked for.
      const same = running.find(
        ({ job, ending }) => job.kind === kind && job.subject.id === subject.id && !ending.signal.aborted,
      );
      if (same !== undefined) return same.job;
      if (startedBy !== null && running.filter(({ job }) => job.startedBy !== null).length >= MAX_RUNNING)
        throw new HarpError('api.rate_limited', `${MAX_RUNNING} jobs are running already`, {
          facts: { retryAfterSeconds: 30 },
        });
      const job: Job = {
        id: newId('job-', randomBytes),
        kind,
        state: 'running',
        subject,
        startedBy,
        startedAtMs: clock.nowMs(),
        endedAtMs: null,
        progress: { done: 0, total: null },
        cancellable,
        result: null,
        error: null,
      };
      const entry: Entry = { job, lines: [], lastSeq: 0, ending: new AbortController(), done: Promise.resolve() };
      entries.set(job.id, entry);
      addLine(entry, 'info', 'started', startedBy === null ? undefined : { by: startedBy });
      entry.done = work(entry, run);
      onChange();
      return entry.job;
    },
    list() {
      const newestFirst = [...entries.values()].reverse();
      return [...newestFirst.filter(isRunning), ...newestFirst.filter((entry) => !isRunning(entry))].map(
        ({ job }) => job,
      );
    },
    find: (id) => entries.get(id)?.job,
    cancel(id) {
      const entry = entries.get(id);
      if (entry === undefined) throw new HarpError('api.not_found', `there is no job ${id}`);
      if (!isRunning(entry)) return entry.job;
      if (!entry.job.cancellable)
        throw new HarpError('job.not_cancellable', 'this job cannot be cancelled: the server needs its work done');
      entry.ending.abort();
      return entry.job;
    },
    log(id, after, limit) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      const lines = entry.lines.filter(({ seq }) => seq > after).slice(0, limit);
      const gap = after > 0 && (entry.lines[0]?.seq ?? 1) > after + 1;
      return { channel: `job:${id}`, lines, gap, nextAfter: lines.at(-1)?.seq ?? after };
    },
    async stop() {
      cancelTell?.();
      const running = [...entries.values()].filter(isRunning);
      for (const { ending } of running) ending.abort();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}
