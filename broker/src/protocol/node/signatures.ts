import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { toHex } from '../bytes.ts';
import type { KeyId } from '../ids.ts';
import type { SignedText, SigningContext, SigningKey, VerifySignature } from '../signing.ts';
import { signingInput } from '../signing.ts';
import { sha256 } from './hashes.ts';

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410); the raw 32 bytes follow. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Holds the private key of one signing identity. */
export interface Signer {
  readonly key: SigningKey;
  /** Signs `text` in a role. */
  sign(context: SigningContext, text: string): SignedText;
}

/** A new Ed25519 private key as PKCS#8 PEM. */
export function generateSigningKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A signer from a PKCS#8 PEM. */
export function createSigner(privateKeyPem: string): Signer {
  const privateKey = createPrivateKey(privateKeyPem);
  const key = signingKeyOf(createPublicKey(privateKey));
  return {
    key,
    sign: (context, text) => ({
      text,
      key: key.key,
      signature: sign(null, signingInput(context, text), privateKey).toString('base64'),
    }),
  };
}

function signingKeyOf(publicKey: KeyObject): SigningKey {
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
  return { key: toHex(sha256(raw).subarray(0, 8)) as KeyId, publicKey: raw.toString('base64') };
}

/** Ed25519 verification by OpenSSL. False, never an exception, for malformed keys or signatures. */
export const verifyEd25519: VerifySignature = (publicKey, input, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, input, key, signature);
};
