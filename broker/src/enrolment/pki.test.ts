import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { identityOf, identityOfCertificate, type TlsIdentity } from '../protocol/node/index.ts';
import { openCsr } from './csr.ts';
import { openPki, type Pki } from './pki.ts';

const DAY_MS = 24 * 60 * 60_000;
const serverNames = ['harp.example', 'localhost', '127.0.0.1', '::1', '10.1.2.3'];

let dir: string;
let clock: FakeClock;
const open = (names = serverNames): Promise<Pki> => openPki({ dir, serverNames: names, clock });

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'harp-pki-')), 'pki');
  clock = fakeClock(Date.now());
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

/** One TLS 1.3 handshake as the broker does it; resolves to what the server learned of the client. */
async function handshake(
  pki: Pki,
  client: { key: string; certificate: string } | undefined,
  options: { servername?: string; ca?: string } = {},
): Promise<TlsIdentity | undefined> {
  const { key, certificate } = pki.server();
  const server = createServer({
    key,
    cert: certificate,
    ca: pki.ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const greeted = new Promise<TlsIdentity | undefined>((resolve, reject) => {
    server.once('secureConnection', (socket: TLSSocket) => {
      resolve(identityOf(socket));
      socket.destroy();
    });
    server.once('tlsClientError', reject);
  });
  const socket = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ca: options.ca ?? pki.ca,
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(client === undefined ? {} : { key: client.key, cert: client.certificate }),
  });
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  try {
    return await Promise.race([greeted, failed]);
  } finally {
    failed.catch(() => undefined);
    greeted.catch(() => undefined);
    socket.destroy();
    server.close();
  }
}

async function enrol(pki: Pki, extensions: x509.Extension[] = []) {
  const { key, csr } = await testKey({ extensions, name: 'CN=urn:harp:service:console' });
  const proven = await openCsr(csr);
  return { agent: proven.agent, key, ...(await pki.issueFor(proven)) };
}

describe('openPki', () => {
  test('makes every file once, keys readable by their owner only, and finds them again', async () => {
    const first = await open();
    const names = ['ca', 'server', 'service-console', 'service-ingest'];
    const read = () =>
      Promise.all(names.flatMap((name) => ['key', 'crt'].map((end) => readFile(join(dir, `${name}.${end}`), 'utf8'))));
    const before = await read();
    for (const name of names) expect((await stat(join(dir, `${name}.key`))).mode & 0o777).toBe(0o600);
    const second = await open();
    expect(await read()).toEqual(before);
    expect(second.caFingerprint).toBe(first.caFingerprint);
    expect(second.server()).toEqual(first.server());
  });

  test('a new public name gives a new server certificate under the same CA', async () => {
    const before = await open();
    const after = await open([...serverNames, 'new.example']);
    expect(after.caFingerprint).toBe(before.caFingerprint);
    expect(after.server().certificate).not.toBe(before.server().certificate);
    expect(new X509Certificate(after.server().certificate).checkHost('new.example')).toBe('new.example');
  });

  test('server and service certificates are renewed thirty days before they end', async () => {
    const pki = await open();
    const before = [pki.server(), pki.service('console')];
    await clock.advance(334 * DAY_MS);
    expect(await pki.renewDue()).toBe(false);
    await clock.advance(2 * DAY_MS);
    expect(await pki.renewDue()).toBe(true);
    expect([pki.server(), pki.service('console')]).not.toEqual(before);
  });

  test('a crash between key and certificate of the CA is repaired with the key that was written', async () => {
    await open();
    const key = await readFile(join(dir, 'ca.key'), 'utf8');
    await rm(join(dir, 'ca.crt'));
    const pki = await open();
    expect(await readFile(join(dir, 'ca.key'), 'utf8')).toBe(key);
    expect(await handshake(pki, pki.service('console'))).toEqual({ role: 'service', service: 'console' });
  });

  test('a pair that does not belong together is replaced, but never the CA', async () => {
    const other = await open();
    const stray = other.service('ingest').key;
    await writeFile(join(dir, 'server.key'), stray);
    const pki = await open();
    expect(await handshake(pki, pki.service('console'))).toEqual({ role: 'service', service: 'console' });
    await writeFile(join(dir, 'ca.key'), stray);
    await expect(open()).rejects.toThrow(/do not belong together/);
    await rm(join(dir, 'ca.key'));
    await expect(open()).rejects.toThrow(/missing/);
  });
});

describe('certificates in TLS', () => {
  test.each(['harp.example', 'localhost', undefined])('the server is accepted as %s', async (servername) => {
    const pki = await open();
    const identity = await handshake(pki, pki.service('ingest'), servername === undefined ? {} : { servername });
    expect(identity).toEqual({ role: 'service', service: 'ingest' });
  });

  test('the server is refused under a name it does not have', async () => {
    const pki = await open();
    await expect(handshake(pki, pki.service('ingest'), { servername: 'other.example' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('an agent is who its key says, whatever names its request asked for', async () => {
    const pki = await open();
    const hostile = await enrol(pki, [
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: 'urn:harp:service:console' }]),
      new x509.BasicConstraintsExtension(true),
    ]);
    expect(await handshake(pki, hostile)).toEqual({ role: 'agent', agent: hostile.agent });
    const certificate = new X509Certificate(hostile.certificate);
    expect(certificate.subjectAltName).toBe(`URI:urn:harp:agent:${hostile.agent}`);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    expect(certificate.serialNumber.toLowerCase()).toBe(hostile.serial);
    expect(hostile.endsAtMs - clock.nowMs()).toBe(90 * DAY_MS);
  });

  test('a client of another CA and a client without a certificate are refused', async () => {
    const pki = await open();
    const foreign = await openPki({ dir: `${dir}-other`, serverNames, clock });
    await expect(handshake(pki, foreign.service('console'))).rejects.toThrow();
    await expect(handshake(pki, undefined)).rejects.toThrow();
  });

  test('an agent cannot issue certificates: the CA allows no other CA below it', async () => {
    const pki = await open();
    const agent = await enrol(pki);
    expect(identityOfCertificate(new X509Certificate(agent.certificate))).toEqual({
      role: 'agent',
      agent: agent.agent,
    });
    const ca = new x509.X509Certificate(pki.ca);
    expect(ca.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 });
    expect(ca.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
    );
  });
});
