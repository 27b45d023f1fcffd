import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { handshake } from '../../test/handshake.ts';
import { legacyCa } from '../../test/legacy-ca.ts';
import { systemClock } from '../ports.ts';
import { createSealing } from '../protocol/node/index.ts';
import { type Authority, openAuthority } from './authority.ts';
import { openCsr } from './csr.ts';
import { openPki } from './pki.ts';
import { joinPem, openPkiFiles, type PkiFiles } from './pki-files.ts';

const sealing = createSealing(randomBytes(32));
const clock = systemClock;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harp-authority-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

class Crash extends Error {}

/** Files of a machine whose power fails before its change number `lasts`, counted from 0. */
function failing(files: PkiFiles, lasts: number): PkiFiles {
  let changes = 0;
  const unlessOff = <A extends unknown[]>(change: (...given: A) => Promise<void>) => {
    return async (...given: A): Promise<void> => {
      if (changes >= lasts) throw new Crash();
      changes += 1;
      await change(...given);
    };
  };
  const wrapped: PkiFiles = {
    ...files,
    writeKey: unlessOff(files.writeKey),
    writeCertificate: unlessOff(files.writeCertificate),
    move: unlessOff(files.move),
    remove: unlessOff(files.remove),
    async writePair(name, { key, certificate }) {
      await wrapped.writeKey(name, key);
      await wrapped.writeCertificate(name, certificate);
    },
  };
  return wrapped;
}

/** Runs `change` on copies of `dir` that fail one change later each time; resolves to the copies it left, the last of which is whole. */
async function cutShortEverywhere(
  dir: string,
  change: (files: PkiFiles) => Promise<unknown>,
): Promise<{ left: string; isWhole: boolean }[]> {
  const copies: { left: string; isWhole: boolean }[] = [];
  for (let lasts = 0; lasts < 100; lasts++) {
    const left = `${dir}-cut-${lasts}`;
    await cp(dir, left, { recursive: true });
    const outcome = await change(failing(await openPkiFiles(left, sealing), lasts)).then(
      () => 'whole',
      (error: unknown) => error,
    );
    if (outcome !== 'whole' && !(outcome instanceof Crash)) throw outcome;
    copies.push({ left, isWhole: outcome === 'whole' });
    if (outcome === 'whole') return copies;
  }
  throw new Error('it does not end');
}

async function agentOf(dir: string) {
  const pki = await openPki({ dir, sealing, serverNames: ['127.0.0.1'], clock });
  const { key, csr } = await testKey();
  const { certificate } = await pki.issueFor(await openCsr(csr));
  return { key, certificate, ca: pki.ca };
}

const orders: { name: string; before: (authority: Authority) => Promise<void>; change: keyof Authority }[] = [
  { name: 'a new intermediate', before: async () => undefined, change: 'rotateIssuing' },
  { name: 'the introduction of a root', before: async () => undefined, change: 'introduceRoot' },
  { name: 'the step to the new root', before: (authority) => authority.introduceRoot(), change: 'promote' },
  {
    name: 'the end of the old root',
    async before(authority) {
      await authority.introduceRoot();
      await authority.promote();
    },
    change: 'dropOldRoot',
  },
];

describe.each(['a new installation', 'an installation that began with a single CA'])('in %s', (kind) => {
  test.each(orders)('a crash anywhere in $name leaves everybody connected', async ({ before, change }) => {
    const dir = join(folder, 'pki');
    if (kind !== 'a new installation') await writeLegacy(dir);
    await before(await openAuthority(await openPkiFiles(dir, sealing), clock));
    const agent = await agentOf(dir);
    const copies = await cutShortEverywhere(dir, async (files) => {
      const authority = await openAuthority(files, clock);
      await (authority[change] as () => Promise<void>)();
    });
    expect(copies.filter(({ isWhole }) => !isWhole).length).toBeGreaterThan(1);
    for (const { left } of copies) {
      const pki = await openPki({ dir: left, sealing, serverNames: ['127.0.0.1'], clock });
      expect(await handshake(pki.server(), agent)).toMatchObject({ role: 'agent' });
      expect(await handshake(pki.server(), { ...pki.service('console'), ca: pki.ca })).toMatchObject({
        role: 'service',
      });
    }
  });
});

test('a crash anywhere in the change from a single CA loses neither its key nor its agents', async () => {
  const dir = join(folder, 'pki');
  const ca = await writeLegacy(dir);
  const agent = { ...(await ca.agent()), ca: ca.certificate };
  const copies = await cutShortEverywhere(dir, (files) => openAuthority(files, clock));
  expect(copies.length).toBeGreaterThan(3);
  for (const { left } of copies) {
    const pki = await openPki({ dir: left, sealing, serverNames: ['127.0.0.1'], clock });
    expect(pki.caFingerprint).toBe(ca.fingerprint);
    expect(await pki.hasRootKey()).toBe(true);
    expect(await handshake(pki.server(), agent)).toMatchObject({ role: 'agent' });
  }
});

test('while a root is introduced, neither another one nor an intermediate can be made', async () => {
  const authority = await openAuthority(await openPkiFiles(join(folder, 'pki'), sealing), clock);
  await authority.introduceRoot();
  await expect(authority.introduceRoot()).rejects.toMatchObject({ code: 'ca.rotation_pending' });
  await expect(authority.rotateIssuing()).rejects.toMatchObject({ code: 'ca.rotation_pending' });
  expect(authority.serverChain()).toBe(joinPem(authority.issuing(), authority.root()));
  await authority.promote();
  await expect(authority.introduceRoot()).rejects.toMatchObject({ code: 'ca.rotation_pending' });
  await authority.rotateIssuing();
  await authority.dropOldRoot();
  await authority.introduceRoot();
});

async function writeLegacy(dir: string) {
  const ca = await legacyCa();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'ca.key'), ca.key);
  await writeFile(join(dir, 'ca.crt'), ca.certificate);
  return ca;
}
