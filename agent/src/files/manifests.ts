import {
  type BlobId,
  blobIdOf,
  type ChunkId,
  decodeManifest,
  HarpError,
  type Manifest,
  singleChunkManifest,
} from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';

/** What names the content of a file version: enough to rebuild its manifest if it has at most one chunk, else to fetch it. */
export interface ContentName {
  sizeBytes: number;
  manifest: BlobId;
  chunk?: ChunkId;
}

/** Whether the manifest has to be fetched. */
export function needsManifestBlob({ sizeBytes, chunk }: ContentName): boolean {
  return sizeBytes > 0 && chunk === undefined;
}

/**
 * The manifest of a file version; undefined if it is a blob that is not here.
 *
 * @throws {HarpError} `manifest.malformed` if it does not describe a file of this size or does not hash to its name
 */
export function manifestOf(name: ContentName, blob: (id: BlobId) => Uint8Array | undefined): Manifest | undefined {
  const bytes = needsManifestBlob(name) ? blob(name.manifest) : singleChunkManifest(name.sizeBytes, name.chunk);
  if (bytes === undefined) return undefined;
  const manifest = decodeManifest(bytes);
  if (manifest.size !== name.sizeBytes || (!needsManifestBlob(name) && blobIdOf(bytes, sha3) !== name.manifest)) {
    throw new HarpError('manifest.malformed', 'the manifest is not the one of this file version', {
      facts: { manifest: name.manifest },
    });
  }
  return manifest;
}
