/** What is begun in one request and ended in another within minutes: a challenge, a way to another provider. In memory, good once, bounded. */
import { siteOf } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';

/** Time for a person to find their security key, or to sign in elsewhere. */
export const PENDING_MS = 10 * 60_000;
/** Of all, and of one address (IPv6: one /64): whoever begins without end takes room from themselves first. */
const MAX_ALL = 10_000;
const MAX_OF_ADDRESS = 100;

export interface Pending<T> {
  /** Remembers `value` under a secret that only the browser has; what stood there is gone. */
  put(secret: string, address: string, value: T): void;
  /** What was begun with the secret; undefined if there is none, it was taken already, or it is too old. */
  take(secret: string): T | undefined;
}

export function createPending<T>(clock: Clock): Pending<T> {
  /** The oldest first, here and below each address. */
  const entries = new Map<string, { address: string; value: T; untilMs: number }>();
  const ofAddress = new Map<string, Set<string>>();
  const forget = (secret: string | undefined) => {
    const entry = secret === undefined ? undefined : entries.get(secret);
    if (secret === undefined || entry === undefined) return undefined;
    entries.delete(secret);
    const own = ofAddress.get(entry.address);
    own?.delete(secret);
    if (own?.size === 0) ofAddress.delete(entry.address);
    return entry;
  };
  const makeRoom = (address: string) => {
    for (const [secret, { untilMs }] of entries) {
      if (untilMs > clock.nowMs()) break;
      forget(secret);
    }
    const own = ofAddress.get(address);
    if (own !== undefined && own.size >= MAX_OF_ADDRESS) forget(own.values().next().value);
    else if (entries.size >= MAX_ALL) forget(entries.keys().next().value);
  };
  return {
    put(secret, from, value) {
      const address = siteOf(from);
      forget(secret);
      makeRoom(address);
      entries.set(secret, { address, value, untilMs: clock.nowMs() + PENDING_MS });
      ofAddress.set(address, (ofAddress.get(address) ?? new Set()).add(secret));
    },
    take(secret) {
      const entry = forget(secret);
      return entry === undefined || entry.untilMs <= clock.nowMs() ? undefined : entry.value;
    },
  };
}
