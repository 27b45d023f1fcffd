/**
 * Signed text: exactly the characters that were signed travel, so nobody has to serialise again to verify. Every role has its own context,
 * so a signature made in one role is worthless in another.
 */
import { z } from 'zod';
import { utf8 } from './bytes.ts';
import { HarpError } from './errors.ts';
import { KeyId } from './ids.ts';

/** All signing contexts in one place. */
export const signingContexts = ['harp/head/v1', 'harp/snapshot/v1', 'harp/desired/v1', 'harp/audit/v1'] as const;
export type SigningContext = (typeof signingContexts)[number];

/** A text and its Ed25519 signature (base64, 64 bytes) over `signingInput(context, text)`. */
export const SignedText = z.strictObject({ text: z.string(), key: KeyId, signature: z.base64() });
export type SignedText = z.infer<typeof SignedText>;

/** Ed25519 (RFC 8032) public key: raw 32 bytes in base64, with its id. */
export const SigningKey = z.strictObject({ key: KeyId, publicKey: z.base64() });
export type SigningKey = z.infer<typeof SigningKey>;

/** Whether `signature` over `input` was made by the holder of `publicKey` (raw 32 bytes). Node: `verifyEd25519` of protocol/node. */
export type VerifySignature = (publicKey: Uint8Array, input: Uint8Array, signature: Uint8Array) => boolean;

/** The bytes a signature covers: context, line feed, text, in UTF-8. */
export function signingInput(context: SigningContext, text: string): Uint8Array {
  return utf8(`${context}\n${text}`);
}

/**
 * Checks a signed text against the pinned keys and parses it.
 *
 * @throws {HarpError} `chain.signature_invalid` if the key is not pinned or the signature wrong; `protocol.invalid_message` if the text does not parse.
 */
export function openSigned<S extends z.ZodType>(
  context: SigningContext,
  signed: SignedText,
  schema: S,
  keys: readonly SigningKey[],
  verify: VerifySignature,
): z.infer<S> {
  checkSignature(context, signed.text, signed, keys, verify);
  const parsed = schema.safeParse(parseJson(signed.text));
  if (!parsed.success) {
    throw new HarpError('protocol.invalid_message', `a signed ${context} does not match its schema`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/** Checks one signature over `text`. @throws {HarpError} `chain.signature_invalid` */
export function checkSignature(
  context: SigningContext,
  text: string,
  proof: { key: KeyId; signature: string },
  keys: readonly SigningKey[],
  verify: VerifySignature,
): void {
  const pinned = keys.find(({ key }) => key === proof.key);
  if (pinned === undefined)
    throw new HarpError('chain.signature_invalid', `key ${proof.key} is not one this side trusts`);
  if (!verify(fromBase64(pinned.publicKey), signingInput(context, text), fromBase64(proof.signature))) {
    throw new HarpError('chain.signature_invalid', `the ${context} signature does not match`, {
      facts: { key: proof.key },
    });
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
