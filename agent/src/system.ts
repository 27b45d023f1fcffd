/** The real world behind the ports: the only place in the agent that reads clocks, sets timers and draws random numbers. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino, { type Logger as PinoLogger } from 'pino';
import type { Clock, Logger } from './ports.ts';

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
