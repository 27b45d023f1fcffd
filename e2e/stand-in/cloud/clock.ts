/** The time as the stand-in sees it; tests of pacing pass their own. */
export interface Clock {
  /** Milliseconds since 1970, with fractions where the platform has them. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when that is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The real clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms).unref();
      signal.addEventListener('abort', stop, { once: true });
    }),
};

/** Whole seconds since 1970, the unit in which Nextcloud keeps every time. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}

/** ISO 8601 with an offset, as Nextcloud's JSON has it. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', '+00:00');
}
