/** Log lines as text, and which of them a reader wants to see. Pure. */
import { LogLevel, type LogLine } from '../../api/schemas.ts';
import { matchesQuery, parseQuery } from '../../ui/query.ts';

const levels = LogLevel.options;

/** More of one line than any screen shows; the copy has all of it. */
const SHOWN_CHARS = 2000;

export interface LineFilter {
  /** This level and graver. */
  level: LogLevel;
  /** Words, with `-` before those that are not wanted. */
  text: string;
  /** Lines up to this number were cleared away. */
  clearedSeq: number;
}

/** The lines that the filter shows; the list itself when it shows all. */
export function filterLines(lines: readonly LogLine[], { level, text, clearedSeq }: LineFilter): readonly LogLine[] {
  // Without keys, so that `host:port` stays a word.
  const terms = parseQuery(text, []);
  const least = levels.indexOf(level);
  if (terms.length === 0 && least <= 0 && (lines[0]?.seq ?? 1) > clearedSeq) return lines;
  const textOf = (line: LogLine) => [line.message, line.part ?? '', factsOf(line)];
  return lines.filter(
    (line) =>
      line.seq > clearedSeq &&
      levels.indexOf(line.level) >= least &&
      (terms.length === 0 || matchesQuery(line, terms, textOf)),
  );
}

/** What a line says besides its message: `office=north files=3`. */
export function factsOf({ facts }: LogLine): string {
  if (facts === undefined) return '';
  return Object.entries(facts)
    .map(
      ([name, value]) => `${name}=${typeof value === 'string' && /[\s"=]/.test(value) ? JSON.stringify(value) : value}`,
    )
    .join(' ');
}

/** The part of a line that is drawn after its time and level. */
export function shownText(line: LogLine): string {
  const parts = [line.part === undefined ? '' : `[${line.part}]`, line.message, factsOf(line)];
  const text = parts.filter((part) => part !== '').join(' ');
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}

/** Lines for the clipboard: UTC, one line each, whatever a message holds. */
export function copyText(lines: readonly LogLine[]): string {
  return lines
    .map((line) => {
      const parts = [
        new Date(line.atMs).toISOString(),
        line.level.toUpperCase(),
        line.part ?? '',
        line.message,
        factsOf(line),
      ];
      return parts
        .filter((part) => part !== '')
        .join(' ')
        .replace(/[\r\n]+/g, ' ⏎ ');
    })
    .join('\n');
}
