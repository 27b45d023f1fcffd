import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { agentIdOfSpki } from '../protocol/node/index.ts';
import { openCsr } from './csr.ts';

describe('openCsr', () => {
  test('takes the key and its agent id from a good request', async () => {
    const { key, csr } = await testKey();
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const proven = await openCsr(csr);
    expect(proven.agent).toBe(agentIdOfSpki(spki));
    expect(Buffer.from(proven.spki)).toEqual(spki);
  });

  test.each([
    ['nothing', ''],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['no DER', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'],
    ['an empty sequence', '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n'],
  ])('refuses %s', async (_, pem) => {
    await expect(openCsr(pem)).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });

  test('refuses two requests in one text', async () => {
    const { csr } = await testKey();
    await expect(openCsr(`${csr}\n${csr}`)).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });

  test('refuses a request for a key of which the sender lacks the private half', async () => {
    const [victim, thief] = await Promise.all([testKey(), testKey()]);
    const victims = Buffer.from(new x509.Pkcs10CertificateRequest(victim.csr).publicKey.rawData);
    const der = Buffer.from(new x509.Pkcs10CertificateRequest(thief.csr).rawData);
    const thiefs = Buffer.from(new x509.Pkcs10CertificateRequest(thief.csr).publicKey.rawData);
    victims.copy(der, der.indexOf(thiefs));
    const forged = x509.PemConverter.encode(der, 'CERTIFICATE REQUEST');
    await expect(openCsr(forged)).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });

  test.each([
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
    [
      'RSA',
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    ],
  ])('refuses a key of %s', async (_, algorithm) => {
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
    await expect(openCsr(request.toString('pem'))).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });

  test('refuses SHA-1', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-1' };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
    await expect(openCsr(request.toString('pem'))).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });

  test('refuses an Ed25519 key', async () => {
    const spki = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' });
    const good = new x509.Pkcs10CertificateRequest((await testKey()).csr);
    const der = Buffer.from(good.rawData);
    spki.copy(der, der.indexOf(Buffer.from(good.publicKey.rawData)));
    const forged = x509.PemConverter.encode(der, 'CERTIFICATE REQUEST');
    await expect(openCsr(forged)).rejects.toMatchObject({ code: 'enrolment.csr_invalid' });
  });
});
