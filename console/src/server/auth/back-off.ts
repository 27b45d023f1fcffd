/** Makes guessing slow: after a few failures each further one doubles the wait, per key (a name, an address), and after more of them the key is locked. */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';

/** How patient a back-off is. */
export interface BackOffRule {
  /** Failures that cost nothing: people mistype. */
  freeFailures: number;
  /** Wait after the first failure that costs, in milliseconds. */
  baseMs: number;
  /** Longest wait, in milliseconds. */
  capMs: number;
  /** After this many failures nothing is tried any more for so long; then the count begins anew, so that nobody is locked out for ever. */
  lock?: { failures: number; ms: number };
}

export interface GuardOptions {
  /** Whose attempt it is, where many share a key: a success takes back what they have failed there, and nothing that others have. */
  by?: string;
  /** Runs after the failure that locks the key. */
  onLock?: (untilMs: number) => Promise<void>;
}

/** What a key has counted; `by`: of whom. */
interface Entry {
  count: number;
  lastAtMs: number;
  by: Map<string, number>;
}

/** Failures by key, in memory: a restart forgives, which costs a guesser more than it gives. */
export interface BackOff {
  /**
   * Runs `attempt` unless the key has to wait. It counts as failed while it runs, so that attempts in parallel gain nothing; returning something
   * other than undefined clears the key, returning undefined or throwing leaves the failure standing; but what was refused for want of time was not
   * tried.
   *
   * @throws {HarpError} `api.rate_limited` with `facts.retryAfterSeconds`
   */
  guard<T>(key: string, attempt: () => Promise<T | undefined>, options?: GuardOptions): Promise<T | undefined>;
  /** Forgets what has counted. */
  forgive(key: string): void;
}

/** Keys remembered: 10 000 addresses guessing at once is an attack that no table of this kind stops. */
const MAX_KEYS = 10_000;

/** A back-off by `rule`. A key is forgotten when it has been quiet for as long as a lock lasts, or for twice the longest wait. */
export function createBackOff(rule: BackOffRule, clock: Clock): BackOff {
  const failures = new Map<string, Entry>();
  const forgottenAfterMs = rule.lock?.ms ?? 2 * rule.capMs;

  const current = (key: string) => {
    const entry = failures.get(key);
    if (entry !== undefined && clock.nowMs() - entry.lastAtMs < forgottenAfterMs) return entry;
    failures.delete(key);
    return undefined;
  };
  const isLocked = ({ count }: Entry) => rule.lock !== undefined && count >= rule.lock.failures;
  /** Until when nothing is tried. */
  const waitingUntilMs = (entry: Entry): number => {
    if (isLocked(entry)) return entry.lastAtMs + forgottenAfterMs;
    if (entry.count < rule.freeFailures) return 0;
    return entry.lastAtMs + Math.min(rule.capMs, rule.baseMs * 2 ** (entry.count - rule.freeFailures));
  };
  const fail = (key: string, by: string | undefined): number => {
    const present = current(key);
    const count = (present?.count ?? 0) + 1;
    const shares = present?.by ?? new Map<string, number>();
    if (by !== undefined) shares.set(by, (shares.get(by) ?? 0) + 1);
    // Re-inserting keeps the map ordered by last failure, so the first key is the one that has been quiet longest.
    failures.delete(key);
    failures.set(key, { count, lastAtMs: clock.nowMs(), by: shares });
    if (failures.size > MAX_KEYS) failures.delete(failures.keys().next().value!);
    return count;
  };
  /** Forgets one failure of `by`, or all of theirs. Unless others have failed meanwhile, the rest is as it was `before`. */
  const takeBack = (key: string, before: Entry | undefined, by: string | undefined, all: boolean) => {
    const entry = failures.get(key);
    if (entry === undefined) return;
    const own = by === undefined ? 1 : (entry.by.get(by) ?? 0);
    const taken = Math.min(own, all ? own : 1);
    entry.count -= taken;
    if (by !== undefined && own === taken) entry.by.delete(by);
    else if (by !== undefined) entry.by.set(by, own - taken);
    if (entry.count <= 0) failures.delete(key);
    else if (before !== undefined && entry.count <= before.count) entry.lastAtMs = before.lastAtMs;
  };
  const failed = async (count: number, onLock: ((untilMs: number) => Promise<void>) | undefined) => {
    if (count === rule.lock?.failures) await onLock?.(clock.nowMs() + rule.lock.ms);
  };

  return {
    async guard(key, attempt, { by, onLock } = {}) {
      const entry = current(key);
      const waitMs = entry === undefined ? 0 : waitingUntilMs(entry) - clock.nowMs();
      if (entry !== undefined && waitMs > 0) throw tooMany(waitMs, isLocked(entry) ? entry.count : undefined);
      const count = fail(key, by);
      let outcome: Awaited<ReturnType<typeof attempt>>;
      try {
        outcome = await attempt();
      } catch (error) {
        if (isHarpError(error, 'api.rate_limited')) takeBack(key, entry, by, false);
        else await failed(count, onLock);
        throw error;
      }
      if (outcome === undefined) await failed(count, onLock);
      else if (by === undefined) failures.delete(key);
      else takeBack(key, entry, by, true);
      return outcome;
    },
    forgive: (key) => void failures.delete(key),
  };
}

/** Says the same of names that exist and of names that do not. */
function tooMany(waitMs: number, lockedBy: number | undefined): HarpError {
  const seconds = Math.ceil(waitMs / 1000);
  const said =
    lockedBy === undefined
      ? `too many failed attempts: try again in ${seconds} s`
      : `locked after ${lockedBy} failed attempts: try again in ${Math.ceil(seconds / 60)} min, or ask an owner to unlock it`;
  return new HarpError('api.rate_limited', said, { facts: { retryAfterSeconds: seconds } });
}
