import type { FolderReport, Reported } from '@harp/broker/protocol';
import type { Clock, Logger } from '../ports.ts';
import { slept, type Wake } from '../wake.ts';

/** Changes that belong together come within this time, and a busy folder has hundreds of them a second. */
const SETTLE_MS = 250;
/** Shortest pause between two reports. */
const URGENT_INTERVAL_MS = 2_000;
/**
 * What the progress reports of a whole office may cost, in bytes a second: 0.2 % of a line of 2 Mbit/s. Each report lists the peers, so an office of
 * 20 would otherwise put 30 kB on its thin line every few seconds, and the price grows with the square of its size.
 */
const OFFICE_PROGRESS_BYTES_PER_S = 500;
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

  const progressIntervalMs = (reportBytes: number) => {
    const fairMs = (officeSize() * reportBytes * 1_000) / OFFICE_PROGRESS_BYTES_PER_S;
    return Math.min(PROGRESS_INTERVAL_MAX_MS, Math.max(PROGRESS_INTERVAL_MIN_MS, fairMs));
  };

  /** Reports if it is time; returns after how many milliseconds to look again. */
  const report = async (): Promise<number> => {
    const present = await facts();
    const urgent = JSON.stringify(urgentPart(present));
    const all = JSON.stringify(present);
    if (all === sent?.all) return Number.POSITIVE_INFINITY;
    if (sent !== undefined) {
      const intervalMs = urgent === sent.urgent ? progressIntervalMs(all.length) : URGENT_INTERVAL_MS;
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
