/**
 * The installation's certificates: one CA, the server's certificate, one client certificate per service, kept as files under HARP_DATA/pki.
 * Makes what is missing and renews what ends soon; the CA is made once and never replaced. Called by main.ts; console reads the files.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../ports.ts';
import { sanUriFor } from '../protocol/node/index.ts';
import { writeFileAtomic } from './atomic-file.ts';
import {
  createIssuer,
  generateKeyPem,
  type IssuedCertificate,
  type KeyPair,
  makeCaCertificate,
} from './certificates.ts';
import type { ProvenKey } from './csr.ts';

/** Server and service certificates are replaced when they have less than this left. */
const RENEW_BEFORE_MS = 30 * 24 * 60 * 60_000;

/** Services of the data centre that get a client certificate. */
const services = ['console', 'ingest'] as const;
type Service = (typeof services)[number];

export interface Pki {
  /** The CA certificate, PEM. */
  readonly ca: string;
  /** SHA-256 of the CA certificate (DER), hexadecimal: what enrolment tokens pin. */
  readonly caFingerprint: string;
  /** Key and chain (server, then CA) for TLS servers. The CA is sent along because an agent that enrols has only its fingerprint. */
  server(): KeyPair;
  /** Key and certificate for a service's client. */
  service(name: Service): KeyPair;
  /** A certificate for an agent's proven key. */
  issueFor(key: ProvenKey): Promise<IssuedCertificate>;
  /** Renews what ends soon. Resolves to whether anything changed: then TLS servers need the new pair. */
  renewDue(): Promise<boolean>;
}

export interface PkiOptions {
  /** Folder of the files; made if absent. */
  dir: string;
  /** Host names and IP addresses under which clients reach the servers. */
  serverNames: readonly string[];
  clock: Clock;
}

/**
 * Opens the PKI in `dir`, making what is missing.
 *
 * @throws {Error} when the CA is damaged (one of its files gone or not belonging to the other): replacing it would lock out the fleet, so a person decides.
 */
export async function openPki({ dir, serverNames, clock }: PkiOptions): Promise<Pki> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const ca = await openCa(dir, clock);
  const issuer = await createIssuer(ca);
  const names = [...new Set(serverNames)].filter((name) => isIP(name) !== 0 || /^[A-Za-z0-9.-]+$/.test(name));
  const pairs = new Map<string, KeyPair>();

  const keep = async (name: string, isFit: (certificate: X509Certificate) => boolean, make: () => Promise<KeyPair>) => {
    const present = pairs.get(name) ?? (await readPair(dir, name));
    const fit = present !== undefined && isUsable(present, ca.certificate, clock.nowMs());
    if (fit && isFit(new X509Certificate(present.certificate))) {
      pairs.set(name, present);
      return false;
    }
    const pair = await make();
    await writePair(dir, name, pair);
    pairs.set(name, pair);
    return true;
  };

  const renewDue = async (): Promise<boolean> => {
    const changed = [
      await keep(
        'server',
        (certificate) => names.every((name) => covers(certificate, name)),
        () => issuer.forServer(names, clock.nowMs()),
      ),
    ];
    for (const service of services) {
      const uri = `URI:${sanUriFor.service(service)}`;
      changed.push(
        await keep(
          `service-${service}`,
          (certificate) => certificate.subjectAltName === uri,
          () => issuer.forService(service, clock.nowMs()),
        ),
      );
    }
    return changed.includes(true);
  };
  await renewDue();

  const pairOf = (name: string): KeyPair => pairs.get(name)!;
  return {
    ca: ca.certificate,
    caFingerprint: new X509Certificate(ca.certificate).fingerprint256.replaceAll(':', '').toLowerCase(),
    server: () => {
      const { key, certificate } = pairOf('server');
      return { key, certificate: `${certificate.trimEnd()}\n${ca.certificate}` };
    },
    service: (name) => pairOf(`service-${name}`),
    issueFor: ({ agent, spki }) => issuer.forAgent(agent, spki, clock.nowMs()),
    renewDue,
  };
}

async function openCa(dir: string, clock: Clock): Promise<KeyPair> {
  const [storedKey, storedCertificate] = await Promise.all([
    readText(join(dir, 'ca.key')),
    readText(join(dir, 'ca.crt')),
  ]);
  if (storedCertificate !== undefined) {
    if (storedKey === undefined) throw new Error(`${join(dir, 'ca.key')} is missing: restore it from a backup`);
    if (!isPair({ key: storedKey, certificate: storedCertificate })) {
      throw new Error(`ca.key and ca.crt in ${dir} do not belong together: restore both from one backup`);
    }
    return { key: storedKey, certificate: storedCertificate };
  }
  // A key without a certificate is what a crash between the two writes leaves behind; nobody can have pinned it yet.
  const key = storedKey ?? generateKeyPem();
  const certificate = await makeCaCertificate(key, clock.nowMs());
  await writePair(dir, 'ca', { key, certificate });
  return { key, certificate };
}

async function readPair(dir: string, name: string): Promise<KeyPair | undefined> {
  const [key, certificate] = await Promise.all([
    readText(join(dir, `${name}.key`)),
    readText(join(dir, `${name}.crt`)),
  ]);
  return key === undefined || certificate === undefined ? undefined : { key, certificate };
}

async function writePair(dir: string, name: string, pair: KeyPair): Promise<void> {
  await writeFileAtomic(join(dir, `${name}.key`), pair.key, 0o600);
  await writeFileAtomic(join(dir, `${name}.crt`), pair.certificate, 0o644);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isUsable(pair: KeyPair, ca: string, nowMs: number): boolean {
  if (!isPair(pair)) return false;
  const certificate = new X509Certificate(pair.certificate);
  const endsAtMs = Date.parse(certificate.validTo);
  const issuer = new X509Certificate(ca);
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey) && endsAtMs - nowMs > RENEW_BEFORE_MS;
}

function isPair({ key, certificate }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
