import { type LogLevel, shortText, shownFacts, withoutSecrets } from '@harp/broker/protocol';
import { z } from 'zod';
import type { NewLine } from './line-ring.ts';

/** A line as pino prints it. */
const Printed = z.looseObject({ level: z.number(), time: z.number(), msg: z.string().catch('') });

/** Takes a printed line apart; undefined if a logger of ours did not print it. Secrets are taken out, text is bounded. */
export function readPrintedLine(text: string): NewLine | undefined {
  const parsed = Printed.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { level, time, msg, pid: _pid, hostname: _hostname, process: _process, part, ...rest } = parsed.data;
  const facts = shownFacts(rest);
  return {
    atMs: Math.max(0, Math.round(time)),
    level: levelOf(level),
    ...(typeof part === 'string' ? { part: shortText(part, 64) } : {}),
    message: shortText(withoutSecrets(msg)),
    ...(facts === undefined ? {} : { facts }),
  };
}

/** Pino's numbers: trace 10, debug 20, info 30, warn 40, error 50, fatal 60. */
function levelOf(level: number): LogLevel {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
