/**
 * A new master key in the place of the present one. While both are in the file, the newer first, everything opens and whatever is written is sealed with
 * the newer; the older goes when nothing is left that needs it. So a crash anywhere in between costs nothing.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HarpError } from '../errors.ts';
import { writeBytesAtomic } from './atomic-file.ts';
import { PKI_KEY, readSealedFile, SIGNING_KEY } from './sealed-file.ts';
import { createSealing, KEY_BYTES, keyFilesIn, masterKeyPath, type Sealing } from './sealing.ts';

/**
 * Puts a new master key before the present one and seals every key file with it. Nothing else may write them meanwhile: the server must not run.
 * Goes on with a rotation that was begun before.
 *
 * @throws {HarpError} `keys.*`
 */
export async function beginMasterRotation(dataDir: string): Promise<Sealing> {
  const path = masterKeyPath(dataDir);
  const present = await readFile(path).catch(() => {
    throw new HarpError('keys.wrong_master', `${path} cannot be read: a master key from elsewhere is replaced there`);
  });
  // Opening comes first: a master key that is wrong already must not become part of a pair.
  await openEverything(dataDir, createSealing(present));
  const both = present.length > KEY_BYTES ? present : Buffer.concat([randomBytes(KEY_BYTES), present]);
  if (both !== present) await writeBytesAtomic(path, both, 0o600);
  const sealing = createSealing(both);
  await openEverything(dataDir, sealing);
  return sealing;
}

/** Whether an older master key waits for what it sealed to be sealed anew. */
export function isMasterRotationPending({ keyIds }: Sealing): boolean {
  return keyIds.length > 1;
}

/**
 * Forgets the older master keys. Call it when everything outside of key files is sealed with the newest.
 *
 * @throws {HarpError} `keys.damaged` if a key file is not; nothing is forgotten then
 */
export async function endMasterRotation(dataDir: string, sealing: Sealing): Promise<void> {
  await openEverything(dataDir, sealing);
  const path = masterKeyPath(dataDir);
  await writeBytesAtomic(path, (await readFile(path)).subarray(0, KEY_BYTES), 0o600);
}

/** Reading seals with the newest key what is sealed with another. */
async function openEverything(dataDir: string, sealing: Sealing): Promise<void> {
  for (const folder of ['pki', 'keys']) {
    for (const path of await keyFilesIn(join(dataDir, folder))) {
      const kind = basename(dirname(path)) === 'pki' ? PKI_KEY : SIGNING_KEY;
      await readSealedFile(path, kind, sealing);
    }
  }
}
