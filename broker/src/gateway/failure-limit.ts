import { isIPv6 } from 'node:net';
import type { Clock } from '../ports.ts';

/** Failures an address may cause in one period. A whole office behind one address rolls out with one wrong token: it hears why, then has to wait. */
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

/** A limit of 20 failures a minute per IPv4 address or IPv6 /64, which is what one site has. */
export function createFailureLimit(clock: Clock): FailureLimit {
  const periods = new Map<string, { failures: number; endsAtMs: number }>();
  const current = (key: string) => {
    const period = periods.get(key);
    return period === undefined || period.endsAtMs <= clock.nowMs() ? undefined : period;
  };
  return {
    waitSeconds(address) {
      const period = current(siteOf(address));
      return period === undefined || period.failures < FAILURES
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

/** The first 64 bits of an IPv6 address, `::` filled in; any other text as it is. */
function siteOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = '', right = ''] = address.split('%')[0]!.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === '' ? [] : right.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
