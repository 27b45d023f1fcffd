/** What versions of files consist of. */
import {
  type BlobId,
  blobIdOf,
  chunkOffsets,
  decodeManifest,
  type Manifest,
  PutEntry,
  singleChunkManifest,
} from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { ManifestChunks } from '../../../api/schemas.ts';

const MAX_CHUNKS = 10_000;

/** The chunks of a manifest with their places, as one answer lists them. */
export function chunkRowsOf(manifest: Manifest): Pick<ManifestChunks, 'chunksTotal' | 'chunks'> {
  const offsets = chunkOffsets(manifest);
  return {
    chunksTotal: manifest.chunks.length,
    chunks: manifest.chunks
      .slice(0, MAX_CHUNKS)
      .map((chunk, index) => ({ id: chunk.id, offset: offsets[index]!, size: chunk.size })),
  };
}

/**
 * What the folder's manifest of this name lists; undefined if it is not kept. Manifests of no or one chunk are stored nowhere: they are rebuilt from
 * the entry that names them, `seq`.
 *
 * @throws {HarpError} `manifest.malformed` if the database's copy is damaged
 */
export async function chunksOfManifest(
  database: PrismaClient,
  folderId: string,
  { manifest, seq }: { manifest: BlobId; seq?: number | undefined },
): Promise<ManifestChunks | undefined> {
  const stored = await database.folderBlob.findUnique({
    where: { folderId_blobId: { folderId, blobId: manifest }, blob: { kind: 'manifest' } },
    select: { blob: { select: { bytes: true } } },
  });
  const bytes =
    stored?.blob.bytes ?? (seq === undefined ? undefined : await rebuilt(database, folderId, { manifest, seq }));
  if (bytes === undefined) return undefined;
  const read = decodeManifest(bytes);
  return { manifest, sizeBytes: read.size, ...chunkRowsOf(read) };
}

/** The manifest from the entry that put a version of at most one chunk; undefined if that entry names another one. */
async function rebuilt(
  database: PrismaClient,
  folderId: string,
  { manifest, seq }: { manifest: BlobId; seq: number },
): Promise<Uint8Array | undefined> {
  const row = await database.entry.findUnique({
    where: { folderId_seq: { folderId, seq } },
    select: { body: true },
  });
  if (row === null) return undefined;
  const entry = putEntryIn(row.body);
  if (entry === undefined || (entry.size > 0 && entry.chunk === undefined)) return undefined;
  const bytes = singleChunkManifest(entry.size, entry.chunk);
  return blobIdOf(bytes, sha3) === manifest ? bytes : undefined;
}

function putEntryIn(body: string): PutEntry | undefined {
  try {
    return PutEntry.safeParse(JSON.parse(body)).data;
  } catch {
    // A damaged entry is what a verification is for.
    return undefined;
  }
}
