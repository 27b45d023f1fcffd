/** The real world behind the ports: the only place in the agent that reads clocks, sets timers and draws random numbers. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

/**
 * Has garbage collected now. V8 collects while it allocates: a process that falls quiet after much work would keep its largest heap for ever
 * (measured: 285 MiB resident after 10 000 files, of which most was garbage). Costs some tens of milliseconds.
 */
export function collectGarbage(): void {
  gc ??= exposedGc();
  gc();
}

let gc: (() => void) | undefined;

/** The function that `node --expose-gc` would give; a flag of the command line would have to stand in every service file. */
function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  return typeof found === 'function' ? () => void found() : () => undefined;
}

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
