/**
 * The two hashes of Harp as functions that are passed in: SHA-256 names chunks (hardware-fast), SHA3-256 names blobs and chain links.
 * These are the portable versions; `protocol/node` has faster ones behind the same types (measured 2026-11: 28 against 436 MiB/s for SHA3-256).
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { sha3_256 as nobleSha3 } from '@noble/hashes/sha3.js';

/** SHA3-256 (FIPS 202) of the concatenation of `parts`, 32 bytes. */
export type Sha3 = (...parts: Uint8Array[]) => Uint8Array;
/** SHA-256 (FIPS 180-4) of the concatenation of `parts`, 32 bytes. */
export type Sha256 = (...parts: Uint8Array[]) => Uint8Array;

/** SHA3-256 that runs in browsers and Node. */
export const portableSha3: Sha3 = (...parts) => {
  const hash = nobleSha3.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** SHA-256 that runs in browsers and Node. */
export const portableSha256: Sha256 = (...parts) => {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
};
