/** Secrets the server hands out: session cookies and API keys. 256 random bits; only their SHA-256 is stored, which is enough for such secrets. */
import { toBase32, toBase64Url, toHex, utf8 } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import type { RandomBytes } from '../ports.ts';

/** A new secret: `prefix` and 43 base64url characters. */
export function newSecret(prefix: string, randomBytes: RandomBytes): string {
  return prefix + toBase64Url(randomBytes(32));
}

/**
 * What is stored of a secret: SHA-256, hexadecimal. Looking it up needs no constant-time comparison: how long a lookup takes says something
 * about the hash only, from which nothing leads back to the secret.
 */
export function hashSecret(secret: string): string {
  return toHex(sha256(utf8(secret)));
}

/** A new id: `prefix` and 16 base32 characters, 80 random bits. */
export function newId(prefix: string, randomBytes: RandomBytes): string {
  return prefix + toBase32(randomBytes(10));
}
