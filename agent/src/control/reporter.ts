import type { FolderReport, Reported } from '@harp/broker/protocol';
import type { Clock, Logger } from '../ports.ts';
import { slept, type Wake } from '../wake.ts';

/** Changes that belong together come within this time, and a busy folder has hundreds of them a second. */
const SETTLE_MS = 250;
/** Shortest pause between two reports. */
const URGENT_INTERVAL_MS = 2_000;
/**
 * A report of an office of 20 is about 2 kB, most of it the list of peers. So that 20 PCs in a sync do not fill the line with their progress, an
 * office as a whole sends about one progress report a second: each agent waits a second per agent of the office, within these bounds.
 */
const PROGRESS_INTERVAL_PER_AGENT_MS = 1_000;
const PROGRESS_INTERVAL_MIN_MS = 5_000;
const PROGRESS_INTERVAL_MAX_MS = 60_000;

/** What is reported, but for the moment. */
export type ReportedFacts = Omit<Reported, 'v' | 'atMs'>;

export interface ReporterDeps {
  clock: Clock;
  log: Logger;
  /** Must be notified when facts may have changed. */
  wake: Wake;
  /** Collected only when a report is due. */
  facts: () => Promise<ReportedFacts>;
  /** Agents in the office, this one included. */
  officeSize: () => number;
  channel: { readonly connected: boolean; send(reported: Reported): Promise<void> };
}

export interface Reporter {
  /** Reports until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** The session is new and the broker may have forgotten us: the next report goes out whatever it says. */
  reconnected(): void;
}

/** Publishes `reported` when it changed: soon if a person or the roster depends on it, otherwise at the office's progress rate. */
export function createReporter({ clock, log, wake, facts, officeSize, channel }: ReporterDeps): Reporter {
  let sent: { atMs: number; urgent: string; all: string } | undefined;

  const progressIntervalMs = () =>
    Math.min(
      PROGRESS_INTERVAL_MAX_MS,
      Math.max(PROGRESS_INTERVAL_MIN_MS, officeSize() * PROGRESS_INTERVAL_PER_AGENT_MS),
    );

  /** Reports if it is time; returns after how many milliseconds to look again. */
  const report = async (): Promise<number> => {
    const present = await facts();
    const urgent = JSON.stringify(urgentPart(present));
    const all = JSON.stringify(present);
    if (all === sent?.all) return Number.POSITIVE_INFINITY;
    if (sent !== undefined) {
      const intervalMs = urgent === sent.urgent ? progressIntervalMs() : URGENT_INTERVAL_MS;
      const dueMs = sent.atMs + intervalMs - clock.monotonicMs();
      if (dueMs > 0) return dueMs;
    }
    const before = sent;
    sent = { atMs: clock.monotonicMs(), urgent, all };
    try {
      await channel.send({ v: 1, atMs: clock.nowMs(), ...present });
    } catch (error) {
      sent = before;
      log.debug({ error: String(error) }, 'a report of the state was not delivered');
      return URGENT_INTERVAL_MS;
    }
    return Number.POSITIVE_INFINITY;
  };

  return {
    async run(signal) {
      let waitMs = 0;
      while ((await wake.wait(waitMs, signal)) && (await slept(clock, SETTLE_MS, signal))) {
        waitMs = channel.connected ? await report() : Number.POSITIVE_INFINITY;
      }
    },
    reconnected() {
      sent = undefined;
      wake.notify();
    },
  };
}

/** What does not wait for the progress rate: what others connect to, and folders that are done, stuck or released. */
function urgentPart({ addresses, folders }: ReportedFacts): unknown {
  return [addresses, folders.map(urgentFolder)];
}

function urgentFolder({ id, state, reason, seq }: FolderReport): unknown {
  if (state === 'complete') return [id, state, seq];
  if (state === 'blocked') return [id, state, reason];
  return [id, 'busy'];
}

/** Free space as reported: two digits, because every written file changes the exact number. */
export function roundedFreeBytes(freeBytes: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, freeBytes))) - 1);
  return Math.floor(freeBytes / step) * step;
}
