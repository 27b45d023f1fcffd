import type { LogLine, LogPage } from './port.ts';
import { RING_LINES } from './port.ts';

/** A line before it has its place in a channel. */
export type NewLine = Omit<LogLine, 'seq'>;

/** Text a channel keeps at most, about: lines are long when things go wrong. */
const RING_CHARS = 8 * 1024 * 1024;

/** Lines that have left stay until there are so many. */
const FREE_LINES = 500;

/** The newest lines of one channel. */
export interface LineRing {
  readonly size: number;
  readonly lastSeq: number;
  add(lines: readonly NewLine[]): LogLine[];
  read(afterSeq: number, limit: number): LogPage;
}

/** An empty ring whose numbers begin above `fromSeq`. */
export function createLineRing(fromSeq: number, capacity = RING_LINES, capacityChars = RING_CHARS): LineRing {
  const lines: LogLine[] = [];
  /** Where the oldest line is; what lies before it is free. Moving a whole ring for every line would cost more than the lines. */
  let start = 0;
  let chars = 0;
  let lastSeq = fromSeq;

  const dropOldest = () => {
    const gone = lines[start];
    if (gone !== undefined) chars -= charsOf(gone);
    start += 1;
    if (start < FREE_LINES) return;
    lines.splice(0, start);
    start = 0;
  };

  return {
    get size() {
      return lines.length - start;
    },
    get lastSeq() {
      return lines.length === start ? 0 : lastSeq;
    },
    add(added) {
      return added.map((line) => {
        lastSeq += 1;
        const kept: LogLine = { seq: lastSeq, ...line };
        lines.push(kept);
        chars += charsOf(kept);
        while (lines.length - start > capacity || (chars > capacityChars && lines.length - start > 1)) dropOldest();
        return kept;
      });
    },
    read(afterSeq, limit) {
      const oldest = lines[start]?.seq ?? lastSeq + 1;
      const isKnown = afterSeq > 0 && afterSeq <= lastSeq;
      const from = isKnown ? start + Math.max(0, afterSeq + 1 - oldest) : Math.max(start, lines.length - limit);
      const page = lines.slice(from, from + limit);
      return {
        lines: page,
        nextSeq: page.at(-1)?.seq ?? (isKnown ? afterSeq : lastSeq),
        gap: isKnown && afterSeq + 1 < oldest,
      };
    },
  };
}

function charsOf({ message, facts }: LogLine): number {
  let chars = message.length;
  for (const [name, value] of Object.entries(facts ?? {})) {
    chars += name.length + (typeof value === 'string' ? value.length : 8);
  }
  return chars;
}
