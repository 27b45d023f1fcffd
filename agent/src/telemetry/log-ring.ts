/**
 * The newest lines of this agent's log, ready to be shown elsewhere: cleared of secrets and foreign paths before they are kept. Taking a line never
 * waits and never fails; how much is kept is bounded whatever is logged.
 */
import {
  type CleanText,
  type LogEntry,
  type LogFacts,
  type LogLevel,
  type LogPlace,
  limits,
  reaches,
  shortText,
  shownFacts,
  withoutSecrets,
} from '@harp/broker/protocol';
import type { Disposable } from '../ports.ts';

/** Lines remembered: what happened in the minutes before somebody looks. */
export const RING_LINES = 500;
/** What is remembered while nobody asks for more. Not the level of standard error: that is for whoever sits at this computer. */
const REMEMBERED_LEVEL: LogLevel = 'info';

/** Hears every line that is logged, before its level decides whether it is printed. */
export interface LogTap {
  /** Whether a line of this level is of interest; asked first, so that the others cost nothing. */
  wants(level: LogLevel): boolean;
  take(level: LogLevel, facts: object, message: string): void;
}

/** A reader of the ring. While it is open, lines of its level are kept that otherwise would not be. */
export interface LogCursor {
  readonly hasMore: boolean;
  /** The next lines, oldest first, as many as fit into `maxBytes` of JSON, and how many were lost before them. Moves on. */
  next(maxBytes: number, maxLines: number): { lines: LogEntry[]; dropped: number };
  close(): void;
}

export interface LogRing extends LogTap {
  /** Which process's log this is: the instant it began. */
  readonly startedAtMs: number;
  /** Cleans every line from now on. */
  cleanWith(clean: CleanText): void;
  /** Reads lines of `level` and graver: after `after` if that is of this process, else from the oldest. */
  follow(level: LogLevel, after?: LogPlace): LogCursor;
  /** Called after a line was kept. */
  onDidTake(listener: () => void): Disposable;
}

/** A line and its size as JSON. */
interface Kept {
  entry: LogEntry;
  bytes: number;
}

interface Cursor {
  level: LogLevel;
  /** The last line looked at. */
  line: number;
  dropped: number;
}

/** An empty ring of a process that starts now. */
export function createLogRing(nowMs: () => number, capacity = RING_LINES): LogRing {
  const startedAtMs = nowMs();
  const entries: Kept[] = [];
  const cursors = new Set<Cursor>();
  const listeners = new Set<() => void>();
  let clean: CleanText = withoutSecrets;
  let lastLine = 0;
  let taking = false;

  const keep = (kept: Kept) => {
    entries.push(kept);
    if (entries.length <= capacity) return;
    const gone = entries.shift()?.entry;
    if (gone === undefined) return;
    for (const cursor of cursors) {
      if (gone.line <= cursor.line) continue;
      cursor.line = gone.line;
      if (reaches(gone.level, cursor.level)) cursor.dropped += 1;
    }
  };

  return {
    startedAtMs,
    wants: (level) => reaches(level, REMEMBERED_LEVEL) || [...cursors].some((cursor) => reaches(level, cursor.level)),
    take(level, facts, message) {
      // A listener or a cleaner that logs would never come to an end.
      if (taking) return;
      taking = true;
      try {
        const { part, ...rest } = facts as { part?: unknown };
        lastLine += 1;
        const head = {
          line: lastLine,
          atMs: nowMs(),
          level,
          ...(typeof part === 'string' ? { part: shortText(part, 64) } : {}),
          message: shortText(clean(message)),
        };
        keep(bounded(head, shownFacts(rest, clean)));
        for (const listener of listeners) listener();
      } finally {
        taking = false;
      }
    },
    cleanWith(next) {
      clean = next;
    },
    follow(level, after) {
      const known = after?.startedAtMs === startedAtMs ? Math.min(after.line, lastLine) : 0;
      const before = (entries[0]?.entry.line ?? lastLine + 1) - 1;
      const cursor: Cursor = { level, line: known, dropped: known === 0 ? 0 : Math.max(0, before - known) };
      cursors.add(cursor);
      const isNext = ({ entry }: Kept) => entry.line > cursor.line && reaches(entry.level, level);
      return {
        get hasMore() {
          return cursor.dropped > 0 || entries.some(isNext);
        },
        next(maxBytes, maxLines) {
          const lines: LogEntry[] = [];
          let roomBytes = maxBytes;
          for (const { entry, bytes } of entries.filter(isNext)) {
            // One for the comma.
            roomBytes -= bytes + 1;
            if (roomBytes < 0 || lines.length === maxLines) break;
            lines.push(entry);
            cursor.line = entry.line;
          }
          const { dropped } = cursor;
          cursor.dropped = 0;
          return { lines, dropped };
        },
        close: () => void cursors.delete(cursor),
      };
    },
    onDidTake(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}

/** The line without the facts at the end that would make it larger than one may be. */
function bounded(head: LogEntry, facts: LogFacts | undefined): Kept {
  const kept = Object.entries(facts ?? {});
  for (;;) {
    const entry = kept.length === 0 ? head : { ...head, facts: Object.fromEntries(kept) };
    const bytes = Buffer.byteLength(JSON.stringify(entry));
    if (bytes <= limits.logLineMaxBytes || kept.length === 0) return { entry, bytes };
    kept.pop();
  }
}
