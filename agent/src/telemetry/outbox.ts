/**
 * What an agent tells the data centre about itself: counters that may be lost (telemetry) and reports that may not (outbox). Nothing here speaks
 * MQTT; senders get a channel. Every other part reports through `Outbox` and `TrafficMeter` of ports.ts.
 */
import { type AgentEvent, HarpError, type Report, type ReportId } from '@harp/broker/protocol';
import type { Disposable, Logger, Outbox } from '../ports.ts';
import { type Batch, createBatch, reportOf, sendable } from './batch.ts';
import { linesOf, type OutboxFiles } from './outbox-files.ts';

/** Weeks of an office's deliveries; small enough for any disk. Beyond it the oldest delivery details go first: the newest state matters most. */
const STORED_MAX_BYTES = 50 * 1024 * 1024;

/** The outbox with the side that sends from it. Reports leave it by `acknowledge` only. */
export interface ReportQueue extends Outbox {
  /** Closed reports, oldest first. */
  sealed(): readonly ReportId[];
  /** Events that wait for a report of their own. */
  readonly openEvents: number;
  /** Makes a report of the open events, if there are any. */
  seal(): Promise<void>;
  /** The report to send; undefined if it was acknowledged or dropped in the meantime. */
  read(id: ReportId): Promise<Report | undefined>;
  /** These are in the database: forget them. Unknown ids are fine. */
  acknowledge(ids: readonly ReportId[]): Promise<void>;
  /** How much waits, and how many events were dropped since the start because there was no room for them. */
  stats(): { reports: number; sizeBytes: number; droppedEvents: number };
  onDidRecord(listener: () => void): Disposable;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

interface SealedReport {
  id: ReportId;
  sizeBytes: number;
  /** Set when the disk refused the file: then the report lives here only. */
  inMemory?: readonly AgentEvent[];
  /** Known to hold no delivery details, so there is nothing to thin out. */
  lean: boolean;
}

interface Pending {
  event: AgentEvent;
  line: string;
  done: () => void;
}

export interface OutboxDeps {
  files: OutboxFiles;
  /** See createReportIds; called with the newest id on disk. */
  reportIds: (afterId: ReportId | undefined) => () => ReportId;
  log: Logger;
  /** Default 50 MB. */
  storedMaxBytes?: number;
}

/**
 * Opens the outbox and takes up what an earlier run left. While the disk is full, events are kept in memory and still sent, so that the report
 * of a full disk can leave it.
 *
 * @throws {HarpError} `disk.failed` if the outbox cannot be read
 */
export async function openOutbox(deps: OutboxDeps): Promise<ReportQueue> {
  const { files, log, storedMaxBytes = STORED_MAX_BYTES } = deps;
  const left = await files.load();
  const nextId = deps.reportIds(left.sealed.at(-1)?.id);
  const sealed: SealedReport[] = left.sealed.map((report) => ({ ...report, lean: false }));
  const listeners = new Set<() => void>();
  let open: Batch = createBatch();
  /** Whether `open.jsonl` holds every event of `open`. */
  let openOnDisk = true;
  let pending: Pending[] = [];
  let droppedEvents = 0;
  let turn: Promise<unknown> = Promise.resolve();

  /** One disk operation at a time, in the order of the calls. */
  const inTurn = <T>(operation: () => Promise<T>): Promise<T> => {
    const result = turn.then(operation);
    turn = result.catch(() => undefined);
    return result;
  };

  /** Runs a write that may fail for want of space; false if it did. */
  const written = async (operation: () => Promise<void>): Promise<boolean> => {
    try {
      await operation();
      return true;
    } catch (error) {
      if (!(error instanceof HarpError)) throw error;
      log.warn({ code: error.code }, 'the outbox cannot write to the disk and goes on in memory');
      return false;
    }
  };

  const sealNow = async () => {
    if (open.events.length === 0) return;
    const id = nextId();
    const { events, sizeBytes } = open;
    const onDisk = await written(async () => {
      if (openOnDisk) return files.seal(id);
      await files.write(id, linesOf(events));
      await files.discardOpen();
    });
    // Or the next batch would be appended to these events and give them a second id.
    if (!onDisk) await written(() => files.discardOpen());
    sealed.push({ id, sizeBytes, lean: false, ...(onDisk ? {} : { inMemory: events }) });
    open = createBatch();
    openOnDisk = true;
    await makeRoom();
  };

  const appendPending = async () => {
    const taken = pending;
    pending = [];
    let lines: string[] = [];
    const append = async () => {
      if (lines.length > 0) openOnDisk = (await written(() => files.append(lines))) && openOnDisk;
      lines = [];
    };
    for (const { event, line } of taken) {
      const sizeBytes = Buffer.byteLength(line);
      if (!open.add(event, sizeBytes)) {
        await append();
        await sealNow();
        open.add(event, sizeBytes);
      }
      lines.push(line);
    }
    await append();
    for (const { done } of taken) done();
    for (const listener of listeners) listener();
  };

  const storedBytes = () => sealed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

  const makeRoom = async () => {
    while (storedBytes() > storedMaxBytes) {
      const thick = sealed.find(({ lean }) => !lean);
      const victim = thick ?? sealed[0];
      if (victim === undefined) return;
      const events = await eventsOf(victim);
      const kept = thick === undefined ? [] : events.filter(({ kind }) => kind !== 'files.delivered');
      droppedEvents += events.length - kept.length;
      await replaceEvents(victim, kept);
    }
  };

  const replaceEvents = async (report: SealedReport, kept: readonly AgentEvent[]) => {
    report.lean = true;
    if (kept.length === 0) {
      sealed.splice(sealed.indexOf(report), 1);
      await written(() => files.remove(report.id));
      return;
    }
    const lines = linesOf(kept);
    report.sizeBytes = Buffer.byteLength(lines.join(''));
    if (report.inMemory === undefined && (await written(() => files.write(report.id, lines)))) return;
    report.inMemory = kept;
  };

  const eventsOf = async (report: SealedReport): Promise<readonly AgentEvent[]> =>
    report.inMemory ?? (await files.read(report.id));

  for (const event of left.open) {
    if (!open.add(event, Buffer.byteLength(JSON.stringify(event)))) break;
  }
  await inTurn(sealNow);

  return {
    record(event) {
      const ready = sendable(event);
      if (ready === undefined) {
        droppedEvents += 1;
        log.error({ kind: event.kind }, 'an event that does not match its schema was dropped');
        return Promise.resolve();
      }
      return new Promise((done) => {
        pending.push({ event: ready, line: linesOf([ready]).join(''), done });
        // Whoever comes while the disk is busy shares the next write and its fsync.
        if (pending.length === 1) void inTurn(appendPending);
      });
    },
    sealed: () => sealed.map(({ id }) => id),
    get openEvents() {
      return open.events.length;
    },
    seal: () => inTurn(sealNow),
    read: (id) =>
      inTurn(async () => {
        const report = sealed.find((candidate) => candidate.id === id);
        if (report === undefined) return undefined;
        const batch = createBatch();
        for (const event of await eventsOf(report)) batch.add(event, 0);
        if (batch.events.length > 0) return reportOf(id, batch.events);
        await replaceEvents(report, []);
        return undefined;
      }),
    acknowledge: (ids) =>
      inTurn(async () => {
        for (const id of ids) {
          const index = sealed.findIndex((report) => report.id === id);
          if (index < 0) continue;
          sealed.splice(index, 1);
          await written(() => files.remove(id));
        }
      }),
    stats: () => ({
      reports: sealed.length + (open.events.length > 0 ? 1 : 0),
      sizeBytes: storedBytes() + open.sizeBytes,
      droppedEvents,
    }),
    onDidRecord(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    close: () => inTurn(() => files.close()),
  };
}
