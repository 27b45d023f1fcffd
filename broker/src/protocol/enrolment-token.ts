/** The enrolment token: one string with the server's address, its CA's fingerprint and a secret, so the first contact is already pinned. */
import { z } from 'zod';
import { fromBase64Url, textOf, toBase64Url, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { HarpError } from './errors.ts';

/** `g`: gateway URL. `f`: SHA-256 of the CA certificate (DER), hexadecimal. `s`: the secret, base64url of 32 random bytes. */
export const EnrolmentToken = z.strictObject({
  g: z.url({ protocol: /^https$/ }),
  f: z.string().regex(/^[0-9a-f]{64}$/),
  s: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type EnrolmentToken = z.infer<typeof EnrolmentToken>;

const PREFIX = 'harp1.';

/** `harp1.` and the base64url of the token's canonical JSON. Safe on command lines and in files. */
export function formatToken(token: EnrolmentToken): string {
  return PREFIX + toBase64Url(utf8(canonicalJson(token)));
}

/** Reads a token string; white space around it is ignored. @throws {HarpError} `enrolment.token_malformed` */
export function parseToken(text: string): EnrolmentToken {
  const trimmed = text.trim();
  const bytes =
    trimmed.startsWith(PREFIX) && trimmed.length < 2000 ? fromBase64Url(trimmed.slice(PREFIX.length)) : undefined;
  try {
    return EnrolmentToken.parse(JSON.parse(textOf(bytes ?? new Uint8Array(0))));
  } catch {
    throw new HarpError(
      'enrolment.token_malformed',
      'this is not a whole Harp enrolment token: it starts with harp1. and must be copied to its end',
    );
  }
}
