import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSealing, PKI_KEY, readSealedFile } from '@harp/broker/protocol/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type BrokerHarness, startHarness } from '../../../broker/test/harness.ts';
import { runCli } from './program.ts';

let broker: BrokerHarness;
let copy: string;
beforeAll(async () => {
  broker = await startHarness();
  copy = join(broker.env.dataDir, 'safe');
}, 60_000);
afterAll(() => broker[Symbol.asyncDispose]());
afterEach(() => rm(copy, { recursive: true, force: true }));

async function harp(args: readonly string[], env: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const status = await runCli(args, '0.0.0-test', {
    env: { HARP_DATA: broker.env.dataDir, ...env },
    cwd: '/',
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    nowMs: () => 0,
    sleep: async () => undefined,
  });
  return { status, out, err };
}

const inPki = (name: string) => join(broker.env.dataDir, 'pki', name);

test('status tells people and programs the same', async () => {
  const { pki } = broker.broker;
  const words = await harp(['ca', 'status']);
  expect(words).toMatchObject({ status: 0, err: '' });
  expect(words.out).toMatch(/Harp root CA [0-9a-f]{8}/);
  expect(words.out).toContain(pki.caFingerprint.slice(0, 16));
  expect(words.out).toContain('Root key: on this server');
  const { out } = await harp(['ca', 'status', '--json']);
  expect(JSON.parse(out)).toMatchObject({ roots: [{ fingerprint: pki.caFingerprint }], rootKeyHere: true });
});

test('the root’s key is taken away, lent for a rotation, and away again', async () => {
  const taken = await harp(['ca', 'export', '--root', copy, '--remove']);
  expect(taken.status).toBe(0);
  const passphrase = taken.out.trim();
  expect(passphrase).toMatch(/^([a-z2-7]{5}-){4}[a-z2-7]{5}$/);
  expect(await readdir(join(broker.env.dataDir, 'pki'))).not.toContain('root.key');
  const pem = await readFile(join(copy, 'root.key'), 'utf8');
  expect((await stat(join(copy, 'root.key'))).mode & 0o777).toBe(0o600);
  expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  const certificate = new X509Certificate(await readFile(join(copy, 'root.crt')));
  expect(certificate.checkPrivateKey(createPrivateKey({ key: pem, passphrase }))).toBe(true);
  expect((await harp(['ca', 'status'])).out).toContain('Root key: not on this server');

  const without = await harp(['ca', 'rotate', 'issuing', '--json']);
  expect([without.status, JSON.parse(without.out).error.code]).toEqual([1, 'ca.root_absent']);
  const before = broker.broker.pki.issuing;
  const file = join(copy, 'passphrase');
  await writeFile(file, 'not the passphrase of this copy\n');
  const lend = ['--root', copy, '--passphrase-file', file];
  const wrong = await harp(['ca', 'rotate', 'issuing', ...lend, '--json']);
  expect([wrong.status, JSON.parse(wrong.out).error.code]).toEqual([1, 'keys.damaged']);
  expect(broker.broker.pki.issuing).toBe(before);

  await writeFile(file, `${passphrase}\n`);
  expect(await harp(['ca', 'rotate', 'issuing', ...lend])).toMatchObject({ status: 0 });
  expect(broker.broker.pki.issuing).not.toBe(before);
  expect(await readdir(join(broker.env.dataDir, 'pki'))).not.toContain('root.key');

  const next = await harp(['ca', 'rotate', 'root', ...lend, '--json']);
  expect(JSON.parse(next.out).waiting).toMatchObject({ for: 'trust', agents: 0 });
  expect(await readdir(join(broker.env.dataDir, 'pki'))).not.toContain('root.key');
  for (let step = 0; step < 2; step++) expect((await harp(['ca', 'rotate', 'root', '--force'])).status).toBe(0);
  // The new root's key is here until it is taken away too.
  const status = JSON.parse((await harp(['ca', 'status', '--json'])).out);
  expect(status).toMatchObject({ rootKeyHere: true, waiting: null });
  expect(status.roots[0].fingerprint).not.toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
});

test('a copy is never written over another, and is not removed if it was not made', async () => {
  expect((await harp(['ca', 'export', '--root', copy])).status).toBe(0);
  const before = await readFile(join(copy, 'root.key'), 'utf8');
  const again = await harp(['ca', 'export', '--root', copy, '--remove']);
  expect(again.status).toBe(1);
  expect(again.err).toContain('cannot be copied');
  expect(await readFile(join(copy, 'root.key'), 'utf8')).toBe(before);
  expect(await readFile(inPki('root.key'), 'utf8')).toMatch(/^harp-sealed/);
});

test.each([
  { args: ['ca', 'rotate', 'everything'], status: 2, says: /issuing/ },
  { args: ['ca', 'export'], status: 2, says: /--root/ },
])('$args is wrong usage', async ({ args, status, says }) => {
  const result = await harp(args);
  expect(result.status).toBe(status);
  expect(result.err).toMatch(says);
});

test('where there is no authority it says where it looked; with another master key it says which', async () => {
  const nowhere = await harp(['ca', 'status'], { HARP_DATA: '/nonexistent' });
  expect(nowhere).toMatchObject({ status: 1 });
  expect(nowhere.err).toContain('/nonexistent');
  const other = await harp(['ca', 'status', '--json'], { HARP_MASTER_KEY: '0'.repeat(64) });
  expect(JSON.parse(other.out).error.code).toBe('keys.wrong_master');
});

test('a new master key is refused while it comes from the environment, and seals every key file otherwise', async () => {
  const before = await readFile(inPki('root.key'), 'utf8');
  const key = (await readFile(join(broker.env.dataDir, 'keys', 'master.key'))).toString('hex');
  expect(await harp(['keys', 'rotate-master'], { HARP_MASTER_KEY: key })).toMatchObject({ status: 2 });
  expect(await readFile(inPki('root.key'), 'utf8')).toBe(before);
  expect(await harp(['keys', 'rotate-master'])).toMatchObject({ status: 0, err: '' });
  expect(await readFile(inPki('root.key'), 'utf8')).not.toBe(before);
  expect(await readFile(join(broker.env.dataDir, 'keys', 'master.key'))).toHaveLength(64);
  const sealing = await openSealing({ dataDir: broker.env.dataDir });
  expect(await readSealedFile(inPki('root.key'), PKI_KEY, sealing)).toContain('PRIVATE KEY');
});
