/** The outside world as the broker's parts see it. main.ts passes the real one, tests pass fakes. */

/** Time, and calls at a later time. */
export interface Clock {
  /** UTC epoch, milliseconds. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`; the returned function calls that off. A pending call does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** Structured log. Never pass secrets; ids are shortened with `shortId`. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** The first 8 characters of an id: enough to find the row, too few to be of use to a reader of the log. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
