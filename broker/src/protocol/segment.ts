/** Segment: consecutive entries as one blob, in lines of canonical JSON, so that a stranger can read and check it with a few lines of code. */
import { z } from 'zod';
import { textOf, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { ChainPosition } from './chain.ts';
import { advance } from './chain.ts';
import { Entry } from './entry.ts';
import { HarpError } from './errors.ts';
import type { Sha3 } from './hashing.ts';
import { BlobId, FolderId, LinkHex } from './ids.ts';
import { limits } from './limits.ts';

/** First line of a segment. `previous` is the link before entry `from`. */
export const SegmentHeader = z.strictObject({
  v: z.literal(1),
  kind: z.literal('segment'),
  folder: FolderId,
  from: z.int().min(1),
  to: z.int().min(1),
  previous: LinkHex,
});
export type SegmentHeader = z.infer<typeof SegmentHeader>;

/** How a head refers to a segment: entries `from`…`to`, leading from link `previous` to link `link`. */
export const SegmentRef = z.strictObject({
  from: z.int().min(1),
  to: z.int().min(1),
  previous: LinkHex,
  link: LinkHex,
  blob: BlobId,
});
export type SegmentRef = z.infer<typeof SegmentRef>;

export interface Segment {
  header: SegmentHeader;
  entries: Entry[];
}

/** The bytes of a segment: header line and one line per entry, each canonical JSON ended by a line feed. `entries` is not empty. */
export function encodeSegment(folder: FolderId, previous: LinkHex, entries: readonly Entry[]): Uint8Array {
  const header = {
    v: 1,
    kind: 'segment',
    folder,
    from: entries[0]!.seq,
    to: entries.at(-1)!.seq,
    previous,
  };
  return utf8(`${[header, ...entries].map(canonicalJson).join('\n')}\n`);
}

/**
 * Reads a segment and checks its form: canonical lines, numbers without gaps, count as the header says.
 *
 * @throws {HarpError} `chain.malformed` with `facts.line` (1-based) where the form breaks.
 */
export function decodeSegment(bytes: Uint8Array): Segment {
  const lines = blobLines(bytes, 'segment');
  const header = parseLine(SegmentHeader, lines, 0);
  const entries = lines.slice(1).map((_, index) => parseLine(Entry, lines, index + 1));
  if (entries.length > limits.segmentMaxEntries) throw malformed(`more than ${limits.segmentMaxEntries} entries`, 1);
  if (entries.length !== header.to - header.from + 1) throw malformed('the entry count is not what the header says', 1);
  entries.forEach((entry, index) => {
    if (entry.seq !== header.from + index) throw malformed(`entry ${entry.seq} out of order`, index + 2);
  });
  return { header, entries };
}

/**
 * Checks that a segment belongs to `folder`, starts at `start` and leads to `ref.link`; returns the new position.
 *
 * @throws {HarpError} `chain.sequence_gap` or `chain.link_mismatch` with `facts.seq`: the first and last entry that are in question.
 */
export function verifySegment(
  segment: Segment,
  folder: FolderId,
  start: ChainPosition,
  ref: SegmentRef,
  sha3: Sha3,
): ChainPosition {
  const { header, entries } = segment;
  if (
    header.folder !== folder ||
    header.from !== ref.from ||
    header.to !== ref.to ||
    header.previous !== ref.previous
  ) {
    throw new HarpError(
      'chain.link_mismatch',
      `the segment is not the one the head names (entries ${ref.from}–${ref.to})`,
      {
        facts: { from: ref.from, to: ref.to },
      },
    );
  }
  const base = { seq: header.from - 1, link: header.previous };
  const end = advance(base, entries, sha3);
  if (end.link !== ref.link) {
    throw new HarpError('chain.link_mismatch', `entries ${ref.from}–${ref.to} do not lead to the signed link`, {
      facts: { from: ref.from, to: ref.to },
    });
  }
  if (start.seq < base.seq) {
    throw new HarpError('chain.sequence_gap', `entries ${start.seq + 1}–${base.seq} are missing`, {
      facts: { seq: start.seq + 1 },
    });
  }
  const known = start.seq >= end.seq ? undefined : advance(base, entries.slice(0, start.seq - base.seq), sha3);
  if (known !== undefined && known.link !== start.link) {
    throw new HarpError('chain.fork', `entry ${start.seq} differs from the one verified before`, {
      facts: { seq: start.seq },
    });
  }
  return end.seq > start.seq ? end : start;
}

/** The lines of a blob of canonical JSON lines. @throws {HarpError} `chain.malformed` */
export function blobLines(bytes: Uint8Array, kind: string): string[] {
  if (bytes.length > limits.blobMaxBytes) throw malformed(`the ${kind} is larger than a blob may be`, 0);
  let text: string;
  try {
    text = textOf(bytes);
  } catch (cause) {
    throw new HarpError('chain.malformed', `the ${kind} is not UTF-8`, { cause });
  }
  if (!text.endsWith('\n')) throw malformed(`the ${kind} does not end with a line feed`, 0);
  return text.slice(0, -1).split('\n');
}

/** One line of a blob, parsed by `schema` and checked to be canonical. @throws {HarpError} `chain.malformed` with `facts.line`. */
export function parseLine<S extends z.ZodType>(schema: S, lines: readonly string[], index: number): z.infer<S> {
  const text = lines[index] ?? '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HarpError('chain.malformed', `line ${index + 1} is not JSON`, { cause, facts: { line: index + 1 } });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(parsed.error.issues[0]?.message ?? 'does not match its schema', index + 1);
  if (canonicalJson(parsed.data) !== text) throw malformed('not in canonical form', index + 1);
  return parsed.data;
}

function malformed(why: string, line: number): HarpError {
  return new HarpError('chain.malformed', `line ${line}: ${why}`, { facts: { line } });
}
