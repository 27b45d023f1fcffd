/**
 * The installation's certificates: what the authority issues to the server, its services and agents, kept as files under HARP_DATA/pki. Makes what is
 * missing and renews what ends soon; the root is only ever replaced on order. Called by broker.ts; console reads `ca.crt` and its service's pair.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Clock } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';
import { commonNameFor, type Sealing, sanUriFor } from '../protocol/node/index.ts';
import { openAuthority } from './authority.ts';
import type { IssuedCertificate, KeyPair } from './certificates.ts';
import type { ProvenKey } from './csr.ts';
import { fingerprintOf, firstOf, isIssuedBy, isPair, joinPem, openPkiFiles } from './pki-files.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Server and service certificates are replaced when they have less than this left. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** The intermediate is replaced while it can still issue certificates of full length. */
const RENEW_ISSUING_BEFORE_MS = 400 * DAY_MS;

/** Services of the data centre that get a client certificate. */
const services = ['console', 'ingest', 'broker'] as const;
type Service = (typeof services)[number];

/** Everything a TLS server needs, in PEM. `ca` is what clients' certificates must hang below. */
export interface ServerTls extends KeyPair {
  ca: string;
}

/** What agents are told to trust: roots, and what lets them believe in one they have not heard of. PEM. */
export interface Trust {
  ca: string;
  cross?: string;
}

/** Fingerprints of the roots: in use, being introduced, on its way out. */
export interface RootPrints {
  present: string;
  next: string | undefined;
  old: string | undefined;
}

export interface Pki {
  /** The roots that are trusted now, PEM. The first is the one that servers' chains end in. */
  readonly ca: string;
  /** SHA-256 of the first of them (DER), hexadecimal: what enrolment tokens pin. */
  readonly caFingerprint: string;
  readonly roots: RootPrints;
  /** The intermediate's certificate, PEM. */
  readonly issuing: string;
  /** Certificates of all roots, PEM, by fingerprint. */
  readonly rootCertificates: ReadonlyMap<string, string>;
  /** Whether the key of the present root is on this server. */
  hasRootKey(): Promise<boolean>;
  trust(): Trust;
  /** For TLS servers. The chain includes the root, because an agent that enrols has only its fingerprint. */
  server(): ServerTls;
  /** Key and chain for a service's client. */
  service(name: Service): KeyPair;
  /** For one connection to a broker that others run, in an agent's place. See `Issuer.forSubstitute`. */
  substitute(agent: AgentId): Promise<KeyPair>;
  /** Key, chain and roots for a broker that others run, under these names. Not kept here. */
  externalBroker(names: readonly string[]): Promise<ServerTls>;
  /** A certificate for an agent's proven key, with the intermediate after it. */
  issueFor(key: ProvenKey): Promise<IssuedCertificate>;
  /** The fingerprint of the root that a chain (DER or PEM, the holder's certificate first) hangs below; undefined if of none. */
  rootOf(chain: readonly (Uint8Array | string)[]): string | undefined;
  /** Renews what ends soon. Resolves to whether anything changed. */
  renewDue(): Promise<boolean>;
  /** @throws {HarpError} `ca.root_absent`, `ca.rotation_pending` */
  rotateIssuing(): Promise<void>;
  /** @throws {HarpError} `ca.root_absent`, `ca.rotation_pending` */
  introduceRoot(): Promise<void>;
  promoteRoot(): Promise<void>;
  dropOldRoot(): Promise<void>;
  /** Called when what servers present or trust has changed. */
  onDidChange(listener: () => void): void;
}

export interface PkiOptions {
  /** Folder of the files; made if absent. */
  dir: string;
  /** Of the private keys in it. */
  sealing: Sealing;
  /** Host names and IP addresses under which clients reach the servers. */
  serverNames: readonly string[];
  clock: Clock;
}

/**
 * Opens the PKI in `dir`, making what is missing.
 *
 * @throws {HarpError} when the authority is damaged: replacing it would lock out the fleet, so a person decides. See `openAuthority`.
 */
export async function openPki({ dir, sealing, serverNames, clock }: PkiOptions): Promise<Pki> {
  const files = await openPkiFiles(dir, sealing);
  const authority = await openAuthority(files, clock);
  const names = [...new Set(serverNames)].filter((name) => isIP(name) !== 0 || /^[A-Za-z0-9.-]+$/.test(name));
  const pairs = new Map<string, KeyPair>();
  const listeners = new Set<() => void>();
  let lastChange: Promise<unknown> = Promise.resolve();

  const isUsable = (pair: KeyPair): boolean =>
    isPair(pair) &&
    isIssuedBy(pair.certificate, authority.issuing()) &&
    // Before there were intermediates the certificate stood alone.
    pair.certificate.trimEnd().endsWith(authority.issuing().trimEnd()) &&
    Date.parse(new X509Certificate(pair.certificate).validTo) - clock.nowMs() > RENEW_BEFORE_MS;

  const keep = async (name: string, isFit: (certificate: X509Certificate) => boolean, make: () => Promise<KeyPair>) => {
    const present = pairs.get(name) ?? (await files.pair(name));
    if (present !== undefined && isUsable(present) && isFit(new X509Certificate(present.certificate))) {
      pairs.set(name, present);
      return false;
    }
    const { key, certificate } = await make();
    const pair = { key, certificate: joinPem(certificate, authority.issuing()) };
    await files.writePair(name, pair);
    pairs.set(name, pair);
    return true;
  };

  const keepIssuing = async (): Promise<void> => {
    const leftMs = Date.parse(new X509Certificate(authority.issuing()).validTo) - clock.nowMs();
    if (leftMs > RENEW_ISSUING_BEFORE_MS || authority.nextRoot() !== undefined) return;
    if (await authority.hasRootKey()) await authority.rotateIssuing();
  };

  /** Makes everything that hangs below the authority fit it. */
  const settle = async (): Promise<boolean> => {
    await keepIssuing();
    const ca = joinPem(...authority.roots());
    let changed = (await files.certificate('ca')) !== ca;
    if (changed) await files.writeCertificate('ca', ca);
    const fitsServer = (certificate: X509Certificate) => names.every((name) => covers(certificate, name));
    if (await keep('server', fitsServer, () => authority.issuer().forServer(names, clock.nowMs()))) changed = true;
    for (const service of services) {
      const uri = `URI:${sanUriFor.service(service)}`;
      const fitsService = ({ subjectAltName, subject }: X509Certificate) =>
        subjectAltName === uri && subject === `CN=${commonNameFor.service(service)}`;
      const make = () => authority.issuer().forService(service, clock.nowMs());
      if (await keep(`service-${service}`, fitsService, make)) changed = true;
    }
    return changed;
  };

  /** One change after the other: each is several files. */
  const change = <T>(run: () => Promise<T>): Promise<T> => {
    const result = lastChange.then(run);
    lastChange = result.catch(() => undefined);
    return result;
  };
  const changeAuthority = (run: () => Promise<void>): Promise<void> =>
    change(async () => {
      await run();
      await settle();
      for (const listener of listeners) listener();
    });
  await settle();

  const rootCertificates = (): Map<string, string> =>
    new Map(authority.roots().map((root) => [fingerprintOf(root), root]));
  const printOf = (root: string | undefined) => (root === undefined ? undefined : fingerprintOf(root));
  const pairOf = (name: string): KeyPair => pairs.get(name)!;

  return {
    get ca() {
      return joinPem(...authority.roots());
    },
    get caFingerprint() {
      return fingerprintOf(authority.roots()[0]!);
    },
    get roots() {
      return {
        present: fingerprintOf(authority.root()),
        next: printOf(authority.nextRoot()),
        old: printOf(authority.oldRoot()),
      };
    },
    get issuing() {
      return authority.issuing();
    },
    get rootCertificates() {
      return rootCertificates();
    },
    hasRootKey: () => authority.hasRootKey(),
    trust() {
      const cross = authority.cross();
      return { ca: joinPem(...authority.roots()), ...(cross === undefined ? {} : { cross }) };
    },
    server() {
      const { key, certificate } = pairOf('server');
      return {
        key,
        certificate: joinPem(firstOf(certificate), authority.serverChain()),
        ca: joinPem(...authority.roots()),
      };
    },
    service: (name) => pairOf(`service-${name}`),
    async substitute(agent) {
      const { key, certificate } = await authority.issuer().forSubstitute(agent, clock.nowMs());
      return { key, certificate: joinPem(certificate, authority.issuing()) };
    },
    async externalBroker(names) {
      const { key, certificate } = await authority.issuer().forExternalBroker(names, clock.nowMs());
      return { key, certificate: joinPem(certificate, authority.serverChain()), ca: joinPem(...authority.roots()) };
    },
    async issueFor({ agent, spki }) {
      const issued = await authority.issuer().forAgent(agent, spki, clock.nowMs());
      return { ...issued, certificate: joinPem(issued.certificate, authority.issuing()) };
    },
    rootOf(chain) {
      const certificates = chain.map((one) => new X509Certificate(one));
      for (const [print, root] of rootCertificates()) {
        const { publicKey } = new X509Certificate(root);
        if (certificates.some((certificate) => certificate.verify(publicKey))) return print;
      }
      return undefined;
    },
    renewDue: () =>
      change(async () => {
        const changed = await settle();
        if (changed) for (const listener of listeners) listener();
        return changed;
      }),
    rotateIssuing: () => changeAuthority(() => authority.rotateIssuing()),
    introduceRoot: () => changeAuthority(() => authority.introduceRoot()),
    promoteRoot: () => changeAuthority(() => authority.promote()),
    dropOldRoot: () => changeAuthority(() => authority.dropOldRoot()),
    onDidChange: (listener) => void listeners.add(listener),
  };
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
