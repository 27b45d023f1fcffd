/** Makes guessing slow: after a few failures each further one doubles the wait, per key (a name, an address). */
import { HarpError } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';

/** How patient a back-off is. */
export interface BackOffRule {
  /** Failures that cost nothing: people mistype. */
  freeFailures: number;
  /** Wait after the first failure that costs, in milliseconds. */
  baseMs: number;
  /** Longest wait, in milliseconds. */
  capMs: number;
}

/** Failures by key, in memory: a restart forgives, which costs a guesser more than it gives. */
export interface BackOff {
  /**
   * Runs `attempt` unless the key has to wait. It counts as failed while it runs, so that attempts in parallel gain nothing; returning something
   * other than undefined clears the key, returning undefined or throwing leaves the failure standing.
   *
   * @throws {HarpError} `api.rate_limited` with `facts.retryAfterSeconds`
   */
  guard<T>(key: string, attempt: () => Promise<T | undefined>): Promise<T | undefined>;
}

/** Keys remembered: 10 000 addresses guessing at once is an attack that no table of this kind stops. */
const MAX_KEYS = 10_000;

/** A back-off by `rule`. A key is forgotten when it has been quiet for twice the longest wait. */
export function createBackOff(rule: BackOffRule, clock: Clock): BackOff {
  const failures = new Map<string, { count: number; lastAtMs: number }>();

  const current = (key: string) => {
    const entry = failures.get(key);
    if (entry !== undefined && clock.nowMs() - entry.lastAtMs < 2 * rule.capMs) return entry;
    failures.delete(key);
    return undefined;
  };
  const waitMs = (key: string): number => {
    const entry = current(key);
    if (entry === undefined || entry.count < rule.freeFailures) return 0;
    const wait = Math.min(rule.capMs, rule.baseMs * 2 ** (entry.count - rule.freeFailures));
    return Math.max(0, entry.lastAtMs + wait - clock.nowMs());
  };
  const fail = (key: string) => {
    const count = (current(key)?.count ?? 0) + 1;
    // Re-inserting keeps the map ordered by last failure, so the first key is the one that has been quiet longest.
    failures.delete(key);
    failures.set(key, { count, lastAtMs: clock.nowMs() });
    if (failures.size > MAX_KEYS) failures.delete(failures.keys().next().value!);
  };

  return {
    async guard(key, attempt) {
      const wait = waitMs(key);
      if (wait > 0) {
        const seconds = Math.ceil(wait / 1000);
        throw new HarpError('api.rate_limited', `too many failed attempts: try again in ${seconds} s`, {
          facts: { retryAfterSeconds: seconds },
        });
      }
      fail(key);
      const outcome = await attempt();
      if (outcome !== undefined) failures.delete(key);
      return outcome;
    },
  };
}
