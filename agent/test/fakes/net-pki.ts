/** A certificate authority for tests, and agents it has enrolled. */
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { agentIdOfSpki, sanUriFor } from '@harp/broker/protocol/node';
import * as x509 from '@peculiar/x509';
import type { Identity, TlsMaterial } from '../../src/ports.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };

export interface TestCa {
  readonly pem: string;
  /** A new agent with a certificate of this CA. */
  enrol(): Promise<Identity>;
  /** TLS material for a server at 127.0.0.1, or for a service when `service` is given. */
  issueServer(service?: string): Promise<TlsMaterial>;
}

/** A CA with a key of its own. */
export async function createTestCa(): Promise<TestCa> {
  const caKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test CA',
    ...validity,
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const pem = ca.toString('pem');
  let serial = 1;

  const issue = async (names: (spki: Uint8Array) => x509.JsonGeneralNames): Promise<TlsMaterial & { spki: Buffer }> => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++serial).toString(16).padStart(4, '0'),
      subject: 'CN=test',
      issuer: ca.subject,
      ...validity,
      signingAlgorithm: algorithm,
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
      signingKey: caKeys.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension(names(spki))],
    });
    return { key, certificate: certificate.toString('pem'), ca: pem, spki };
  };

  return {
    pem,
    async enrol() {
      const { spki, ...tls } = await issue((own) => [{ type: 'url', value: sanUriFor.agent(agentIdOfSpki(own)) }]);
      return {
        agent: agentIdOfSpki(spki),
        tls: () => tls,
        signingKeys: () => [],
        onDidChange: () => ({ dispose: () => undefined }),
      };
    },
    async issueServer(service) {
      const names: x509.JsonGeneralNames =
        service === undefined
          ? [{ type: 'ip', value: '127.0.0.1' }]
          : [{ type: 'url', value: sanUriFor.service(service) }];
      const { key, certificate, ca: caPem } = await issue(() => names);
      return { key, certificate, ca: caPem };
    },
  };
}
