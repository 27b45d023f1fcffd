import 'reflect-metadata';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { handshake as greet } from '../../test/handshake.ts';
import { legacyCa } from '../../test/legacy-ca.ts';
import { createSealing, identityOfCertificate, PKI_KEY, readSealedFile } from '../protocol/node/index.ts';
import { generateKeyPem } from './certificates.ts';
import { openCsr } from './csr.ts';
import { openPki, type Pki } from './pki.ts';

const DAY_MS = 24 * 60 * 60_000;
const serverNames = ['harp.example', 'localhost', '127.0.0.1', '::1', '10.1.2.3'];

let dir: string;
let clock: FakeClock;
const sealing = createSealing(randomBytes(32));
const open = (names = serverNames): Promise<Pki> => openPki({ dir, sealing, serverNames: names, clock });

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'harp-pki-')), 'pki');
  clock = fakeClock(Date.now());
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

/** The client as the server of `pki` sees it. */
const handshake = (
  pki: Pki,
  client: { key: string; certificate: string } | undefined,
  options: { servername?: string; ca?: string } = {},
) => greet(pki.server(), { ca: options.ca ?? pki.ca, ...client }, options);

async function enrol(pki: Pki, extensions: x509.Extension[] = []) {
  const { key, csr } = await testKey({ extensions, name: 'CN=urn:harp:service:console' });
  const proven = await openCsr(csr);
  return { agent: proven.agent, key, ...(await pki.issueFor(proven)) };
}

describe('openPki', () => {
  test('makes every file once, keys readable by their owner only, and finds them again', async () => {
    const first = await open();
    const names = ['root', 'issuing', 'server', 'service-console', 'service-ingest', 'service-broker'];
    const read = () =>
      Promise.all(names.flatMap((name) => ['key', 'crt'].map((end) => readFile(join(dir, `${name}.${end}`), 'utf8'))));
    const before = await read();
    for (const name of names) {
      expect((await stat(join(dir, `${name}.key`))).mode & 0o777).toBe(0o600);
      expect(await readFile(join(dir, `${name}.key`), 'utf8')).not.toContain('PRIVATE KEY');
    }
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

  test('a crash between key and certificate of the root is repaired with the key that was written', async () => {
    await open();
    const key = await readSealedFile(join(dir, 'root.key'), PKI_KEY, sealing);
    for (const name of await readdir(dir)) if (name !== 'root.key') await rm(join(dir, name));
    const pki = await open();
    expect(await readSealedFile(join(dir, 'root.key'), PKI_KEY, sealing)).toBe(key);
    expect(await handshake(pki, pki.service('console'))).toEqual({ role: 'service', service: 'console' });
  });

  test('a pair that does not belong together is replaced, but never the authority', async () => {
    const other = await open();
    const stray = other.service('ingest').key;
    await writeFile(join(dir, 'server.key'), stray);
    const pki = await open();
    expect(await handshake(pki, pki.service('console'))).toEqual({ role: 'service', service: 'console' });
    for (const name of ['root.key', 'issuing.key']) {
      const good = await readFile(join(dir, name));
      await writeFile(join(dir, name), stray);
      await expect(open()).rejects.toMatchObject({ code: 'keys.damaged' });
      await writeFile(join(dir, name), good);
    }
    await rm(join(dir, 'issuing.key'));
    await expect(open()).rejects.toMatchObject({ code: 'keys.damaged' });
  });

  test('another master key opens nothing and changes nothing', async () => {
    await open();
    const files = await readdir(dir);
    const before = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
    const opening = openPki({ dir, sealing: createSealing(randomBytes(32)), serverNames, clock });
    await expect(opening).rejects.toMatchObject({ code: 'keys.wrong_master' });
    expect(await readdir(dir)).toEqual(files);
    expect(await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')))).toEqual(before);
  });

  test('without the root’s key everything goes on, until an intermediate has to be made', async () => {
    const before = await open();
    await rm(join(dir, 'root.key'));
    const pki = await open([...serverNames, 'new.example']);
    expect(pki.caFingerprint).toBe(before.caFingerprint);
    expect(await handshake(pki, await enrol(pki), { servername: 'new.example' })).toMatchObject({ role: 'agent' });
    await expect(pki.rotateIssuing()).rejects.toMatchObject({ code: 'ca.root_absent' });
    await expect(pki.introduceRoot()).rejects.toMatchObject({ code: 'ca.root_absent' });
    expect(await handshake(await open(), pki.service('console'))).toMatchObject({ role: 'service' });
  });

  test('the intermediate is replaced while it can still issue certificates of full length', async () => {
    const pki = await open();
    const before = pki.issuing;
    await clock.advance((1825 - 401) * DAY_MS);
    await pki.renewDue();
    expect(pki.issuing).toBe(before);
    await clock.advance(2 * DAY_MS);
    await pki.renewDue();
    expect(pki.issuing).not.toBe(before);
    expect(new X509Certificate(pki.issuing).verify(new X509Certificate(pki.ca).publicKey)).toBe(true);
  });

  test('no certificate outlives the intermediate that issued it', async () => {
    const pki = await open();
    await rm(join(dir, 'root.key'));
    await clock.advance((1825 - 10) * DAY_MS);
    const { endsAtMs } = await enrol(pki);
    expect(endsAtMs).toBe(Date.parse(new X509Certificate(pki.issuing).validTo));
  });
});

describe('an installation with a single CA of before', () => {
  async function older() {
    const ca = await legacyCa();
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'ca.key'), ca.key);
    await writeFile(join(dir, 'ca.crt'), ca.certificate);
    return ca;
  }

  test('keeps its CA as the root, and its agents need nothing', async () => {
    const ca = await older();
    const agent = await ca.agent();
    for (let start = 0; start < 2; start++) {
      const pki = await open();
      expect(pki.caFingerprint).toBe(ca.fingerprint);
      expect(pki.issuing).not.toBe(ca.certificate);
      // Whoever pinned the CA then, with a certificate it issued then.
      expect(await handshake(pki, agent, { ca: ca.certificate })).toEqual({ role: 'agent', agent: agent.agent });
      // And with one that the intermediate issues, also between two PCs.
      const renewed = { ...(await enrol(pki)), ca: ca.certificate };
      expect(await handshake(pki, renewed)).toMatchObject({ role: 'agent' });
      expect(await greet(renewed, { ...agent, ca: ca.certificate }, { anyName: true })).toMatchObject({
        role: 'agent',
      });
      expect(await greet({ ...agent, ca: ca.certificate }, renewed, { anyName: true })).toMatchObject({
        role: 'agent',
      });
    }
    expect(await readdir(dir)).not.toContain('ca.key');
    for (const name of await readdir(dir)) {
      if (name.endsWith('.key')) expect(await readFile(join(dir, name), 'utf8')).not.toContain('PRIVATE KEY');
    }
  });

  test.each(['root.key', 'root.key and root.crt'])('a crash after %s was written changes nothing', async (written) => {
    const ca = await older();
    const whole = await open();
    const kept = new Set(['ca.key', ...written.split(' and ')]);
    for (const name of await readdir(dir)) if (!kept.has(name)) await rm(join(dir, name));
    await writeFile(join(dir, 'ca.key'), ca.key);
    await writeFile(join(dir, 'ca.crt'), ca.certificate);
    const pki = await open();
    expect(pki.caFingerprint).toBe(whole.caFingerprint);
    expect(await handshake(pki, await ca.agent(), { ca: ca.certificate })).toMatchObject({ role: 'agent' });
  });

  test('with key and certificate of two CAs nothing is made', async () => {
    await older();
    await writeFile(join(dir, 'ca.key'), generateKeyPem());
    await expect(open()).rejects.toMatchObject({ code: 'keys.damaged' });
    await rm(join(dir, 'ca.key'));
    await expect(open()).rejects.toMatchObject({ code: 'keys.damaged' });
    expect(await readdir(dir)).toEqual(['ca.crt']);
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
    const foreign = await openPki({ dir: `${dir}-other`, sealing, serverNames, clock });
    await expect(handshake(pki, foreign.service('console'))).rejects.toThrow();
    await expect(handshake(pki, undefined)).rejects.toThrow();
  });

  test('an agent cannot issue certificates: the intermediate allows no other CA below it', async () => {
    const pki = await open();
    const agent = await enrol(pki);
    expect(identityOfCertificate(new X509Certificate(agent.certificate))).toEqual({
      role: 'agent',
      agent: agent.agent,
    });
    const issuing = new x509.X509Certificate(pki.issuing);
    expect(issuing.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 });
    expect(issuing.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
    );
  });
});
