import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSigner, generateSigningKeyPem, openSealing } from '@harp/broker/protocol/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecrets, secretsWith } from './secrets.ts';
import { openSigner } from './signing-key.ts';

const place = { table: 'Nextcloud', column: 'passwordSealed', id: 'nxc-1' };

describe('sealed secrets', () => {
  const secrets = createSecrets(randomBytes(32), randomBytes);

  test('open gives back what was sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(secrets.open(place, secrets.seal(place, text))).toBe(text);
      }),
    );
  });

  test('a secret cannot be moved to another table, column or row', () => {
    const sealed = secrets.seal(place, 'hunter2');
    for (const other of [
      { ...place, table: 'FolderOffice' },
      { ...place, column: 'tokenSealed' },
      { ...place, id: 'nxc-2' },
    ]) {
      expect(() => secrets.open(other, sealed)).toThrow(expect.objectContaining({ code: 'internal.unexpected' }));
    }
  });

  test('any changed byte is noticed', () => {
    const sealed = secrets.seal(place, 'hunter2');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 1;
      expect(() => secrets.open(place, `v1.${changed.toString('base64url')}`)).toThrow();
    }
    expect(() => secrets.open(place, 'hunter2')).toThrow();
  });

  test('another master key opens nothing', () => {
    const other = createSecrets(randomBytes(32), randomBytes);
    expect(() => other.open(place, secrets.seal(place, 'hunter2'))).toThrow();
  });
});

describe('key files', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'harp-keys-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  test('are made once, even by openers at the same time, and readable by their owner only', async () => {
    const signers = await Promise.all(Array.from({ length: 8 }, () => openSigner({ dataDir })));
    expect(new Set(signers.map(({ key }) => key.key)).size).toBe(1);
    const [first, second] = (await Promise.all([openSealing({ dataDir }), openSealing({ dataDir })])).map(secretsWith);
    expect(second?.open(place, first?.seal(place, 'x') ?? '')).toBe('x');
    for (const file of ['signing.pem', 'master.key']) {
      expect((await stat(path.join(dataDir, 'keys', file))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(path.join(dataDir, 'keys', 'signing.pem'), 'utf8')).not.toContain('PRIVATE KEY');
  });

  test('a signing key in clear of an older installation is sealed and stays the same key', async () => {
    const older = path.join(dataDir, 'older');
    const pem = generateSigningKeyPem();
    await mkdir(path.join(older, 'keys'), { recursive: true });
    await writeFile(path.join(older, 'keys', 'signing.pem'), pem, { mode: 0o600 });
    for (let start = 0; start < 2; start++) {
      expect((await openSigner({ dataDir: older })).key).toEqual(createSigner(pem).key);
      expect(await readFile(path.join(older, 'keys', 'signing.pem'), 'utf8')).toMatch(/^harp-sealed\.v1\./);
    }
  });
});
