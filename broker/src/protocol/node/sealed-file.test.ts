import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSealedFile, writeSealedFile } from './sealed-file.ts';
import { createSealing, openMasterKey, openSealing } from './sealing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harp-sealed-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const sealing = createSealing(randomBytes(32));

describe('a sealed file', () => {
  test('gives back any text, says nothing of it, and is for its owner only', async () => {
    const path = join(dir, 'a.key');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 4 }), async (text) => {
        await writeSealedFile(path, 'kind', text, sealing);
        expect(await readSealedFile(path, 'kind', sealing)).toBe(text);
        expect(await readFile(path, 'utf8')).toMatch(/^harp-sealed\.v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]+\n$/);
      }),
      { numRuns: 30 },
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readSealedFile(join(dir, 'b.key'), 'kind', sealing)).toBeUndefined();
  });

  test('in clear is sealed where it is when it is first read', async () => {
    const path = join(dir, 'a.key');
    await writeFile(path, 'a key in clear', { mode: 0o644 });
    expect(await readSealedFile(path, 'kind', sealing)).toBe('a key in clear');
    expect(await readFile(path, 'utf8')).not.toContain('clear');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readSealedFile(path, 'kind', sealing)).toBe('a key in clear');
  });

  test('of another master key is named as such and left as it is', async () => {
    const path = join(dir, 'a.key');
    await writeSealedFile(path, 'kind', 'text', sealing);
    const before = await readFile(path, 'utf8');
    const other = createSealing(randomBytes(32));
    await expect(readSealedFile(path, 'kind', other)).rejects.toMatchObject({
      code: 'keys.wrong_master',
      facts: { path, sealedWith: sealing.keyId, present: other.keyId },
    });
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('that was changed anywhere, or is read as another kind, is damaged', async () => {
    const path = join(dir, 'a.key');
    await writeSealedFile(path, 'kind', 'text', sealing);
    await expect(readSealedFile(path, 'other kind', sealing)).rejects.toMatchObject({ code: 'keys.damaged' });
    const good = await readFile(path, 'utf8');
    const bodyAt = good.lastIndexOf('.') + 1;
    for (let at = bodyAt; at < good.length - 2; at += 3) {
      await writeFile(path, `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`);
      await expect(readSealedFile(path, 'kind', sealing)).rejects.toMatchObject({ code: 'keys.damaged' });
    }
  });
});

describe('the master key', () => {
  test('is made once, by whoever comes first', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => openSealing({ dataDir: dir })));
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
    expect((await stat(join(dir, 'keys', 'master.key'))).mode & 0o777).toBe(0o600);
  });

  test('that is lost is not made anew while something is sealed with it', async () => {
    const first = await openSealing({ dataDir: dir });
    await writeSealedFile(join(dir, 'keys', 'signing.pem'), 'kind', 'text', first);
    await rm(join(dir, 'keys', 'master.key'));
    await expect(openSealing({ dataDir: dir })).rejects.toMatchObject({ code: 'keys.wrong_master' });
    expect(await readdir(join(dir, 'keys'))).toEqual(['signing.pem']);
  });

  test('from the environment is used instead of the file, which is not made', async () => {
    const masterKey = randomBytes(32).toString('hex');
    expect(await openMasterKey({ dataDir: dir, masterKey })).toEqual(Buffer.from(masterKey, 'hex'));
    expect(await readdir(dir)).toEqual([]);
  });
});
