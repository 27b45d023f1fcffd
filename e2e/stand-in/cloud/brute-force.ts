import type { Clock } from './clock.ts';

/** Failures counted before an address is shut out (api.md 2.3). */
const allowedFailures = 10;
const windowMs = 30 * 60 * 1000;

/**
 * Counts failed logins per source address: after more than ten within 30 minutes every request with credentials gets 429, good ones too.
 * The real server also delays each answer by up to 25 s; this one reports that delay in the capabilities but does not wait.
 */
export class BruteForceGuard {
  /** Off, nothing is counted and nobody blocked: the recorded server had its client on the allow-list. */
  enabled: boolean;
  private readonly failures = new Map<string, number[]>();

  constructor(
    private readonly clock: Clock,
    enabled: boolean,
  ) {
    this.enabled = enabled;
  }

  recordFailure(address: string): void {
    if (this.enabled) this.failures.set(address, [...this.recent(address), this.clock.nowMs()]);
  }

  isBlocked(address: string): boolean {
    return this.enabled && this.recent(address).length > allowedFailures;
  }

  /** What `capabilities.bruteforce.delay` says, in milliseconds. */
  delayMs(address: string): number {
    const count = this.enabled ? this.recent(address).length : 0;
    return count === 0 ? 0 : Math.min(25_000, 100 * 2 ** count);
  }

  /** As `occ security:bruteforce:reset` for every address. */
  reset(): void {
    this.failures.clear();
  }

  private recent(address: string): number[] {
    const since = this.clock.nowMs() - windowMs;
    return (this.failures.get(address) ?? []).filter((atMs) => atMs > since);
  }
}
