import type { Logger } from '../ports.ts';

/** A logger whose lines name the part that speaks. */
export function partLogger(logger: Logger, part: string): Logger {
  return {
    debug: (facts, message) => logger.debug({ part, ...facts }, message),
    info: (facts, message) => logger.info({ part, ...facts }, message),
    warn: (facts, message) => logger.warn({ part, ...facts }, message),
    error: (facts, message) => logger.error({ part, ...facts }, message),
  };
}
