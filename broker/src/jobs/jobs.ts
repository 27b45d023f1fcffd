import type { TrustDesk } from '../enrolment/trust.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';
import type { UpkeepStore } from '../store/upkeep-store.ts';
import type { Job } from './scheduler.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long rows live. Roll-ups outlive what they are made of, each by its own resolution's usefulness. */
export const retention = {
  sampleMs: 48 * HOUR_MS,
  sampleMinuteMs: 30 * DAY_MS,
  sampleHourMs: 730 * DAY_MS,
  censusMs: 90 * DAY_MS,
  deliveryMs: 90 * DAY_MS,
  agentEventMs: 90 * DAY_MS,
  reportReceiptMs: 30 * DAY_MS,
  // Since its PC was last heard of: tokens live for 30 days, and batches are looked at a while longer.
  enrolmentRequestMs: 90 * DAY_MS,
} as const;

/** An agent of which nothing was heard for this long is offline, whatever its last will did: four of the telemetry intervals of an idle agent. */
const SILENT_MS = 4 * MINUTE_MS;

/** Samples arrive seconds after their instant; a run takes these minutes in again. */
const LATE_MS = 15 * MINUTE_MS;

/** Agents with a wrong clock write up to a day into the past; a slow run takes all of that in again. */
const VERY_LATE_MS = 26 * HOUR_MS;

export interface JobsOptions {
  store: UpkeepStore;
  trust: Pick<TrustDesk, 'advance' | 'renewDue'>;
  /** Called with agents that were marked offline. */
  onSilent: (agents: readonly AgentId[]) => void;
  clock: Clock;
  logger: Logger;
}

/** Everything the broker does by the clock. */
export function brokerJobs({ store, trust, onSilent, clock, logger }: JobsOptions): Job[] {
  const rollUp = (lateMs: number) => async () => {
    const nowMs = clock.nowMs();
    await store.rollUp('minute', { nowMs, lateMs });
    await store.rollUpOffices({ nowMs, lateMs });
    await store.rollUp('hour', { nowMs, lateMs });
  };
  return [
    { name: 'roll-up', everyMs: MINUTE_MS, run: rollUp(LATE_MS) },
    { name: 'roll-up-late', everyMs: HOUR_MS, run: rollUp(VERY_LATE_MS) },
    {
      name: 'offline',
      everyMs: 30_000,
      async run() {
        const silent = await store.markSilentOffline(clock.nowMs() - SILENT_MS);
        if (silent.length === 0) return;
        logger.info({ count: silent.length }, 'agents went silent');
        onSilent(silent);
      },
    },
    { name: 'census', everyMs: MINUTE_MS, run: () => store.takeCensus(clock.nowMs()) },
    {
      name: 'retention',
      everyMs: 10 * MINUTE_MS,
      async run() {
        const deleted = await store.deleteOld(retention, clock.nowMs());
        if (deleted > 0) logger.info({ deleted }, 'old rows deleted');
      },
    },
    {
      name: 'certificates',
      everyMs: 12 * HOUR_MS,
      async run() {
        if (!(await trust.renewDue())) return;
        logger.info({}, 'certificates of the server and its services renewed');
      },
    },
    { name: 'roots', everyMs: MINUTE_MS, run: () => trust.advance() },
  ];
}
