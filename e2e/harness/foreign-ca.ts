/** Certificates that look right and are not: a CA of somebody else's that writes the same names as Harp's own. */
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { AgentIdentity, TlsIdentity } from './identity.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** The same key and the same names as `identity`'s certificate, signed by a CA nobody at Harp knows. */
export async function forgedCertificate(identity: AgentIdentity): Promise<TlsIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const period = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: new x509.X509Certificate(identity.tls.ca).subject,
    ...period,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const spki = createPublicKey(identity.tls.key).export({ type: 'spki', format: 'der' });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.X509Certificate(identity.tls.cert).subject,
    issuer: ca.subject,
    ...period,
    signingAlgorithm: algorithm,
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    signingKey: keys.privateKey,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `urn:harp:agent:${identity.agent}` }]),
    ],
  });
  return { key: identity.tls.key, cert: certificate.toString('pem'), ca: identity.tls.ca };
}

/** A certificate request (PKCS#10, PEM) for a private key, or for its public half if `signer` is another. */
export async function certificateRequestFor(keyPem: string, signer = keyPem): Promise<string> {
  const pkcs8 = createPrivateKey(signer).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' });
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent',
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    },
  });
  return request.toString('pem');
}
