import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';

/**
 * A PKCS#10 request in PEM for a P-256 key (PKCS#8 PEM). Its subject says nothing: the issuer takes the public key and the proof of possession only.
 *
 * The X.509 library is loaded here and only here: an agent needs it twice a year, and it costs 17 MB of memory (measured 2026-11).
 */
export async function certificateRequest(keyPem: string): Promise<string> {
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const privateKey = createPrivateKey(keyPem);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, curve, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, curve, true, ['verify']),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=harp-agent',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return request.toString('pem');
}
