/** The files under HARP_DATA/pki: certificates in clear, private keys sealed. Every change is one rename, so that a power cut leaves the old or the new. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PKI_KEY, readSealedFile, type Sealing, writeFileAtomic, writeSealedFile } from '../protocol/node/index.ts';
import type { KeyPair } from './certificates.ts';

/** Reads and writes by name, without the ending: `NAME.key` and `NAME.crt`. */
export interface PkiFiles {
  readonly dir: string;
  /** @throws {HarpError} `keys.*` */
  key(name: string): Promise<string | undefined>;
  certificate(name: string): Promise<string | undefined>;
  /** Undefined unless both halves are there. */
  pair(name: string): Promise<KeyPair | undefined>;
  writeKey(name: string, pem: string): Promise<void>;
  writeCertificate(name: string, pem: string): Promise<void>;
  /** The key first: a certificate without its key is of no use to anybody. */
  writePair(name: string, pair: KeyPair): Promise<void>;
  /** Puts `NAME.ENDING` in the other's place, if it is there. */
  move(from: string, to: string, ending: 'key' | 'crt'): Promise<void>;
  remove(name: string, ending: 'key' | 'crt'): Promise<void>;
}

/** Opens `dir`, making it if it is absent. */
export async function openPkiFiles(dir: string, sealing: Sealing): Promise<PkiFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files: PkiFiles = {
    dir,
    key: (name) => readSealedFile(join(dir, `${name}.key`), PKI_KEY, sealing),
    certificate: (name) => readFile(join(dir, `${name}.crt`), 'utf8').catch(ifAbsent),
    async pair(name) {
      const [key, certificate] = await Promise.all([files.key(name), files.certificate(name)]);
      return key === undefined || certificate === undefined ? undefined : { key, certificate };
    },
    writeKey: (name, pem) => writeSealedFile(join(dir, `${name}.key`), PKI_KEY, pem, sealing),
    writeCertificate: (name, pem) => writeFileAtomic(join(dir, `${name}.crt`), pem, 0o644),
    async writePair(name, { key, certificate }) {
      await files.writeKey(name, key);
      await files.writeCertificate(name, certificate);
    },
    move: (from, to, ending) => rename(join(dir, `${from}.${ending}`), join(dir, `${to}.${ending}`)).catch(ifAbsent),
    remove: (name, ending) => rm(join(dir, `${name}.${ending}`), { force: true }),
  };
  return files;
}

/** Whether key and certificate belong together. */
export function isPair({ key, certificate }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether `certificate` was issued by the holder of `issuer`: by its name and by its signature. Both PEM. */
export function isIssuedBy(certificate: string, issuer: string): boolean {
  const above = new X509Certificate(issuer);
  const below = new X509Certificate(certificate);
  return below.checkIssued(above) && below.verify(above.publicKey);
}

/** SHA-256 of a certificate's DER, hexadecimal: what tokens pin and agents confirm. Of a PEM bundle the first counts. */
export function fingerprintOf(certificate: string | Uint8Array): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The first certificate of a PEM bundle. */
export function firstOf(pem: string): string {
  return new X509Certificate(pem).toString();
}

/** PEM texts as one. */
export function joinPem(...pems: readonly string[]): string {
  return pems.map((pem) => `${pem.trimEnd()}\n`).join('');
}

function ifAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
