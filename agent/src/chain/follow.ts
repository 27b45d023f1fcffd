import {
  type BlobId,
  type ChainPosition,
  checkSignature,
  decodeSegment,
  type FolderId,
  HarpError,
  Head,
  type HeadPlan,
  isHarpError,
  openSigned,
  planHead,
  type Segment,
  type SegmentRef,
  type SignedText,
  type SigningKey,
  type SnapshotRef,
  snapshotSigningText,
  verifySegment,
} from '@harp/broker/protocol';
import { sha3, verifyEd25519 } from '@harp/broker/protocol/node';

/**
 * From a signed head to verified entries. Nothing is followed that a pinned key has not signed; nothing here changes what the agent holds.
 */

/**
 * Checks signature and form of a head of `folder`.
 *
 * @throws {HarpError} `chain.signature_invalid`, `protocol.invalid_message`
 */
export function openHead(folder: FolderId, signed: SignedText, keys: readonly SigningKey[]): Head {
  const head = openSigned('harp/head/v1', signed, Head, keys, verifyEd25519);
  if (head.folder !== folder) {
    throw new HarpError('chain.signature_invalid', 'a head was signed for another folder', {
      facts: { folder: head.folder },
    });
  }
  return head;
}

/**
 * How to get from `position` to `head`. `floor` is the newest entry ever verified: while a snapshot is being applied `position` is behind it.
 *
 * @throws {HarpError} `chain.rollback`, `chain.fork`, `chain.sequence_gap`
 */
export function planFrom(position: ChainPosition, floor: ChainPosition, head: Head): HeadPlan {
  if (floor.seq > position.seq) planHead(floor, head);
  return planHead(position, head);
}

/** The blobs a plan needs, snapshot first. */
export function blobsOf(plan: HeadPlan): BlobId[] {
  if (plan.kind === 'current') return [];
  const segments = plan.segments.map(({ blob }) => blob);
  return plan.kind === 'snapshot' ? [plan.snapshot.blob, ...segments] : segments;
}

/**
 * Checks that a snapshot was signed as one. A head does not say which key signed its snapshot, which may be older than the key now in use.
 *
 * @throws {HarpError} `chain.signature_invalid`
 */
export function checkSnapshot(folder: FolderId, ref: SnapshotRef, keys: readonly SigningKey[]): void {
  const text = snapshotSigningText(folder, ref);
  for (const { key } of keys) {
    try {
      checkSignature('harp/snapshot/v1', text, { key, signature: ref.signature }, keys, verifyEd25519);
      return;
    } catch (error) {
      if (!isHarpError(error, 'chain.signature_invalid')) throw error;
    }
  }
  throw new HarpError('chain.signature_invalid', `the snapshot of entry ${ref.seq} is not signed by a pinned key`, {
    facts: { seq: ref.seq },
  });
}

/**
 * Decodes and verifies segments from `start` on: every link, up to the head's.
 *
 * @throws {HarpError} `chain.*`; `facts` of the error name the entries
 */
export function verifySegments(
  folder: FolderId,
  start: ChainPosition,
  refs: readonly SegmentRef[],
  blob: (id: BlobId) => Uint8Array | undefined,
): { segments: Segment[]; end: ChainPosition } {
  let end = start;
  const segments = refs.map((ref) => {
    const bytes = blob(ref.blob);
    if (bytes === undefined) throw new HarpError('blob.absent', `entries ${ref.from}–${ref.to} are not here`);
    try {
      const segment = decodeSegment(bytes);
      end = verifySegment(segment, folder, end, ref, sha3);
      return segment;
    } catch (error) {
      if (!isHarpError(error) || 'from' in error.facts || 'seq' in error.facts) throw error;
      throw new HarpError(error.code, `entries ${ref.from}–${ref.to}: ${error.message}`, {
        cause: error,
        facts: { ...error.facts, from: ref.from, to: ref.to },
      });
    }
  });
  return { segments, end };
}
