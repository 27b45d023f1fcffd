/** The single CA that installations had before there were intermediates: it issues itself, and allows no CA below it. */
import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { createIssuer, generateKeyPem, type KeyPair } from '../src/enrolment/certificates.ts';
import { openCsr } from '../src/enrolment/csr.ts';
import { fingerprintOf } from '../src/enrolment/pki-files.ts';
import type { AgentId } from '../src/protocol/index.ts';
import { testKey } from './csr.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface LegacyCa extends KeyPair {
  fingerprint: string;
  /** An agent that enrolled then. */
  agent(): Promise<KeyPair & { agent: AgentId; csr: string }>;
}

export async function legacyCa(nowMs = Date.now()): Promise<LegacyCa> {
  const key = generateKeyPem();
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const { d: _, key_ops: __, ...jwk } = await webcrypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '41',
    name: 'CN=Harp CA 01234567',
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + 3650 * DAY_MS),
    signingAlgorithm: algorithm,
    keys: { privateKey, publicKey },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  const certificate = root.toString('pem');
  const issuer = await createIssuer({ key, certificate });
  return {
    key,
    certificate,
    fingerprint: fingerprintOf(certificate),
    async agent() {
      const own = await testKey();
      const { agent, spki } = await openCsr(own.csr);
      return { ...own, agent, certificate: (await issuer.forAgent(agent, spki, nowMs)).certificate };
    },
  };
}
