/** Ed25519 by the browser. */
import { HarpError, type SigningKey, signingInput } from '@harp/broker/protocol';

/**
 * Whether the holder of `publicKey` (raw 32 bytes) signed `input`. `undefined`: this browser cannot tell. Browsers give cryptography to pages that
 * came over HTTPS or from this computer only.
 */
export type ProveSignature = (
  publicKey: Uint8Array,
  input: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean | undefined>;

/** Ed25519 by Web Cryptography. False, never an exception, for malformed keys and signatures. */
export const proveByWebCrypto: ProveSignature = async (publicKey, input, signature) => {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) return undefined;
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = await subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
    return await subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(input));
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotSupportedError' ? undefined : false;
  }
};

/** Which of `keys` signed `text` in this role; `null` if none did, `undefined` if this browser cannot tell. */
export async function signerOf(
  context: Parameters<typeof signingInput>[0],
  text: string,
  signature: string,
  keys: readonly SigningKey[],
  prove: ProveSignature,
): Promise<SigningKey | null | undefined> {
  const bytes = fromBase64(signature);
  let known = true;
  for (const key of keys) {
    const proved = await prove(fromBase64(key.publicKey), signingInput(context, text), bytes);
    if (proved === true) return key;
    if (proved === undefined) known = false;
  }
  return known ? null : undefined;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new HarpError('chain.signature_invalid', 'a key or signature is not base64', { cause });
  }
}
