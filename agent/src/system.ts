/** The real world behind the ports: the only place in the agent that reads clocks, sets timers and draws random numbers. */
import { setTimeout as delay } from 'node:timers/promises';
import pino, { type Logger as PinoLogger } from 'pino';
import type { Clock, Logger } from './ports.ts';

/** The clock of this computer. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};

/** JSON lines on stderr. stdout belongs to the ready line and to what commands print. */
export function createLogger(level: string): Logger {
  // Synchronous, so that the last words of a process that ends are not lost.
  return wrap(
    pino(
      { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
    ),
  );
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (facts, message) => logger.debug(facts, message),
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
    child: (facts) => wrap(logger.child(facts)),
  };
}
