/**
 * An agent's log on demand: the command with which the console asks for it, and the batches that answer. Lines are for people and stay English;
 * nothing may branch on their text.
 */
import { z } from 'zod';
import { CommandId } from './ids.ts';
import { limits } from './limits.ts';

/** From the least to the most grave. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export const LogLevel = z.enum(logLevels);
export type LogLevel = z.infer<typeof LogLevel>;

/** Whether a line of `level` is wanted by somebody who asks for `from` and graver. */
export function reaches(level: LogLevel, from: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(from);
}

/** What a line says besides its message: scalars; anything longer as its JSON. */
export const LogFacts = z.record(
  z.string().max(limits.logFactNameMaxChars),
  z.union([z.string().max(limits.logTextMaxChars), z.number(), z.boolean(), z.null()]),
);
export type LogFacts = Readonly<z.infer<typeof LogFacts>>;

/** A place in the log of one process: its lines are counted from 1, and when it started tells it from the next. */
const LogPlace = z.object({ startedAtMs: z.int().min(0), line: z.int().min(0) });
export type LogPlace = z.infer<typeof LogPlace>;

/**
 * Asks an agent for its log. A duration and not an instant, because the clocks of PCs are wrong. The newest command counts: another one renews or
 * changes what the last asked for, `forMs` 0 ends it.
 */
export const LogCommand = z.object({
  v: z.literal(1),
  id: CommandId,
  kind: z.literal('log'),
  /** From when the agent takes the command. */
  forMs: z.int().min(0).max(limits.logStreamMaxMs),
  /** Lines of this level and graver. */
  level: LogLevel,
  /** The last line the console has. Absent: the agent begins with what it remembers. */
  after: LogPlace.exactOptional(),
});
export type LogCommand = z.infer<typeof LogCommand>;

/** What the console may ask of an agent. Append only. */
export const Command = z.discriminatedUnion('kind', [LogCommand]);
export type Command = z.infer<typeof Command>;

/** What every command says, whatever its kind: enough to ignore one that is newer than its reader. */
export const AnyCommand = z.object({ v: z.literal(1), id: CommandId, kind: z.string().min(1).max(64) });
export type AnyCommand = z.infer<typeof AnyCommand>;

/** One line. `line` grows as long as the process lives; lines nobody asked for leave gaps. */
export const LogEntry = z.object({
  line: z.int().min(1),
  atMs: z.int().min(0),
  level: LogLevel,
  /** Which part of the agent speaks. */
  part: z.string().max(64).exactOptional(),
  message: z.string().max(limits.logTextMaxChars),
  facts: LogFacts.exactOptional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** Answers a log command: lines, oldest first. The first batch is sent even if it has none: it says that the agent heard. */
export const LogBatch = z.object({
  v: z.literal(1),
  command: CommandId,
  startedAtMs: z.int().min(0),
  /** Lines that were asked for and lost directly before these, because more was logged than may be sent. */
  dropped: z.int().min(0),
  lines: z.array(LogEntry).max(limits.logBatchMaxLines),
});
export type LogBatch = z.infer<typeof LogBatch>;
