/** The outside world as the console server's parts see it. main.ts passes the real one, tests pass fakes. */
import { randomBytes } from 'node:crypto';

/** Time, and calls at a later time. */
export interface Clock {
  /** UTC epoch, milliseconds. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`; the returned function calls that off. A pending call does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** Structured log; a pino logger is one. Never pass secrets. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Bytes nobody can foretell. */
export type RandomBytes = (count: number) => Uint8Array;

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The machine's generator. */
export const systemRandom: RandomBytes = (count) => randomBytes(count);

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
