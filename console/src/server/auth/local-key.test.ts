import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type LocalKeys, writeLocalAccess } from './local-key.ts';

function memoryKeys(): LocalKeys & { live: Set<string> } {
  const live = new Set<string>();
  return {
    live,
    async create() {
      const key = `harpkey_${live.size}-${Math.floor(performance.now() * 1000)}`;
      live.add(key);
      return key;
    },
    find: async (key) => (live.has(key) ? { id: key, name: 'local' } : undefined),
    async revokeOthers(_name, keep) {
      for (const key of live) if (key !== keep) live.delete(key);
    },
  };
}

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'harp-local-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'data', 'cli.json');
}
const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

test('cli.json is for its owner only, and a valid key in it stays', async () => {
  const path = await place();
  const keys = memoryKeys();
  await writeLocalAccess(path, 'http://127.0.0.1:1', keys);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const first = await read(path);
  await writeLocalAccess(path, 'http://127.0.0.1:2', keys);
  expect(await read(path)).toEqual({ url: 'http://127.0.0.1:2', apiKey: first.apiKey });
});

test.each(['', '{}', '{"url":"x","apiKey":"harpkey_gone"}'])('%j is replaced, and older keys die', async (text) => {
  const path = await place();
  const keys = memoryKeys();
  await writeLocalAccess(path, 'http://127.0.0.1:1', keys);
  await writeFile(path, text);
  await writeLocalAccess(path, 'http://127.0.0.1:1', keys);
  expect([...keys.live]).toEqual([(await read(path)).apiKey]);
});
