import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { generateKeyPem } from '../src/enrolment/certificates.ts';

export interface TestKey {
  key: string;
  csr: string;
}

/** A key like an agent's, with its certificate request. `extensions` and `name` are what a hostile agent would like to be. */
export async function testKey(
  options: { key?: string; name?: string; extensions?: x509.Extension[] } = {},
): Promise<TestKey> {
  const key = options.key ?? generateKeyPem();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const { d: _, key_ops: __, ...jwk } = await webcrypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: options.name ?? 'CN=agent',
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
    extensions: options.extensions ?? [],
  });
  return { key, csr: request.toString('pem') };
}
