import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Logger } from '../ports.ts';
import {
  type BlobId,
  blobIdOf,
  endFrame,
  type FolderId,
  type FrameType,
  frameHeader,
  frameType,
} from '../protocol/index.ts';
import { sha3 } from '../protocol/node/index.ts';
import type { BlobStore } from '../store/blob-store.ts';

const compress = promisify(gzip);

/** A gzip frame has to save a tenth, or the receiver's work is not worth it. */
const WORTHWHILE = 0.9;

/** What is tried first of a large blob: manifests are hashes and do not shrink, and their start tells. */
const SAMPLE_BYTES = 64 * 1024;

/** Encoded blobs kept: when a head goes out, every office asks for the same new segment within seconds. */
const CACHE_BYTES = 32 * 1024 * 1024;

interface EncodedBlob {
  type: FrameType;
  payload: Uint8Array;
}

/** Turns blobs into frames. */
export interface BlobFrames {
  /**
   * The frames that answer a want for `ids`, each once, in that order: `data` or `gzip`, `absent` for what the folder does not have. One blob is in
   * memory at a time. The database knows at once what exists, so nothing is ever waited for.
   */
  answer(folder: FolderId, ids: readonly BlobId[]): AsyncGenerator<Uint8Array>;
}

/** Frames from a blob store, with a small cache of encoded blobs. */
export function createBlobFrames(store: BlobStore, logger: Logger): BlobFrames {
  const cache = new Map<BlobId, EncodedBlob>();
  let cachedBytes = 0;

  const remember = (id: BlobId, blob: EncodedBlob): void => {
    if (blob.payload.length > CACHE_BYTES / 8 || cache.has(id)) return;
    cache.set(id, blob);
    cachedBytes += blob.payload.length;
    for (const [oldest, { payload }] of cache) {
      if (cachedBytes <= CACHE_BYTES) break;
      cache.delete(oldest);
      cachedBytes -= payload.length;
    }
  };

  const encoded = async (id: BlobId): Promise<EncodedBlob | undefined> => {
    const known = cache.get(id);
    if (known !== undefined) {
      cache.delete(id);
      cache.set(id, known);
      return known;
    }
    const bytes = await store.read(id);
    if (bytes === undefined) return undefined;
    const blob = await encode(bytes);
    // A damaged row is sent as it is, so that the agent that refuses it says so; kept, it would outlive its repair.
    if (blobIdOf(bytes, sha3) === id) remember(id, blob);
    else logger.error({ blob: id.slice(0, 8) }, 'a blob in the database is not what its name says');
    return blob;
  };

  return {
    async *answer(folder, ids) {
      const wanted = [...new Set(ids)];
      const present = await store.inFolder(folder, wanted);
      for (const id of wanted) {
        const blob = present.has(id) ? await encoded(id) : undefined;
        if (blob === undefined) {
          yield frameHeader(frameType.absent, id, 0);
        } else {
          yield frameHeader(blob.type, id, blob.payload.length);
          yield blob.payload;
        }
      }
      yield endFrame();
    },
  };
}

async function encode(bytes: Uint8Array): Promise<EncodedBlob> {
  if (await shrinks(bytes.subarray(0, SAMPLE_BYTES))) {
    const packed = await compress(bytes);
    if (packed.length <= bytes.length * WORTHWHILE) return { type: frameType.gzip, payload: packed };
  }
  return { type: frameType.data, payload: bytes };
}

async function shrinks(sample: Uint8Array): Promise<boolean> {
  return (await compress(sample)).length <= sample.length * WORTHWHILE;
}
