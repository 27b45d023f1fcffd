/**
 * Appends to a folder's chain. Entries, present state, manifests, segments, snapshot and signed head change in one transaction under a lock on the
 * folder: readers see a complete head or the one before. The only writer of these tables; knows nothing of Nextcloud or MQTT.
 */
import type { Entry, FolderId, LinkHex, SegmentRef, SignedText, SnapshotRef } from '@harp/broker/protocol';
import {
  advance,
  applyEntry,
  blobIdOf,
  canonicalJson,
  type EntryPath,
  Entry as EntrySchema,
  encodeSegment,
  encodeSnapshot,
  fromHex,
  HarpError,
  Head,
  limits,
  link,
  snapshotSigningText,
  toHex,
} from '@harp/broker/protocol';
import type { Signer } from '@harp/broker/protocol/node';
import { sha3 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { Clock } from '../ports.ts';
import type { Change } from './changes.ts';
import type { FolderRows, NewBlob, Tx } from './rows.ts';
import {
  lockFolder,
  readEntries,
  readHead,
  readSegments,
  readState,
  readStateAt,
  storeBlobs,
  storeState,
} from './rows.ts';
import type { Span } from './segment-plan.ts';
import { planSegments, snapshotNeed } from './segment-plan.ts';

/** Entries one call may append: keeps transactions short and lets agents start early. */
export const APPEND_MAX_CHANGES = 500;

/** A head that is committed and may be published. */
export interface CommittedHead {
  folder: FolderId;
  seq: number;
  signed: SignedText;
}

export interface ChainWriter {
  /**
   * Records `changes` (at most 500) and signs a head. With no changes it makes the head of an empty chain, or returns the present one.
   *
   * @throws {HarpError} `api.not_found` if the folder is gone; `internal.unexpected` for a move or delete of a path that holds no file;
   * `protocol.too_large` if the folder has too many files for a snapshot that it needs.
   */
  append(folder: FolderId, changes: readonly Change[]): Promise<CommittedHead>;
}

/** The database answers in milliseconds; a snapshot of the largest folder takes seconds. */
const TRANSACTION_TIMEOUT_MS = 120_000;
const TRANSACTION_WAIT_MS = 30_000;

export function createChainWriter(deps: {
  prisma: PrismaClient;
  signer: Signer;
  clock: Pick<Clock, 'nowMs'>;
}): ChainWriter {
  const { prisma, signer, clock } = deps;
  return {
    append(folder, changes) {
      if (changes.length > APPEND_MAX_CHANGES) {
        throw new HarpError('internal.unexpected', `${changes.length} changes in one append`);
      }
      return prisma.$transaction((tx) => appendIn(tx, signer, clock.nowMs(), folder, changes), {
        timeout: TRANSACTION_TIMEOUT_MS,
        maxWait: TRANSACTION_WAIT_MS,
      });
    },
  };
}

async function appendIn(
  tx: Tx,
  signer: Signer,
  nowMs: number,
  folder: FolderId,
  changes: readonly Change[],
): Promise<CommittedHead> {
  const before = await lockFolder(tx, folder);
  const previous = await readHead(tx, folder);
  if (changes.length === 0 && previous !== undefined) return { folder, seq: before.seq, signed: previous.signed };

  const entries = toEntries(before, changes, nowMs);
  const after = await storeEntries(tx, folder, before, entries);
  await storeBlobs(tx, folder, manifestsOf(changes));
  const totals = await applyToState(tx, folder, before, entries);

  const segments = await updateSegments(tx, folder, before.seq, after.seq);
  const need = snapshotNeed({
    seq: after.seq,
    snapshotSeq: previous?.head.snapshot?.seq ?? 0,
    firstEntry: segments[0]?.from ?? 1,
    liveFiles: totals.fileCount,
  });
  const fresh = need === 'no' ? undefined : await makeSnapshot(tx, signer, folder, after, need);
  const snapshot = fresh ?? previous?.head.snapshot ?? null;

  const head = Head.parse({ v: 1, folder, seq: after.seq, link: after.link, atMs: nowMs, snapshot, segments });
  const signed = signer.sign('harp/head/v1', canonicalJson(head));
  const row = { seq: after.seq, ...signed, at: new Date(nowMs) };
  await tx.headRow.upsert({ where: { folderId: folder }, create: { folderId: folder, ...row }, update: row });
  await tx.folder.update({
    where: { id: folder },
    data: {
      seq: after.seq,
      link: after.link,
      snapshotSeq: snapshot?.seq ?? null,
      fileCount: totals.fileCount,
      byteCount: totals.byteCount,
    },
  });
  return { folder, seq: after.seq, signed };
}

function toEntries(before: FolderRows, changes: readonly Change[], atMs: number): Entry[] {
  return changes.map((change, index) => {
    const base = { v: 1, seq: before.seq + 1 + index, atMs };
    if (change.op !== 'put') return EntrySchema.parse({ ...base, ...change });
    const { content, ...file } = change;
    return EntrySchema.parse({
      ...base,
      ...file,
      manifest: content.manifest,
      ...(content.chunk === undefined ? {} : { chunk: content.chunk }),
    });
  });
}

async function storeEntries(tx: Tx, folder: FolderId, before: FolderRows, entries: readonly Entry[]) {
  let previous = fromHex(before.link);
  const data = entries.map((entry) => {
    previous = link(entry, previous, sha3);
    return { folderId: folder, seq: entry.seq, body: canonicalJson(entry), link: toHex(previous), path: entry.path };
  });
  await tx.entry.createMany({ data });
  return { seq: before.seq + entries.length, link: toHex(previous) as LinkHex };
}

function manifestsOf(changes: readonly Change[]): NewBlob[] {
  return changes.flatMap((change) =>
    change.op === 'put' && change.content.manifestBytes !== undefined
      ? [{ id: change.content.manifest, kind: 'manifest' as const, bytes: change.content.manifestBytes }]
      : [],
  );
}

/** Replays `entries` over the rows they touch and writes those back. Returns the folder's new totals. */
async function applyToState(tx: Tx, folder: FolderId, before: FolderRows, entries: readonly Entry[]) {
  const touched = new Set(entries.flatMap((entry) => (entry.op === 'move' ? [entry.path, entry.from] : [entry.path])));
  const state = await readStateAt(tx, folder, [...touched]);
  let fileCount = before.fileCount - state.size;
  let byteCount = before.byteCount;
  for (const file of state.values()) byteCount -= BigInt(file.size);
  for (const entry of entries) {
    const source: EntryPath = entry.op === 'move' ? entry.from : entry.path;
    if (entry.op !== 'put' && !state.has(source)) {
      throw new HarpError('internal.unexpected', `a ${entry.op} of a path that holds no file`, {
        facts: { seq: entry.seq },
      });
    }
    applyEntry(state, entry);
  }
  await storeState(tx, folder, [...touched], state);
  fileCount += state.size;
  for (const file of state.values()) byteCount += BigInt(file.size);
  return { fileCount, byteCount };
}

/** Brings the segment rows in line with the plan; writes a blob for each span that is new. */
async function updateSegments(tx: Tx, folder: FolderId, fromSeq: number, toSeq: number): Promise<SegmentRef[]> {
  const existing = await readSegments(tx, folder);
  if (toSeq === fromSeq) return existing;
  const planned = planSegments(existing, { from: fromSeq + 1, to: toSeq });
  const kept = new Map(existing.map((segment) => [spanKey(segment), segment]));
  const refs: SegmentRef[] = [];
  for (const span of planned) refs.push(kept.get(spanKey(span)) ?? (await makeSegment(tx, folder, span)));
  const wanted = new Set(planned.map(spanKey));
  const gone = existing.filter((segment) => !wanted.has(spanKey(segment)));
  await tx.segmentRow.deleteMany({ where: { folderId: folder, fromSeq: { in: gone.map(({ from }) => from) } } });
  await tx.segmentRow.createMany({
    data: refs
      .filter((ref) => !kept.has(spanKey(ref)))
      .map(({ from, to, previous, link: end, blob }) => ({
        folderId: folder,
        fromSeq: from,
        toSeq: to,
        previous,
        link: end,
        blobId: blob,
      })),
  });
  return refs;
}

function spanKey({ from, to }: Span): string {
  return `${from}-${to}`;
}

async function makeSegment(tx: Tx, folder: FolderId, span: Span): Promise<SegmentRef> {
  const { previous, entries } = await readEntries(tx, folder, span);
  const bytes = encodeSegment(folder, previous, entries);
  const blob = blobIdOf(bytes, sha3);
  await storeBlobs(tx, folder, [{ id: blob, kind: 'segment', bytes }]);
  const end = advance({ seq: span.from - 1, link: previous }, entries, sha3);
  return { ...span, previous, link: end.link, blob };
}

async function makeSnapshot(
  tx: Tx,
  signer: Signer,
  folder: FolderId,
  position: { seq: number; link: LinkHex },
  need: 'must' | 'should',
): Promise<SnapshotRef | undefined> {
  const bytes = encodeSnapshot({ folder, ...position, state: await readState(tx, folder) });
  if (bytes.length > limits.blobMaxBytes) {
    if (need === 'should') return undefined;
    throw new HarpError(
      'protocol.too_large',
      'the folder has too many files: its snapshot would exceed the limit of a blob',
      {
        facts: { bytes: bytes.length, limit: limits.blobMaxBytes },
      },
    );
  }
  const blob = blobIdOf(bytes, sha3);
  await storeBlobs(tx, folder, [{ id: blob, kind: 'snapshot', bytes }]);
  const ref = { ...position, blob };
  return { ...ref, signature: signer.sign('harp/snapshot/v1', snapshotSigningText(folder, ref)).signature };
}
