/** The lines of one channel as this page has them: a ring that counts what is missing. Pure. */
import type { LogBatch, LogLine } from '../../api/schemas.ts';

/** Lines kept at most; the server keeps as many. */
export const RING_LINES = 10_000;

/** A new object whenever anything in it changed. */
export interface LogRing {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** The newest number; what reading goes on after. */
  readonly lastSeq: number;
  /** Older lines fell out of the ring here. */
  readonly cut: boolean;
  /** The server lost lines before they could be read. */
  readonly gap: boolean;
}

export const emptyRing: LogRing = { lines: [], lastSeq: 0, cut: false, gap: false };

/** The ring with new lines; each number comes in once, however often it is sent. */
export function withLines(ring: LogRing, batch: Pick<LogBatch, 'lines' | 'gap'>, capacity = RING_LINES): LogRing {
  const fresh: LogLine[] = [];
  let lastSeq = ring.lastSeq;
  for (const line of batch.lines) {
    if (line.seq <= lastSeq) continue;
    lastSeq = line.seq;
    fresh.push(line);
  }
  if (fresh.length === 0) return batch.gap && !ring.gap ? { ...ring, gap: true } : ring;
  const all = ring.lines.concat(fresh);
  const tooMany = all.length > capacity;
  return {
    lines: tooMany ? all.slice(all.length - capacity) : all,
    lastSeq,
    cut: ring.cut || tooMany,
    gap: ring.gap || batch.gap,
  };
}

/** How many lines are known to be missing between those that are kept. */
export function droppedIn(lines: readonly LogLine[]): number {
  let dropped = 0;
  for (const line of lines) dropped += line.dropped ?? 0;
  return dropped;
}

/** Joins batches that came while nobody could draw, so that a thousand of them cost one drawing. */
export function joinBatches(batches: readonly LogBatch[]): LogBatch | undefined {
  const last = batches.at(-1);
  if (last === undefined) return undefined;
  return { lines: batches.flatMap(({ lines }) => lines), gap: batches.some(({ gap }) => gap), state: last.state };
}
