/**
 * `harp verify`: checks all that the database holds of a folder against the signed head, the way a stranger would, and names the first entry that is
 * not right. Reads one consistent moment; changes nothing.
 */
import type { FolderId, FolderState, Head, LinkHex, SegmentRef, SigningKey, SnapshotRef } from '@harp/broker/protocol';
import {
  applyEntry,
  blobIdOf,
  canonicalJson,
  checkSignature,
  decodeManifest,
  decodeSegment,
  Entry,
  encodeSnapshot,
  type FileRecord,
  fromHex,
  GENESIS_LINK,
  HarpError,
  Head as HeadSchema,
  isHarpError,
  link,
  openSigned,
  parseLine,
  SnapshotHeader,
  singleChunkManifest,
  snapshotSigningText,
  toHex,
  verifySegment,
} from '@harp/broker/protocol';
import { sha3, verifyEd25519 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { VerifyResult } from '../../api/schemas.ts';
import { entryBatches } from './entry-batches.ts';
import type { Tx } from './rows.ts';
import { signedOf, toRecord } from './rows.ts';

/** A chain of ten million entries takes about ten minutes. */
const TRANSACTION_TIMEOUT_MS = 3_600_000;
const MANIFESTS_PER_QUERY = 200;

/** What a check has found so far; the counts of the result. */
interface Counts {
  entries: number;
  manifests: number;
  snapshots: number;
  headSeq: number;
}

interface Progress {
  counts: Counts;
  /** Says how far the counts are. */
  tell(): void;
}

/**
 * Verifies a folder with `keys`, which come from the key file, never from the database that is being checked.
 *
 * `onProgress` is told how many entries and manifests of how many have been checked.
 *
 * @throws {HarpError} `api.not_found` if there is no such folder; the signal's reason if aborted.
 */
export async function verifyFolder(
  prisma: PrismaClient,
  folder: FolderId,
  keys: readonly SigningKey[],
  signal?: AbortSignal,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<VerifyResult> {
  return prisma.$transaction(
    async (tx) => {
      const row = await tx.folder.findUnique({ where: { id: folder }, include: { head: true } });
      if (row === null) throw new HarpError('api.not_found', 'there is no such folder', { facts: { folder } });
      const counts: Counts = { entries: 0, manifests: 0, snapshots: 0, headSeq: row.head?.seq ?? 0 };
      const tell = () => onProgress(counts.entries + counts.manifests, counts.headSeq + row.fileCount);
      let firstBad: VerifyResult['firstBad'] = null;
      try {
        if (row.head === null) await verifyUnpublished(tx, folder);
        else
          await verifyPublished(tx, folder, signedHead(signedOf(row.head), keys), row, keys, { counts, tell }, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isHarpError(error)) throw error;
        const { seq } = error.facts;
        firstBad = { seq: typeof seq === 'number' ? seq : null, what: error.message, code: error.code };
      }
      return { folder: row.name, ok: firstBad === null, ...counts, firstBad };
    },
    { isolationLevel: 'RepeatableRead', timeout: TRANSACTION_TIMEOUT_MS, maxWait: 30_000 },
  );
}

function signedHead(signed: Parameters<typeof openSigned>[1], keys: readonly SigningKey[]): Head {
  return openSigned('harp/head/v1', signed, HeadSchema, keys, verifyEd25519);
}

async function verifyUnpublished(tx: Tx, folder: FolderId): Promise<void> {
  if ((await tx.entry.count({ where: { folderId: folder } })) > 0) {
    throw new HarpError('chain.signature_invalid', 'there are entries but no signed head', { facts: { seq: 1 } });
  }
}

async function verifyPublished(
  tx: Tx,
  folder: FolderId,
  head: Head,
  row: { seq: number; link: string },
  keys: readonly SigningKey[],
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (head.folder !== folder) throw new HarpError('chain.signature_invalid', 'the signed head is of another folder');
  const segmentEnds = new Set(head.segments.flatMap(({ from, to }) => [from - 1, to]));
  const { state, links, end } = await replay(tx, folder, head, keys, segmentEnds, progress, signal);
  if (end.seq !== head.seq || row.seq !== head.seq) {
    throw new HarpError('chain.sequence_gap', `the head says ${head.seq} entries, the database holds ${end.seq}`, {
      facts: { seq: Math.min(end.seq, head.seq) + 1 },
    });
  }
  if (end.link !== head.link || row.link !== head.link) {
    throw new HarpError('chain.link_mismatch', 'the entries do not lead to the signed link', {
      facts: { seq: head.seq },
    });
  }
  for (const segment of head.segments) {
    signal?.throwIfAborted();
    await verifyStoredSegment(tx, folder, segment, links);
  }
  await verifyState(tx, folder, state);
  await verifyManifests(tx, state, progress, signal);
}

/** Walks every entry row; on the way compares each stored snapshot with the state at its place. */
async function replay(
  tx: Tx,
  folder: FolderId,
  head: Head,
  keys: readonly SigningKey[],
  keepLinksAt: ReadonlySet<number>,
  { counts, tell }: Progress,
  signal: AbortSignal | undefined,
) {
  const snapshots = await storedSnapshots(tx, folder);
  const state: FolderState = new Map();
  const links = new Map<number, LinkHex>([[0, GENESIS_LINK]]);
  let previous = fromHex(GENESIS_LINK);
  let seq = 0;
  for await (const batch of entryBatches(tx, folder)) {
    signal?.throwIfAborted();
    tell();
    for (const stored of batch) {
      const entry = readEntry(stored, seq + 1);
      previous = link(entry, previous, sha3);
      seq = entry.seq;
      const linkHex = toHex(previous) as LinkHex;
      if (linkHex !== stored.link) {
        throw new HarpError('chain.link_mismatch', `entry ${seq} does not lead to its link: it was changed`, {
          facts: { seq },
        });
      }
      applyEntry(state, entry);
      counts.entries = seq;
      if (keepLinksAt.has(seq)) links.set(seq, linkHex);
      for (const blob of snapshots.get(seq) ?? []) {
        const expected = encodeSnapshot({ folder, seq, link: linkHex, state });
        await verifySnapshot(tx, folder, { seq, link: linkHex, blob }, expected, head.snapshot, keys);
        counts.snapshots += 1;
      }
    }
  }
  if (head.snapshot !== null && !(snapshots.get(head.snapshot.seq) ?? []).includes(head.snapshot.blob)) {
    throw new HarpError('blob.absent', 'the snapshot the head names is not in the database', {
      facts: { seq: head.snapshot.seq },
    });
  }
  return { state, links, end: { seq, link: toHex(previous) as LinkHex } };
}

function readEntry(stored: { seq: number; body: string; path: string }, expected: number): Entry {
  if (stored.seq !== expected) {
    throw new HarpError('chain.sequence_gap', `entry ${expected} is missing`, { facts: { seq: expected } });
  }
  const bad = (why: string, cause?: unknown) =>
    new HarpError('chain.malformed', `entry ${expected} ${why}`, { cause, facts: { seq: expected } });
  let entry: Entry;
  try {
    entry = Entry.parse(JSON.parse(stored.body));
  } catch (cause) {
    throw bad('does not follow its format', cause);
  }
  if (canonicalJson(entry) !== stored.body) throw bad('is not in canonical form');
  if (entry.seq !== expected) throw bad(`carries the number ${entry.seq}`);
  if (entry.path !== stored.path) throw bad('is filed under another path');
  return entry;
}

/** Ids of the stored snapshots by the entry after which they were taken. */
async function storedSnapshots(tx: Tx, folder: FolderId): Promise<Map<number, SnapshotRef['blob'][]>> {
  const rows = await tx.$queryRaw<{ id: string; start: Uint8Array }[]>`
    SELECT b."id", substring(b."bytes" from 1 for 1000) AS "start" FROM "Blob" b
    JOIN "FolderBlob" f ON f."blobId" = b."id" WHERE f."folderId" = ${folder} AND b."kind" = 'snapshot'`;
  const found = new Map<number, SnapshotRef['blob'][]>();
  for (const { id, start } of rows) {
    const { seq } = parseLine(SnapshotHeader, Buffer.from(start).toString('utf8').split('\n'), 0);
    found.set(seq, [...(found.get(seq) ?? []), id as SnapshotRef['blob']]);
  }
  return found;
}

async function verifySnapshot(
  tx: Tx,
  folder: FolderId,
  found: { seq: number; link: LinkHex; blob: SnapshotRef['blob'] },
  expected: Uint8Array,
  named: SnapshotRef | null,
  keys: readonly SigningKey[],
): Promise<void> {
  const row = await tx.blob.findUniqueOrThrow({ where: { id: found.blob } });
  const facts = { seq: found.seq };
  if (blobIdOf(row.bytes, sha3) !== found.blob) {
    throw new HarpError('blob.digest_mismatch', `the snapshot after entry ${found.seq} was changed`, { facts });
  }
  if (blobIdOf(expected, sha3) !== found.blob) {
    throw new HarpError('chain.fork', `the snapshot after entry ${found.seq} is not what the entries say`, { facts });
  }
  if (named?.blob !== found.blob) return;
  if (named.seq !== found.seq || named.link !== found.link) {
    throw new HarpError('chain.fork', 'the head names the snapshot with another position', { facts });
  }
  const proof = { key: keys[0]?.key ?? ('' as SigningKey['key']), signature: named.signature };
  checkSignature('harp/snapshot/v1', snapshotSigningText(folder, found), proof, keys, verifyEd25519);
}

async function verifyStoredSegment(
  tx: Tx,
  folder: FolderId,
  ref: SegmentRef,
  links: ReadonlyMap<number, LinkHex>,
): Promise<void> {
  const row = await tx.blob.findUnique({ where: { id: ref.blob } });
  const facts = { seq: ref.from };
  if (row === null) {
    throw new HarpError('blob.absent', `the segment of entries ${ref.from}–${ref.to} is missing`, { facts });
  }
  if (blobIdOf(row.bytes, sha3) !== ref.blob) {
    const seq = await firstDifference(tx, folder, ref, row.bytes);
    throw new HarpError('blob.digest_mismatch', `the segment of entries ${ref.from}–${ref.to} was changed`, {
      facts: { seq },
    });
  }
  const before = links.get(ref.from - 1);
  if (before !== ref.previous || links.get(ref.to) !== ref.link) {
    throw new HarpError('chain.fork', `the head lists entries ${ref.from}–${ref.to} with other links`, { facts });
  }
  verifySegment(decodeSegment(row.bytes), folder, { seq: ref.from - 1, link: before }, ref, sha3);
}

/** The first entry whose line in the segment's bytes is not the entry row's. */
async function firstDifference(tx: Tx, folder: FolderId, ref: SegmentRef, bytes: Uint8Array): Promise<number> {
  const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(1);
  const rows = await tx.entry.findMany({
    where: { folderId: folder, seq: { gte: ref.from, lte: ref.to } },
    orderBy: { seq: 'asc' },
    select: { seq: true, body: true },
  });
  return rows.find(({ body }, index) => lines[index] !== body)?.seq ?? ref.from;
}

async function verifyState(tx: Tx, folder: FolderId, state: FolderState): Promise<void> {
  const rows = await tx.fileVersion.findMany({ where: { folderId: folder } });
  for (const row of rows) {
    const replayed = state.get(toRecord(row).path);
    if (replayed === undefined || canonicalJson(replayed) !== canonicalJson(toRecord(row))) {
      throw new HarpError('chain.fork', `the file list says of ${row.path} what no entry says`, {
        facts: { seq: row.seq },
      });
    }
  }
  if (rows.length === state.size) return;
  const listed = new Set(rows.map(({ path }) => path));
  const missing = [...state.values()].find(({ path }) => !listed.has(path)) as FileRecord;
  throw new HarpError('chain.fork', `the file list lacks ${missing.path}`, { facts: { seq: missing.seq } });
}

async function verifyManifests(
  tx: Tx,
  state: FolderState,
  { counts, tell }: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stored: FileRecord[] = [];
  for (const file of state.values()) {
    if (!hasStoredManifest(file)) {
      const rebuilt = blobIdOf(singleChunkManifest(file.size, file.chunk), sha3);
      if (rebuilt !== file.manifest) throw badManifest(file, 'manifest.malformed', 'is not the one its chunk makes');
      counts.manifests += 1;
    } else stored.push(file);
  }
  for (let at = 0; at < stored.length; at += MANIFESTS_PER_QUERY) {
    signal?.throwIfAborted();
    tell();
    const files = stored.slice(at, at + MANIFESTS_PER_QUERY);
    const rows = await tx.blob.findMany({ where: { id: { in: files.map(({ manifest }) => manifest) } } });
    const bytesOf = new Map(rows.map(({ id, bytes }) => [id, bytes]));
    for (const file of files) {
      verifyManifest(file, bytesOf.get(file.manifest));
      counts.manifests += 1;
    }
  }
}

/** Whether a file's manifest is a blob; that of an empty file or of one chunk is rebuilt from the entry. */
export function hasStoredManifest(file: { size: number; chunk?: unknown }): boolean {
  return file.size > 0 && file.chunk === undefined;
}

function verifyManifest(file: FileRecord, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) throw badManifest(file, 'blob.absent', 'is missing');
  if (blobIdOf(bytes, sha3) !== file.manifest) throw badManifest(file, 'blob.digest_mismatch', 'was changed');
  let size: number;
  try {
    size = decodeManifest(bytes).size;
  } catch (cause) {
    throw badManifest(file, 'manifest.malformed', 'does not follow its format', cause);
  }
  if (size !== file.size) throw badManifest(file, 'manifest.malformed', `describes ${size} bytes`);
}

function badManifest(
  file: FileRecord,
  code: 'manifest.malformed' | 'blob.absent' | 'blob.digest_mismatch',
  how: string,
  cause?: unknown,
): HarpError {
  return new HarpError(code, `the manifest of ${file.path} ${how}`, { cause, facts: { seq: file.seq } });
}
