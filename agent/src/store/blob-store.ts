import { type BlobId, blobIdOf, HarpError } from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';
import { createListeners } from '../peer/listeners.ts';
import type { BlobStore } from '../ports.ts';
import type { State } from './state.ts';

/**
 * Blobs in lmdb, each kept as long as something claims it. A claim is a folder number and a number that the folder chooses: the entry that put a
 * file version, or 0 for what the folder's head names.
 */
export interface OwnedBlobStore extends BlobStore {
  /** Blobs a folder claims may be fetched and served; the blob itself may still be missing. */
  claim(id: BlobId, folder: number, claim: number): Promise<void>;
  /** Takes a claim back; the last one takes the blob with it. */
  release(id: BlobId, folder: number, claim: number): Promise<void>;
  claimedBy(id: BlobId, folder: number): boolean;
}

/** Folder number (u32) ‖ claim (u48), big-endian. */
const CLAIM_BYTES = 10;

export function openBlobStore(state: State): OwnedBlobStore {
  const blobs = state.table<Buffer, Buffer>('blobs.bytes', { keyEncoding: 'binary', encoding: 'binary' });
  const claims = state.table<Buffer, Buffer>('blobs.claims', {
    dupSort: true,
    keyEncoding: 'binary',
    encoding: 'binary',
  });
  const stored = createListeners<[BlobId]>();
  const has = (id: BlobId) => blobs.doesExist(keyOf(id));
  return {
    has,
    get: (id) => blobs.getBinary(keyOf(id)),
    async put(id, bytes) {
      if (blobIdOf(bytes, sha3) !== id)
        throw new HarpError('blob.digest_mismatch', 'a blob does not match its name', { facts: { blob: id } });
      if (has(id)) return;
      await blobs.put(keyOf(id), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      stored.fire(id);
    },
    onDidStore: stored.add,
    async claim(id, folder, claim) {
      await claims.put(keyOf(id), claimOf(folder, claim));
    },
    async release(id, folder, claim) {
      await claims.remove(keyOf(id), claimOf(folder, claim));
      if (!claims.doesExist(keyOf(id))) await blobs.remove(keyOf(id));
    },
    claimedBy(id, folder) {
      for (const value of claims.getValues(keyOf(id))) if (value.readUInt32BE(0) === folder) return true;
      return false;
    },
  };
}

function keyOf(id: BlobId): Buffer {
  return Buffer.from(id, 'hex');
}

function claimOf(folder: number, claim: number): Buffer {
  const bytes = Buffer.alloc(CLAIM_BYTES);
  bytes.writeUInt32BE(folder, 0);
  bytes.writeUIntBE(claim, 4, 6);
  return bytes;
}
