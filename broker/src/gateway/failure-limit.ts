import type { Clock } from '../ports.ts';
import { siteOf } from '../protocol/index.ts';

/** Failures a site may cause in one period, unless told otherwise. A whole office behind one address rolls out with one wrong token: it hears why, then has to wait. */
const FAILURES = 20;
const PERIOD_MS = 60_000;

/** Addresses remembered; beyond, the oldest is forgotten. */
const MAX_ADDRESSES = 10_000;

/** Counts failures by address. Successes cost nothing. */
export interface FailureLimit {
  /** Seconds until `address` may try again; 0: now. */
  waitSeconds(address: string): number;
  failed(address: string): void;
}

/** A limit of so many failures a minute per IPv4 address or IPv6 /64, which is what one site has. */
export function createFailureLimit(clock: Clock, allowed = FAILURES): FailureLimit {
  const periods = new Map<string, { failures: number; endsAtMs: number }>();
  const current = (key: string) => {
    const period = periods.get(key);
    return period === undefined || period.endsAtMs <= clock.nowMs() ? undefined : period;
  };
  return {
    waitSeconds(address) {
      const period = current(siteOf(address));
      return period === undefined || period.failures < allowed
        ? 0
        : Math.ceil((period.endsAtMs - clock.nowMs()) / 1000);
    },
    failed(address) {
      const key = siteOf(address);
      const period = current(key) ?? { failures: 0, endsAtMs: clock.nowMs() + PERIOD_MS };
      period.failures += 1;
      periods.delete(key);
      periods.set(key, period);
      if (periods.size > MAX_ADDRESSES) periods.delete(periods.keys().next().value!);
    },
  };
}
