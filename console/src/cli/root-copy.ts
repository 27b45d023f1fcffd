/** The root CA's key away from the server: a folder with `root.crt` and `root.key`, PKCS#8 under a passphrase, which openssl reads too. */
import { createPrivateKey, type KeyObject, randomBytes, sign, verify, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase32 } from '@harp/broker/protocol';
import {
  type MasterKeyOptions,
  openSealing,
  PKI_KEY,
  readSealedFile,
  writeSealedFile,
} from '@harp/broker/protocol/node';
import { CliFailure, usageFailure } from './failure.ts';

/** PKCS#8 slows guessing down little, so a passphrase of one's own has to be long. */
const PASSPHRASE_MIN = 20;

/** A passphrase to write down: 130 bits in groups of five. */
export function makePassphrase(): string {
  return (toBase32(randomBytes(17)).slice(0, 25).match(/.{5}/g) ?? []).join('-');
}

/** The first line of `file`. @throws {CliFailure} */
export async function readPassphrase(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliFailure('api.not_found', [`cannot read ${file}`], { cause });
  });
  const passphrase = text.split('\n', 1)[0]!.trimEnd();
  if (passphrase.length < PASSPHRASE_MIN)
    throw usageFailure(`the passphrase in ${file} is too short: ${PASSPHRASE_MIN} characters or more`);
  return passphrase;
}

/** Whether the root's key is on this server. */
export async function hasRootKey(place: MasterKeyOptions): Promise<boolean> {
  return (await rootKeyOf(place)) !== undefined;
}

/**
 * Copies the root to `folder` and reads the copy back. Nothing there is overwritten.
 *
 * @throws {CliFailure} `ca.root_absent`, `disk.failed`
 */
export async function exportRoot(place: MasterKeyOptions, folder: string, passphrase: string): Promise<void> {
  const key = await rootKeyOf(place);
  if (key === undefined)
    throw new CliFailure('ca.root_absent', ['the key of the root CA is not on this server: it was taken away before']);
  const certificate = await readFile(rootPath(place, 'crt'), 'utf8');
  const encrypted = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeNew(join(folder, 'root.key'), String(encrypted));
    await writeNew(join(folder, 'root.crt'), certificate);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliFailure('disk.failed', [`the root CA cannot be copied: ${reason}`], { cause });
  }
  await openCopy(folder, passphrase, certificate);
}

/** Removes the root's key from the server. Call it only after `exportRoot`. */
export async function removeRootKey(place: MasterKeyOptions): Promise<void> {
  await rm(rootPath(place, 'key'), { force: true });
}

/** Puts the key of an exported root back. @throws {CliFailure} `keys.damaged`, `api.not_found` */
export async function importRoot(place: MasterKeyOptions, folder: string, passphrase: string): Promise<void> {
  const key = await openCopy(folder, passphrase, await readFile(rootPath(place, 'crt'), 'utf8'));
  const pem = String(key.export({ type: 'pkcs8', format: 'pem' }));
  await writeSealedFile(rootPath(place, 'key'), PKI_KEY, pem, await openSealing(place));
}

/** Proves that the copy's key is the one of the root's certificate, and that it signs. */
async function openCopy(folder: string, passphrase: string, rootCertificate: string): Promise<KeyObject> {
  const path = join(folder, 'root.key');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliFailure('api.not_found', [`cannot read ${path}`], { cause });
  });
  const certificate = new X509Certificate(rootCertificate);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, passphrase });
  } catch (cause) {
    throw new CliFailure('keys.damaged', [`${path} cannot be opened with this passphrase`], { cause });
  }
  const probe = randomBytes(32);
  if (!certificate.checkPrivateKey(key) || !verify('sha256', probe, certificate.publicKey, sign('sha256', probe, key)))
    throw new CliFailure('keys.damaged', [`${path} is not the key of this server’s root CA`]);
  return key;
}

async function rootKeyOf(place: MasterKeyOptions): Promise<string | undefined> {
  return readSealedFile(rootPath(place, 'key'), PKI_KEY, await openSealing(place));
}

function rootPath({ dataDir }: MasterKeyOptions, ending: 'key' | 'crt'): string {
  return join(dataDir, 'pki', `root.${ending}`);
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
