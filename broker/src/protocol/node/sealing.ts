/** Sealing at rest: AES-256-GCM with the installation's master key. What is sealed is bound to its place, so that it is worthless in another one. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarpError } from '../errors.ts';
import { readOrMakeKeyFile } from './key-file.ts';

/** 96 random bits: the size GCM is made for; safe for 2^32 seals per key (NIST SP 800-38D, 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of a master key. */
export const KEY_BYTES = 32;

/** What a sealed file begins with. */
export const SEALED_PREFIX = 'harp-sealed.v1.';

/** Bytes nobody can foretell. */
export type RandomSource = (count: number) => Uint8Array;

/** Seals with the newest master key, opens with any. There are two only while one takes the other's place. */
export interface Sealing {
  /** Names the newest master key without telling anything of it. */
  readonly keyId: string;
  /** Names all of them. */
  readonly keyIds: readonly string[];
  /** Nonce, sealed bytes and tag. Two seals of one text differ. */
  seal(place: string, plain: Uint8Array): Buffer;
  /** Undefined if it was sealed with a master key that is not here, for another place, or was changed. */
  open(place: string, sealed: Uint8Array): Buffer | undefined;
}

/** `masterKeys`: 32 bytes each, the newest first. @throws {HarpError} `keys.wrong_master` if it is anything else */
export function createSealing(masterKeys: Uint8Array, random: RandomSource = randomBytes): Sealing {
  if (masterKeys.length === 0 || masterKeys.length % KEY_BYTES !== 0) {
    throw new HarpError('keys.wrong_master', `the master key has ${masterKeys.length} bytes instead of ${KEY_BYTES}`);
  }
  const keys: Uint8Array[] = [];
  for (let at = 0; at < masterKeys.length; at += KEY_BYTES) keys.push(masterKeys.subarray(at, at + KEY_BYTES));
  const keyIds = keys.map(masterKeyId);
  return {
    keyId: keyIds[0]!,
    keyIds,
    seal(place, plain) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keys[0]!, nonce);
      cipher.setAAD(Buffer.from(place, 'utf8'));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(place, sealed) {
      for (const key of keys) {
        const plain = openWith(key, place, Buffer.from(sealed));
        if (plain !== undefined) return plain;
      }
      return undefined;
    },
  };
}

function masterKeyId(masterKey: Uint8Array): string {
  return createHash('sha256').update('harp/master-key-id/v1\n').update(masterKey).digest('hex').slice(0, 16);
}

function openWith(masterKey: Uint8Array, place: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(place, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const MASTER_KEY = 'master.key';

/** Where the master key is, unless it is given. */
export function masterKeyPath(dataDir: string): string {
  return join(dataDir, 'keys', MASTER_KEY);
}

export interface MasterKeyOptions {
  /** HARP_DATA. */
  dataDir: string;
  /** HARP_MASTER_KEY: 64 hexadecimal digits, used instead of the file. */
  masterKey?: string | undefined;
  random?: RandomSource;
}

/** The installation's master key: given, or `keys/master.key`, made if nothing was ever sealed here. @throws {HarpError} `keys.wrong_master` */
export async function openMasterKey({
  dataDir,
  masterKey,
  random = randomBytes,
}: MasterKeyOptions): Promise<Uint8Array> {
  if (masterKey !== undefined) return Buffer.from(masterKey, 'hex');
  const file = masterKeyPath(dataDir);
  const present = await readFile(file).catch(ifAbsent);
  if (present !== undefined) return present;
  const sealed = await sealedFileIn([join(dataDir, 'pki'), join(dataDir, 'keys')]);
  if (sealed !== undefined) {
    // Another process may have made the key and sealed with it since we looked.
    const madeMeanwhile = await readFile(file).catch(ifAbsent);
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    throw new HarpError(
      'keys.wrong_master',
      `${file} is missing, but ${sealed} is sealed with it: restore it from a backup, or give it as HARP_MASTER_KEY`,
    );
  }
  return readOrMakeKeyFile(file, () => random(KEY_BYTES), Buffer.from(random(8)).toString('hex'));
}

/** Seals with the master key of an installation. @throws {HarpError} `keys.wrong_master` */
export async function openSealing(options: MasterKeyOptions): Promise<Sealing> {
  return createSealing(await openMasterKey(options), options.random);
}

async function sealedFileIn(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    for (const path of await keyFilesIn(folder)) {
      const text = await readFile(path, 'utf8').catch(ifAbsent);
      if (text?.startsWith(SEALED_PREFIX)) return path;
    }
  }
  return undefined;
}

/** Files of a folder that may hold a sealed key. */
export async function keyFilesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(ifAbsent)) ?? [];
  return names.filter((name) => /\.(key|pem)$/.test(name) && name !== MASTER_KEY).map((name) => join(folder, name));
}

function ifAbsent(error: unknown): undefined {
  if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
  throw error;
}
