/** Head: the newest link of a folder's chain, signed in the data centre; and how a receiver decides whether to follow it. */
import { z } from 'zod';
import type { ChainPosition } from './chain.ts';
import { GENESIS_LINK } from './chain.ts';
import { HarpError } from './errors.ts';
import { FolderId, LinkHex } from './ids.ts';
import { limits } from './limits.ts';
import { SegmentRef } from './segment.ts';
import { SnapshotRef } from './snapshot.ts';

/**
 * What the signature of context `harp/head/v1` covers. `segments` are in order, adjoin each other, end at `seq`, and reach back at least to the
 * entry after `snapshot` (to entry 1 when there is none); further back as far as fits, so that agents that were away need no snapshot.
 */
export const Head = z
  .strictObject({
    v: z.literal(1),
    folder: FolderId,
    seq: z.int().min(0),
    link: LinkHex,
    atMs: z.int().min(0),
    snapshot: SnapshotRef.nullable(),
    segments: z.array(SegmentRef).max(limits.headMaxSegments),
  })
  .superRefine((head, context) => {
    const problem = headProblem(head);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
export type Head = z.infer<typeof Head>;

function headProblem(head: {
  seq: number;
  link: string;
  snapshot: SnapshotRef | null;
  segments: readonly SegmentRef[];
}): string | undefined {
  const { seq, link, snapshot, segments } = head;
  if (seq === 0)
    return link === GENESIS_LINK && segments.length === 0
      ? undefined
      : 'an empty chain has the zero link and no segments';
  for (const [index, segment] of segments.entries()) {
    if (segment.to < segment.from) return 'a segment ends before it starts';
    const before = segments[index - 1];
    if (before !== undefined && (before.to + 1 !== segment.from || before.link !== segment.previous))
      return 'segments do not adjoin';
  }
  const last = segments.at(-1);
  const end = last ?? snapshot;
  if (end === null) return 'neither snapshot nor segments';
  if ((last?.to ?? snapshot?.seq) !== seq || end.link !== link) return 'the segments do not end at the head';
  const first = segments[0];
  if (snapshot === null)
    return first?.from === 1 && first.previous === GENESIS_LINK ? undefined : 'no snapshot and no first entry';
  if (snapshot.seq > seq) return 'the snapshot is newer than the head';
  if (first !== undefined && first.from > snapshot.seq + 1) return 'entries between snapshot and segments are missing';
  if (first !== undefined && first.from === snapshot.seq + 1 && first.previous !== snapshot.link)
    return 'segments do not continue the snapshot';
  return undefined;
}

/** What an agent at a position does about a head that it has authenticated. */
export type HeadPlan =
  | { kind: 'current' }
  | { kind: 'segments'; segments: SegmentRef[] }
  | { kind: 'snapshot'; snapshot: SnapshotRef; segments: SegmentRef[] };

/**
 * Decides how to get from `position` to `head`: nothing, later segments, or the snapshot and the segments after it.
 *
 * @throws {HarpError} `chain.rollback` if the head is older, `chain.fork` if it has another link for the same entry.
 */
export function planHead(position: ChainPosition, head: Head): HeadPlan {
  if (head.seq < position.seq) {
    throw new HarpError('chain.rollback', `head ${head.seq} is older than entry ${position.seq}, verified before`, {
      facts: { seq: head.seq, verified: position.seq },
    });
  }
  if (head.seq === position.seq) {
    if (head.link === position.link) return { kind: 'current' };
    throw new HarpError('chain.fork', `two signed links for entry ${head.seq}`, { facts: { seq: head.seq } });
  }
  const first = head.segments[0];
  const reachesBack = first !== undefined && first.from <= position.seq + 1;
  if (reachesBack && (head.snapshot === null || position.seq > 0 || head.snapshot.seq === 0)) {
    return { kind: 'segments', segments: head.segments.filter(({ to }) => to > position.seq) };
  }
  const { snapshot } = head;
  if (snapshot === null)
    throw new HarpError('chain.sequence_gap', `entries from ${position.seq + 1} on are missing`, {
      facts: { seq: position.seq + 1 },
    });
  return { kind: 'snapshot', snapshot, segments: head.segments.filter(({ to }) => to > snapshot.seq) };
}
