/**
 * Which segments a head lists. Merging works like a binary counter: a segment is rewritten only when what follows it has grown as large, so an entry
 * is rewritten about log2(4096) times in its life and an agent that follows along seldom fetches an entry twice.
 */
import { limits } from '@harp/broker/protocol';

/** Entries `from`…`to`. */
export interface Span {
  from: number;
  to: number;
}

export interface SegmentLimits {
  /** Entries in one segment. */
  maxEntries: number;
  /** Segments in one head. */
  maxSegments: number;
}

const protocolLimits: SegmentLimits = { maxEntries: limits.segmentMaxEntries, maxSegments: limits.headMaxSegments };

/**
 * The spans after entries `added` joined `spans` (in order, adjoining). They adjoin again and end at `added.to`; they start where `spans` started,
 * unless even merged there are too many: then the oldest fall away, and a snapshot must stand in for them.
 */
export function planSegments(spans: readonly Span[], added: Span, caps: SegmentLimits = protocolLimits): Span[] {
  const planned = [...spans, added];
  while (planned.length > 1) {
    const last = planned.at(-1) as Span;
    const before = planned.at(-2) as Span;
    if (length(before) >= 2 * length(last) || length(before) + length(last) > caps.maxEntries) break;
    planned.splice(-2, 2, { from: before.from, to: last.to });
  }
  while (planned.length > caps.maxSegments) {
    const at = smallestPair(planned, caps.maxEntries);
    if (at === undefined) planned.shift();
    else planned.splice(at, 2, { from: planned[at]!.from, to: planned[at + 1]!.to });
  }
  return planned;
}

/** Index of the neighbours that make the smallest segment together; undefined if none fit into one. */
function smallestPair(spans: readonly Span[], maxEntries: number): number | undefined {
  let best: { at: number; length: number } | undefined;
  for (let at = 0; at + 1 < spans.length; at++) {
    const together = length(spans[at]!) + length(spans[at + 1]!);
    if (together <= maxEntries && (best === undefined || together < best.length)) best = { at, length: together };
  }
  return best?.at;
}

function length({ from, to }: Span): number {
  return to - from + 1;
}

/** Below this many entries since the last snapshot, replaying is cheaper than a new one. */
const SNAPSHOT_MIN_ENTRIES = 1024;

/** Whether a head at `seq` needs a new snapshot: `must` if its segments no longer reach back to the last one, `should` if it is old. */
export function snapshotNeed(state: {
  seq: number;
  /** Of the snapshot there is; 0 if none. */
  snapshotSeq: number;
  /** First entry the head's segments hold. */
  firstEntry: number;
  liveFiles: number;
}): 'must' | 'should' | 'no' {
  if (state.firstEntry > state.snapshotSeq + 1) return 'must';
  return state.seq - state.snapshotSeq > Math.max(SNAPSHOT_MIN_ENTRIES, state.liveFiles) ? 'should' : 'no';
}
