import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecrets, openSecrets } from './secrets.ts';
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
    const signers = await Promise.all(Array.from({ length: 8 }, () => openSigner(dataDir, randomBytes)));
    expect(new Set(signers.map(({ key }) => key.key)).size).toBe(1);
    const [first, second] = await Promise.all([openSecrets(dataDir, randomBytes), openSecrets(dataDir, randomBytes)]);
    expect(second.open(place, first.seal(place, 'x'))).toBe('x');
    for (const file of ['signing.pem', 'master.key']) {
      expect((await stat(path.join(dataDir, 'keys', file))).mode & 0o777).toBe(0o600);
    }
  });
});
