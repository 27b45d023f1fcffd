/** Passkeys as browsers offer them: the server's question in, the device's answer out. Loaded with the forms that need it. */
import type { PasskeyPlace } from '../api/schemas.ts';

/** Why this page can use no passkeys; undefined if it can. */
export type NoPasskeys = 'insecure' | 'no-name' | 'elsewhere' | 'old-browser';

/** Whether passkeys can be used here, by what the server says of its address and what this browser can. */
export function noPasskeys({ origin, obstacle }: PasskeyPlace): NoPasskeys | undefined {
  if (obstacle !== null) return obstacle;
  if (window.location.origin !== origin) return 'elsewhere';
  const known = 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
  return known ? undefined : 'old-browser';
}

/** Has the device make a key. Undefined when its owner gave up. @throws {Error} the browser's own */
export async function makePasskey(options: Record<string, unknown>): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return asJson(() => navigator.credentials.create({ publicKey }));
}

/** Has the device sign. Undefined when its owner gave up. @throws {Error} the browser's own */
export async function showPasskey(options: Record<string, unknown>): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return asJson(() => navigator.credentials.get({ publicKey }));
}

async function asJson(run: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = await run();
    return credential instanceof PublicKeyCredential ? credential.toJSON() : undefined;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError') return undefined;
    throw error;
  }
}
