import { createHash } from 'node:crypto';
import type { Sha3, Sha256 } from '../hashing.ts';

/** SHA3-256 by OpenSSL: 436 MiB/s on one thread where the portable version does 28 (measured 2026-11). */
export const sha3: Sha3 = (...parts) => digest('sha3-256', parts);

/** SHA-256 by OpenSSL with SHA extensions: 1690 MiB/s on one thread (measured 2026-11). */
export const sha256: Sha256 = (...parts) => digest('sha256', parts);

function digest(algorithm: string, parts: Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
