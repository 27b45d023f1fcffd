/** `harp chain export`: everything a stranger needs to verify a folder offline, as files (docs/protocol says how to check them). */
import type { BlobId, FolderId, FolderState, SigningKey } from '@harp/broker/protocol';
import { applyEntry, canonicalJson, Entry, HarpError, singleChunkManifest, utf8 } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import { entryBatches } from './entry-batches.ts';
import type { Tx } from './rows.ts';
import { readHead } from './rows.ts';
import { hasStoredManifest } from './verify.ts';

/** Where an export goes. Files come one after another, never two at a time. */
export interface ExportSink {
  /** Takes a whole file; `path` is relative, with `/`. The pieces are valid until the next is asked for. */
  file(path: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}

const TRANSACTION_TIMEOUT_MS = 3_600_000;
const BLOBS_PER_QUERY = 50;

/**
 * Writes `head.json` (SignedText), `public-key.json` (list of SigningKey), `entries.jsonl` (one canonical entry a line), `segments/ID`,
 * `snapshots/ID` and `manifests/ID` of every file, and returns how many files that were. One consistent moment.
 *
 * @throws {HarpError} `api.not_found` if there is no such folder or nothing was published yet; `blob.absent` if the database lost a blob.
 */
export async function exportChain(
  prisma: PrismaClient,
  folder: FolderId,
  keys: readonly SigningKey[],
  sink: ExportSink,
  signal?: AbortSignal,
): Promise<{ files: number }> {
  let files = 0;
  const write: ExportSink['file'] = (path, bytes) => {
    signal?.throwIfAborted();
    files += 1;
    return sink.file(path, bytes);
  };
  await prisma.$transaction((tx) => exportIn(tx, folder, keys, write), {
    isolationLevel: 'RepeatableRead',
    timeout: TRANSACTION_TIMEOUT_MS,
    maxWait: 30_000,
  });
  return { files };
}

async function exportIn(
  tx: Tx,
  folder: FolderId,
  keys: readonly SigningKey[],
  write: ExportSink['file'],
): Promise<void> {
  const published = await readHead(tx, folder);
  if (published === undefined) {
    throw new HarpError('api.not_found', 'there is no such folder, or nothing of it was indexed yet');
  }
  const { head, signed } = published;
  await write('head.json', [jsonLine(signed)]);
  await write('public-key.json', [jsonLine(keys)]);
  const state: FolderState = new Map();
  await write('entries.jsonl', entryLines(tx, folder, head.seq, state));
  for (const { blob } of head.segments) await write(`segments/${blob}`, [await blobBytes(tx, blob)]);
  if (head.snapshot !== null) {
    await write(`snapshots/${head.snapshot.blob}`, [await blobBytes(tx, head.snapshot.blob)]);
  }
  await exportManifests(tx, state, write);
}

/** The lines of `entries.jsonl`; leaves the state they lead to in `state`. */
async function* entryLines(tx: Tx, folder: FolderId, toSeq: number, state: FolderState): AsyncGenerator<Uint8Array> {
  for await (const batch of entryBatches(tx, folder, toSeq)) {
    for (const { body } of batch) applyEntry(state, Entry.parse(JSON.parse(body)));
    yield utf8(batch.map(({ body }) => `${body}\n`).join(''));
  }
}

async function exportManifests(tx: Tx, state: FolderState, write: ExportSink['file']): Promise<void> {
  const stored = new Set<BlobId>();
  const rebuilt = new Set<BlobId>();
  for (const file of state.values()) {
    if (hasStoredManifest(file)) stored.add(file.manifest);
    else if (!rebuilt.has(file.manifest)) {
      rebuilt.add(file.manifest);
      await write(`manifests/${file.manifest}`, [singleChunkManifest(file.size, file.chunk)]);
    }
  }
  const ids = [...stored];
  for (let at = 0; at < ids.length; at += BLOBS_PER_QUERY) {
    const wanted = ids.slice(at, at + BLOBS_PER_QUERY);
    const rows = await tx.blob.findMany({ where: { id: { in: wanted } } });
    if (rows.length < wanted.length) throw absent();
    for (const { id, bytes } of rows) await write(`manifests/${id}`, [bytes]);
  }
}

async function blobBytes(tx: Tx, id: BlobId): Promise<Uint8Array> {
  const row = await tx.blob.findUnique({ where: { id } });
  if (row === null) throw absent();
  return row.bytes;
}

function absent(): HarpError {
  return new HarpError('blob.absent', 'the database lacks a blob that the chain names: run `harp verify`');
}

function jsonLine(value: unknown): Uint8Array {
  return utf8(`${canonicalJson(value)}\n`);
}
