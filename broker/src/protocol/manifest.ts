/** Manifest: the ordered chunk list of one file version, as bytes. Named by the SHA3-256 of those bytes. */
import { fromHex, toHex, utf8 } from './bytes.ts';
import { HarpError } from './errors.ts';
import type { Sha3 } from './hashing.ts';
import type { BlobId, ChunkId } from './ids.ts';
import { limits } from './limits.ts';

/** One chunk of a file version: its name and its length in bytes. Offsets follow from the order. */
export interface ManifestChunk {
  id: ChunkId;
  size: number;
}

/** What a file version consists of. `size` is the sum of the chunk sizes; an empty file has no chunks. */
export interface Manifest {
  size: number;
  chunks: ManifestChunk[];
}

const MAGIC = utf8('HARPMAN1');
const HEADER_BYTES = 20;
const RECORD_BYTES = 36;

/**
 * `HARPMAN1` ‖ size (u64 BE) ‖ chunk count (u32 BE) ‖ per chunk: SHA-256 (32 bytes) ‖ length (u32 BE).
 *
 * @see docs/protocol/manifest-v1.md
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + manifest.chunks.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setBigUint64(8, BigInt(manifest.size));
  view.setUint32(16, manifest.chunks.length);
  manifest.chunks.forEach((chunk, index) => {
    const offset = HEADER_BYTES + index * RECORD_BYTES;
    bytes.set(fromHex(chunk.id), offset);
    view.setUint32(offset + 32, chunk.size);
  });
  return bytes;
}

/**
 * Reads a manifest and checks that it can describe a file: exact length, chunk sizes within bounds, sum equal to size.
 *
 * @throws {HarpError} `manifest.malformed`
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const malformed = (why: string) => new HarpError('manifest.malformed', `malformed manifest: ${why}`);
  if (bytes.length > limits.blobMaxBytes) throw malformed('larger than a blob may be');
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw malformed('no HARPMAN1 header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Number(view.getBigUint64(8));
  const count = view.getUint32(16);
  if (!Number.isSafeInteger(size)) throw malformed('size beyond 2^53');
  if (bytes.length !== HEADER_BYTES + count * RECORD_BYTES)
    throw malformed(`${bytes.length} bytes for ${count} chunks`);
  let sum = 0;
  const chunks = Array.from({ length: count }, (_, index) => {
    const offset = HEADER_BYTES + index * RECORD_BYTES;
    const chunkSize = view.getUint32(offset + 32);
    const isLast = index === count - 1;
    if (chunkSize === 0 || chunkSize > limits.chunkMaxBytes || (!isLast && chunkSize < limits.chunkMinBytes)) {
      throw malformed(`chunk ${index} has ${chunkSize} bytes`);
    }
    sum += chunkSize;
    return { id: toHex(bytes.subarray(offset, offset + 32)) as ChunkId, size: chunkSize };
  });
  if (sum !== size) throw malformed(`chunks add up to ${sum}, size says ${size}`);
  return { size, chunks };
}

/** The name of a blob: SHA3-256 of its bytes. */
export function blobIdOf(bytes: Uint8Array, sha3: Sha3): BlobId {
  return toHex(sha3(bytes)) as BlobId;
}

/**
 * The manifest of a file that is empty (`chunk` undefined) or one chunk long. Entries of such files carry the chunk id, so their manifest
 * never has to be fetched: it is rebuilt here and MUST hash to the entry's manifest id.
 */
export function singleChunkManifest(size: number, chunk: ChunkId | undefined): Uint8Array {
  return encodeManifest({ size, chunks: chunk === undefined ? [] : [{ id: chunk, size }] });
}

/** Byte offset of every chunk of `manifest`, in order. */
export function chunkOffsets(manifest: Manifest): number[] {
  let offset = 0;
  return manifest.chunks.map((chunk) => {
    const at = offset;
    offset += chunk.size;
    return at;
  });
}
