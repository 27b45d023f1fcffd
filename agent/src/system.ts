/** The real world behind the ports: the only place in the agent that reads clocks, sets timers and draws random numbers. */
import pino, { type Logger as PinoLogger } from 'pino';
import type { Clock, Logger } from './ports.ts';
import type { LogTap } from './telemetry/log-ring.ts';

/** The clock of this computer. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  // Not timers/promises: that makes an error with a stack for every sleep cut short, and most sleeps of a busy agent are.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const cut = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', cut);
          resolve();
        },
        Math.max(0, ms),
      );
      signal?.addEventListener('abort', cut, { once: true });
    }),
};

/** JSON lines on stderr from `level` on; `tap` hears the others as well. stdout belongs to the ready line and to what commands print. */
export function createLogger(level: string, tap: LogTap): Logger {
  // Synchronous, so that the last words of a process that ends are not lost.
  const printed = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // As JSON an error is {}.
      serializers: { error: (error: unknown) => (error instanceof Error ? String(error) : error) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return wrap(printed, tap, {});
}

function wrap(logger: PinoLogger, tap: LogTap, bindings: object): Logger {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (facts: object, message: string) => {
    logger[level](facts, message);
    if (tap.wants(level)) tap.take(level, { ...bindings, ...facts }, message);
  };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (facts) => wrap(logger.child(facts), tap, { ...bindings, ...facts }),
  };
}
