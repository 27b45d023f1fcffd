/** Making certificates: which fields each kind carries and for how long. Pure but for the random serial; files are pki.ts's business. */
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { type AgentId, toHex } from '../protocol/index.ts';
import { commonNameFor, sanUriFor, sha256 } from '../protocol/node/index.ts';

const DAY_MS = 24 * 60 * 60_000;

/** How long certificates live, in days. */
const certificateDays = {
  /** Longer than any PC that pinned it is likely to serve; replaced with `harp ca rotate root`. */
  root: 7300,
  /** Replaced by the server itself while its root's key is there. */
  issuing: 1825,
  /** Agents renew at half of this, so a PC may be switched off for six weeks and still come back. */
  agent: 90,
  /** Gateway, broker and services: renewed by pki.ts on its own. */
  server: 365,
  /** A broker that others run: its key is where we are not, so it is worth less for less long. */
  externalBroker: 90,
} as const;

/** For one connection that is made at once. In days, as the others. */
const SUBSTITUTE_DAYS = 10 / (24 * 60);

/** Certificates are valid from an hour ago: PCs whose clock is a little slow must not see one from the future. */
const BACKDATE_MS = 60 * 60_000;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and the private key that belongs to it, in PEM. */
export interface KeyPair {
  key: string;
  certificate: string;
}

/** A certificate for a key that we never see. */
export interface IssuedCertificate {
  certificate: string;
  /** Hexadecimal. */
  serial: string;
  endsAtMs: number;
}

/** A fresh P-256 private key as PKCS#8 PEM. */
export function generateKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** The self-signed certificate of a root's key. */
export async function makeRootCertificate(keyPem: string, nowMs: number): Promise<string> {
  const keys = await signingPair(keyPem);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    // Its own name per key: two Harps in one trust store must be told apart, and what the key has signed must go on naming its issuer.
    name: `CN=Harp root CA ${shortNameOf(keyPem)}`,
    ...validity(nowMs, certificateDays.root),
    signingAlgorithm: algorithm,
    keys,
    extensions: await caExtensions(keys.publicKey),
  });
  return certificate.toString('pem');
}

/**
 * The certificate of an intermediate's key below `root`. A root that allows no CA below it (those made before there were intermediates) gets one of its
 * own name: self-issued certificates do not count as a step (RFC 5280, 6.1.4 (l)), and key identifiers tell the two apart.
 */
export async function makeIssuingCertificate(keyPem: string, root: KeyPair, nowMs: number): Promise<string> {
  const above = new x509.X509Certificate(root.certificate);
  const subject = allowsCaBelow(root.certificate) ? `CN=Harp issuing CA ${shortNameOf(keyPem)}` : above.subjectName;
  return signCa({ keyPem, subject, root, period: validity(nowMs, certificateDays.issuing), pathLength: 0 });
}

/** The key and name of the root `other`, signed by the root `root`: whoever trusts `root` may trust the other. */
export async function makeCrossCertificate(other: KeyPair, root: KeyPair): Promise<string> {
  const { subjectName, notBefore, notAfter } = new x509.X509Certificate(other.certificate);
  return signCa({ keyPem: other.key, subject: subjectName, root, period: { notBefore, notAfter } });
}

/** Whether a root's certificate lets an intermediate of another name issue below it. */
export function allowsCaBelow(root: string): boolean {
  return new x509.X509Certificate(root).getExtension(x509.BasicConstraintsExtension)?.pathLength !== 0;
}

async function signCa(ca: {
  keyPem: string;
  subject: string | x509.Name;
  root: KeyPair;
  period: { notBefore: Date; notAfter: Date };
  pathLength?: number;
}): Promise<string> {
  const above = new x509.X509Certificate(ca.root.certificate);
  const { publicKey } = await signingPair(ca.keyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: ca.subject,
    issuer: above.subjectName,
    notBefore: ca.period.notBefore,
    notAfter: earlier(ca.period.notAfter, above.notAfter),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: (await signingPair(ca.root.key)).privateKey,
    extensions: [
      ...(await caExtensions(publicKey, ca.pathLength)),
      await x509.AuthorityKeyIdentifierExtension.create(above.publicKey),
    ],
  });
  return certificate.toString('pem');
}

async function caExtensions(publicKey: webcrypto.CryptoKey, pathLength?: number): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

/** Signs certificates with a CA's key. */
export interface Issuer {
  /** The CA's own certificate, PEM. */
  readonly certificate: string;
  /** A client and server certificate for an agent's public key (SubjectPublicKeyInfo, DER). */
  forAgent(agent: AgentId, spki: Uint8Array, nowMs: number): Promise<IssuedCertificate>;
  /** A server certificate with a new key for host names and IP addresses. */
  forServer(names: readonly string[], nowMs: number): Promise<KeyPair>;
  /** A server certificate with a new key for a broker that others run. */
  forExternalBroker(names: readonly string[], nowMs: number): Promise<KeyPair>;
  /** A client certificate with a new key for a service of the data centre. */
  forService(service: string, nowMs: number): Promise<KeyPair>;
  /**
   * A client certificate, for minutes and with a new key, that a broker which goes by common names takes for the agent's. Nothing of Harp does: it
   * names no agent in its subject alternative name.
   */
  forSubstitute(agent: AgentId, nowMs: number): Promise<KeyPair>;
}

/** An issuer from the key and certificate, PEM. */
export async function createIssuer(ca: KeyPair): Promise<Issuer> {
  const signingKey = (await signingPair(ca.key)).privateKey;
  const caCertificate = new x509.X509Certificate(ca.certificate);

  const issue = async (leaf: {
    commonName: string;
    spki: Uint8Array;
    names: x509.JsonGeneralNames;
    usages: x509.ExtendedKeyUsage[];
    days: number;
    nowMs: number;
  }): Promise<IssuedCertificate> => {
    const publicKey = await webcrypto.subtle.importKey('spki', leaf.spki, algorithm, true, ['verify']);
    const serial = randomSerial();
    const { notBefore, notAfter } = validity(leaf.nowMs, leaf.days);
    // What outlives its issuer would fail before its holder thinks of renewing it.
    const period = { notBefore, notAfter: earlier(notAfter, caCertificate.notAfter) };
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: [{ CN: [leaf.commonName] }],
      issuer: caCertificate.subjectName,
      ...period,
      signingAlgorithm: algorithm,
      publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(leaf.usages),
        new x509.SubjectAlternativeNameExtension(leaf.names),
        await x509.AuthorityKeyIdentifierExtension.create(caCertificate.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ],
    });
    return { certificate: certificate.toString('pem'), serial, endsAtMs: period.notAfter.getTime() };
  };

  const withNewKey = async (leaf: Omit<Parameters<typeof issue>[0], 'spki'>): Promise<KeyPair> => {
    const key = generateKeyPem();
    const { certificate } = await issue({ ...leaf, spki: spkiOf(key) });
    return { key, certificate };
  };

  return {
    certificate: ca.certificate,
    forAgent: (agent, spki, nowMs) =>
      issue({
        commonName: agent,
        spki,
        names: [{ type: 'url', value: sanUriFor.agent(agent) }],
        usages: [x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth],
        days: certificateDays.agent,
        nowMs,
      }),
    forServer: (names, nowMs) =>
      withNewKey({
        commonName: 'Harp gateway',
        names: hostNames(names),
        usages: [x509.ExtendedKeyUsage.serverAuth],
        days: certificateDays.server,
        nowMs,
      }),
    forExternalBroker: (names, nowMs) =>
      withNewKey({
        commonName: 'Harp MQTT broker',
        names: hostNames(names),
        usages: [x509.ExtendedKeyUsage.serverAuth],
        days: certificateDays.externalBroker,
        nowMs,
      }),
    forSubstitute: (agent, nowMs) =>
      withNewKey({
        commonName: commonNameFor.agent(agent),
        names: [{ type: 'url', value: `urn:harp:substitute:${agent}` }],
        usages: [x509.ExtendedKeyUsage.clientAuth],
        days: SUBSTITUTE_DAYS,
        nowMs,
      }),
    forService: (service, nowMs) =>
      withNewKey({
        commonName: commonNameFor.service(service),
        names: [{ type: 'url', value: sanUriFor.service(service) }],
        usages: [x509.ExtendedKeyUsage.clientAuth],
        days: certificateDays.server,
        nowMs,
      }),
  };
}

function hostNames(names: readonly string[]): x509.JsonGeneralNames {
  return names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }));
}

function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

/** Tells keys apart in names. */
function shortNameOf(keyPem: string): string {
  return toHex(sha256(spkiOf(keyPem))).slice(0, 8);
}

/** 127 random bits: positive in DER and never equal by chance (RFC 5280, 4.1.2.2). */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function spkiOf(privateKeyPem: string): Uint8Array {
  return createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
}

async function signingPair(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spkiOf(keyPem), algorithm, true, ['verify']),
  };
}
