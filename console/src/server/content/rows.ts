/** Rows of the content tables as protocol values, and back. No decisions here. */
import type {
  BlobId,
  ChunkId,
  EntryPath,
  FileRecord,
  FolderId,
  FolderState,
  LinkHex,
  SegmentRef,
} from '@harp/broker/protocol';
import { Entry, GENESIS_LINK, HarpError, Head, type SignedText } from '@harp/broker/protocol';
import type { FileVersion, Prisma } from '@harp/prisma';

/** A transaction's client, or the client itself. */
export type Tx = Prisma.TransactionClient;

/** Where a folder's chain stands, and its totals. */
export interface FolderRows {
  seq: number;
  link: LinkHex;
  fileCount: number;
  byteCount: bigint;
}

/** A blob to store; `id` is its SHA3-256. */
export interface NewBlob {
  id: BlobId;
  kind: 'manifest' | 'segment' | 'snapshot';
  bytes: Uint8Array;
}

/** Takes the folder's row for this transaction: appends to one chain happen one after the other. @throws {HarpError} `api.not_found` */
export async function lockFolder(tx: Tx, folder: FolderId): Promise<FolderRows> {
  const [row] = await tx.$queryRaw<FolderRows[]>`
    SELECT "seq", "link", "fileCount", "byteCount" FROM "Folder" WHERE "id" = ${folder} FOR UPDATE`;
  if (row === undefined) throw new HarpError('api.not_found', 'this folder is no longer there', { facts: { folder } });
  return row;
}

/** The head there is; undefined before the first. */
export async function readHead(tx: Tx, folder: FolderId): Promise<{ head: Head; signed: SignedText } | undefined> {
  const row = await tx.headRow.findUnique({ where: { folderId: folder } });
  if (row === null) return undefined;
  const signed = signedOf(row);
  return { head: Head.parse(JSON.parse(signed.text)), signed };
}

/** A head row as it is published. */
export function signedOf(row: { text: string; key: string; signature: string }): SignedText {
  return { text: row.text, key: row.key as SignedText['key'], signature: row.signature };
}

/** The segments the head lists, in order. */
export async function readSegments(tx: Tx, folder: FolderId): Promise<SegmentRef[]> {
  const rows = await tx.segmentRow.findMany({ where: { folderId: folder }, orderBy: { fromSeq: 'asc' } });
  return rows.map(({ fromSeq, toSeq, previous, link, blobId }) => ({
    from: fromSeq,
    to: toSeq,
    previous: previous as LinkHex,
    link: link as LinkHex,
    blob: blobId as BlobId,
  }));
}

/** Entries `from`…`to` and the link before them. @throws {HarpError} `chain.sequence_gap` if rows are missing. */
export async function readEntries(
  tx: Tx,
  folder: FolderId,
  span: { from: number; to: number },
): Promise<{ previous: LinkHex; entries: Entry[] }> {
  const rows = await tx.entry.findMany({
    where: { folderId: folder, seq: { gte: span.from - 1, lte: span.to } },
    orderBy: { seq: 'asc' },
    select: { seq: true, body: true, link: true },
  });
  const before = span.from === 1 ? GENESIS_LINK : rows.shift()?.link;
  if (before === undefined || rows.length !== span.to - span.from + 1) {
    throw new HarpError('chain.sequence_gap', `entries ${span.from}–${span.to} are not all in the database`);
  }
  return { previous: before as LinkHex, entries: rows.map(({ body }) => Entry.parse(JSON.parse(body))) };
}

/** The whole present state of a folder. */
export async function readState(tx: Tx, folder: FolderId): Promise<FolderState> {
  return toState(await tx.fileVersion.findMany({ where: { folderId: folder } }));
}

/** The present state at `paths` only. */
export async function readStateAt(tx: Tx, folder: FolderId, paths: string[]): Promise<FolderState> {
  return toState(await tx.fileVersion.findMany({ where: { folderId: folder, path: { in: paths } } }));
}

/** Makes the rows at `paths` say what `state` says there. */
export async function storeState(tx: Tx, folder: FolderId, paths: string[], state: FolderState): Promise<void> {
  await tx.fileVersion.deleteMany({ where: { folderId: folder, path: { in: paths } } });
  await tx.fileVersion.createMany({ data: [...state.values()].map((record) => toRow(folder, record)) });
}

/** Stores blobs that may be there already, readable by agents that have `folder`. */
export async function storeBlobs(tx: Tx, folder: FolderId, blobs: readonly NewBlob[]): Promise<void> {
  if (blobs.length === 0) return;
  await tx.blob.createMany({
    data: blobs.map(({ id, kind, bytes }) => ({ id, kind, bytes: bytes as Uint8Array<ArrayBuffer> })),
    skipDuplicates: true,
  });
  await tx.folderBlob.createMany({
    data: blobs.map(({ id }) => ({ folderId: folder, blobId: id })),
    skipDuplicates: true,
  });
}

/** A file row as the record a snapshot lists. */
export function toRecord(row: FileVersion): FileRecord {
  return {
    path: row.path as EntryPath,
    size: Number(row.size),
    mtimeMs: Number(row.mtimeMs),
    etag: row.etag,
    fileId: row.fileId,
    manifest: row.manifestId as BlobId,
    ...(row.chunkId === null ? {} : { chunk: row.chunkId as ChunkId }),
    seq: row.seq,
  };
}

function toState(rows: FileVersion[]): FolderState {
  return new Map(rows.map((row) => [row.path as EntryPath, toRecord(row)]));
}

function toRow(folder: FolderId, record: FileRecord): FileVersion {
  return {
    folderId: folder,
    path: record.path,
    fileId: record.fileId,
    etag: record.etag,
    size: BigInt(record.size),
    mtimeMs: BigInt(record.mtimeMs),
    manifestId: record.manifest,
    chunkId: record.chunk ?? null,
    seq: record.seq,
  };
}
