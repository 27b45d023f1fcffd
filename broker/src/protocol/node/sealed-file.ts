/** Private keys as files: sealed with the master key, one line of text each. Plain files of an older installation are sealed when they are first read. */
import { readFile } from 'node:fs/promises';
import { HarpError } from '../errors.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { SEALED_PREFIX, type Sealing } from './sealing.ts';

/** The kind of every private key under `pki/`. */
export const PKI_KEY = 'pki key';

/** The kind of `keys/signing.pem`. */
export const SIGNING_KEY = 'signing key';

/** Writes `text` sealed; `kind` says what it is, and only a reader of that kind can open it. */
export async function writeSealedFile(path: string, kind: string, text: string, sealing: Sealing): Promise<void> {
  await writeFileAtomic(path, sealedText(kind, text, sealing), 0o600);
}

/** The text of a sealed file: what `writeSealedFile` writes. */
export function sealedText(kind: string, text: string, sealing: Sealing): string {
  const sealed = sealing.seal(placeOf(kind), Buffer.from(text, 'utf8'));
  return `${SEALED_PREFIX}${sealing.keyId}.${sealed.toString('base64url')}\n`;
}

/**
 * The text in a sealed file, undefined if there is none. A file in clear, or sealed with an older one of two master keys, is sealed
 * with the newest in its place before this resolves.
 *
 * @throws {HarpError} `keys.wrong_master` if it was sealed with another master key, `keys.damaged` if it was changed or is of another kind. Nothing is
 *   written then.
 */
export async function readSealedFile(path: string, kind: string, sealing: Sealing): Promise<string | undefined> {
  const stored = await readIfThere(path);
  if (stored === undefined) return undefined;
  if (!stored.startsWith(SEALED_PREFIX)) {
    await writeSealedFile(path, kind, stored, sealing);
    return stored;
  }
  const [keyId = '', sealed = ''] = stored.trimEnd().slice(SEALED_PREFIX.length).split('.');
  if (!sealing.keyIds.includes(keyId)) {
    throw new HarpError(
      'keys.wrong_master',
      `${path} is sealed with master key ${keyId}, but the present one is ${sealing.keyId}: restore keys/master.key (or HARP_MASTER_KEY) that belongs to it`,
      { facts: { path, sealedWith: keyId, present: sealing.keyId } },
    );
  }
  const plain = sealing.open(placeOf(kind), Buffer.from(sealed, 'base64url'));
  if (plain === undefined) {
    throw new HarpError(
      'keys.damaged',
      `${path} was changed or put in another file’s place: restore it from a backup`,
      {
        facts: { path },
      },
    );
  }
  const text = plain.toString('utf8');
  if (keyId !== sealing.keyId) await writeSealedFile(path, kind, text, sealing);
  return text;
}

function placeOf(kind: string): string {
  return `harp/sealed-file/v1\n${kind}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}
