import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, blobIdOf, type ChunkId, type Manifest, toHex } from '@harp/broker/protocol';
import { sha3, sha256 } from '@harp/broker/protocol/node';
import { expect, onTestFinished, test } from 'vitest';
import { folderA, folderB, noise } from '../../test/fakes/files-side.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { createChunkCache } from './chunk-cache.ts';
import { type ChunkPlace, openChunkIndex } from './chunk-index.ts';
import { openFileTable } from './file-table.ts';
import { openStore } from './index.ts';
import { createOpenFiles } from './open-files.ts';
import { openPathTable } from './path-table.ts';
import { openState } from './state.ts';

const KiB = 1024;
const idOf = (bytes: Uint8Array) => toHex(sha256(bytes)) as ChunkId;

async function tempState() {
  const state = openState(await tempFolder());
  onTestFinished(() => state.close());
  return state;
}

/** A store with one folder whose root exists. */
async function storeWithFolder() {
  const base = await tempFolder();
  const state = openState(join(base, 'db'));
  const store = await openStore({ state, filesDir: join(base, 'files'), log: silentLog });
  onTestFinished(async () => {
    await store.close();
    await state.close();
  });
  const { number } = await store.folders.ensure(folderA, 'Sales');
  const root = join(base, 'files/Sales');
  await mkdir(root, { recursive: true });
  store.folders.setActive(folderA, true);
  return { store, number, root };
}

/** A manifest of these chunks; sizes need not be what the protocol asks for. */
function manifestOfChunks(...chunks: Uint8Array[]): Manifest {
  const list = chunks.map((bytes) => ({ id: idOf(bytes), size: bytes.length }));
  return { size: list.reduce((sum, { size }) => sum + size, 0), chunks: list };
}

test('a chunk is written at every place that waits for it, and can be read from there', async () => {
  const { store, number, root } = await storeWithFolder();
  const { chunks, partials } = store;
  const [a, b] = [noise(300 * KiB, 1), noise(300 * KiB, 2)];
  const one = await partials.open({ folder: number, root, hiddenPath: 'one', manifest: manifestOfChunks(a, b) });
  const two = await partials.open({ folder: number, root, hiddenPath: 'two', manifest: manifestOfChunks(b, a, b) });
  for (const position of [0, 1]) chunks.expect(one, position);
  for (const position of [0, 1, 2]) chunks.expect(two, position);
  const told: ChunkId[] = [];
  chunks.onDidStore((id) => told.push(id));
  await chunks.put(idOf(b), b, 'origin');
  expect(one.has(1) && two.has(0) && two.has(2)).toBe(true);
  expect([one.missingCount, two.missingCount]).toEqual([1, 1]);
  expect(told).toEqual([idOf(b)]);
  // The network carried it once.
  expect(one.sources.origin + two.sources.origin).toBe(b.length);
  expect(Buffer.from((await chunks.read(idOf(b)))!).equals(b)).toBe(true);
  expect(store.view.chunkBelongsTo(idOf(a), folderA)).toBe(true);
  expect(store.view.chunkBelongsTo(idOf(a), folderB)).toBe(false);
});

test('bytes that do not match are refused and written nowhere', async () => {
  const { store, number, root } = await storeWithFolder();
  const wanted = noise(1000, 3);
  const partial = await store.partials.open({
    folder: number,
    root,
    hiddenPath: 'p',
    manifest: manifestOfChunks(wanted),
  });
  store.chunks.expect(partial, 0);
  await expect(store.chunks.put(idOf(wanted), noise(1000, 4), 'peer')).rejects.toMatchObject({
    code: 'chunk.digest_mismatch',
  });
  expect(partial.missingCount).toBe(1);
  expect(store.chunks.has(idOf(wanted))).toBe(false);
});

test('a place whose bytes changed is forgotten, another one is used', async () => {
  const { store, number, root } = await storeWithFolder();
  const bytes = noise(2000, 5);
  const id = idOf(bytes);
  for (const path of ['first', 'second']) {
    const file = store.files.allocate();
    await writeFile(join(root, path), bytes);
    await store.files.put(file, { folder: number, path, sizeBytes: 2000, mtimeMs: 0, kind: 'held' });
    await store.index.add(id, { file, offset: 0, sizeBytes: 2000 });
  }
  await writeFile(join(root, 'first'), noise(2000, 6));
  expect(await store.chunks.read(id)).toEqual(bytes);
  expect([...store.index.places(id)]).toHaveLength(1);
});

test('a chunk of which no place is left is not held any more', async () => {
  const { store, number, root } = await storeWithFolder();
  const bytes = noise(2000, 7);
  const id = idOf(bytes);
  const file = store.files.allocate();
  await store.files.put(file, { folder: number, path: 'gone', sizeBytes: 2000, mtimeMs: 0, kind: 'held' });
  await store.index.add(id, { file, offset: 0, sizeBytes: 2000 });
  expect(store.chunks.has(id)).toBe(true);
  await rm(join(root, 'gone'), { force: true });
  expect(await store.chunks.read(id)).toBeUndefined();
  expect(store.chunks.has(id)).toBe(false);
});

test('a file that is being renamed is not forgotten by a reader who comes in between', async () => {
  const { store, number, root } = await storeWithFolder();
  const bytes = noise(2000, 8);
  const id = idOf(bytes);
  const file = store.files.allocate();
  await writeFile(join(root, 'before'), bytes);
  const row = { folder: number, path: 'before', sizeBytes: 2000, mtimeMs: 0, kind: 'held' as const };
  await store.files.put(file, row);
  await store.index.add(id, { file, offset: 0, sizeBytes: 2000 });
  let renamed!: () => void;
  const goOn = new Promise<void>((resolve) => (renamed = resolve));
  const moving = store.files.whileMoving([file], async () => {
    await rename(join(root, 'before'), join(root, 'after'));
    await goOn;
    await store.files.put(file, { ...row, path: 'after' });
  });
  const reading = store.chunks.read(id);
  renamed();
  await moving;
  expect(await reading).toEqual(bytes);
});

test('chunks of files that are not Harp’s are used, and served to nobody', async () => {
  const { store, number, root } = await storeWithFolder();
  const bytes = noise(500, 9);
  const file = store.files.allocate();
  await writeFile(join(root, 'private'), bytes);
  await store.files.put(file, { folder: number, path: 'private', sizeBytes: 500, mtimeMs: 0, kind: 'local' });
  await store.index.add(idOf(bytes), { file, offset: 0, sizeBytes: 500 });
  expect(await store.chunks.read(idOf(bytes))).toEqual(bytes);
  expect(store.view.chunkBelongsTo(idOf(bytes), folderA)).toBe(false);
});

test('a partial file of an earlier process is taken up with exactly the chunks that are right', async () => {
  const { store, number, root } = await storeWithFolder();
  const parts = [1, 2, 3, 4].map((seed) => noise(1000, seed));
  const content = Buffer.concat([parts[0]!, Buffer.alloc(1000), parts[2]!, noise(1000, 99)]);
  await writeFile(join(root, 'p'), content);
  const row = { folder: number, path: 'p', sizeBytes: 0, mtimeMs: 0, kind: 'retired' as const };
  await store.files.put(store.files.allocate(), row);
  const partial = await store.partials.open({
    folder: number,
    root,
    hiddenPath: 'p',
    manifest: manifestOfChunks(...parts),
  });
  expect([0, 1, 2, 3].filter((position) => partial.has(position))).toEqual([0, 2]);
  expect(store.chunks.has(idOf(parts[2]!))).toBe(true);
});

test('blobs are checked, kept while somebody claims them, and belong to who does', async () => {
  const { store, number } = await storeWithFolder();
  const bytes = noise(100, 10);
  const id = blobIdOf(bytes, sha3);
  await expect(store.blobs.put(id, noise(100, 11))).rejects.toMatchObject({ code: 'blob.digest_mismatch' });
  await store.blobs.claim(id, number, 5);
  await store.blobs.claim(id, number, 6);
  await store.blobs.put(id, bytes);
  expect(store.view.blobBelongsTo(id, folderA)).toBe(true);
  await store.blobs.release(id, number, 5);
  expect(new Uint8Array(store.blobs.get(id)!)).toEqual(bytes);
  await store.blobs.release(id, number, 6);
  expect(store.blobs.get(id)).toBeUndefined();
  expect(store.view.blobBelongsTo('0'.repeat(64) as BlobId, folderA)).toBe(false);
});

test('sweeping drops places of files that are gone and no others', async () => {
  const state = await tempState();
  const index = openChunkIndex(state);
  const expected = new Map<ChunkId, ChunkPlace[]>();
  for (let number = 0; number < 1300; number++) {
    const id = idOf(Buffer.from(String(number % 900)));
    const place = { file: number, offset: number * 7, sizeBytes: 10 };
    void index.add(id, place);
    if (number % 3 > 0) expected.set(id, [...(expected.get(id) ?? []), place]);
  }
  await index.add(idOf(Buffer.from('last')), { file: 1, offset: 0, sizeBytes: 1 });
  await index.sweep((file) => file % 3 > 0, new AbortController().signal);
  for (let number = 0; number < 900; number++) {
    const id = idOf(Buffer.from(String(number)));
    expect([...index.places(id)]).toEqual(expected.get(id) ?? []);
  }
});

test('file numbers are never given twice, also after a crash', async () => {
  const dir = await tempFolder();
  const given = new Set<number>();
  for (let life = 0; life < 3; life++) {
    const state = openState(dir);
    const files = openFileTable(state);
    for (let count = 0; count < 5000; count++) given.add(files.allocate());
    await state.close();
  }
  expect(given.size).toBe(15_000);
});

test('whether anything lies below a path is told exactly, however long the path is', async () => {
  const table = openPathTable<number>(await tempState(), 'rows');
  const name = 'x'.repeat(251);
  const deep = `${name}/${name}/${name}`;
  const paths = ['a/b', `${name}.txt`, `${name}/plain`, `${deep}/hashed`, `${deep}.side`, `${name}/${name}-`];
  await Promise.all(paths.map((path, row) => table.put(1, path, row)));
  const asked = [
    'a/',
    'a/b/',
    `${name}.txt/`,
    `${name}/`,
    `${name}/plain/`,
    `${name}/${name}/`,
    `${deep}/`,
    `${deep}/hashed/`,
    `${deep}.side/`,
  ];
  expect(asked.filter((prefix) => table.anyUnder(1, prefix))).toEqual(
    asked.filter((prefix) => paths.some((path) => path.startsWith(prefix))),
  );
});

test('rows have any path as a key, stay in their folder, and come in pages', async () => {
  const table = openPathTable<number>(await tempState(), 'rows');
  const long = 'ü'.repeat(1300);
  const paths = ['a', 'a/b', 'a-b', 'a/c', 'b', `${long}/x`, `${long}/y`, '👍', 'ﬀ'];
  await Promise.all(paths.flatMap((path, row) => [table.put(1, path, row), table.put(2, path, -row)]));
  for (const [row, path] of paths.entries()) expect(table.get(1, path)).toBe(row);
  const found: string[] = [];
  for (let page = table.page(1, undefined, 2); page.length > 0; page = table.page(1, page.at(-1)!.path, 2)) {
    for (const { path, row } of page) {
      expect(paths[row]).toBe(path);
      found.push(path);
    }
  }
  expect(found.sort()).toEqual([...paths].sort());
  expect(['a/', 'b/', `${long}/`].map((prefix) => table.anyUnder(1, prefix))).toEqual([true, false, true]);
  await table.clear(1);
  expect(table.page(1, undefined, 10)).toEqual([]);
  expect(table.get(2, 'b')).toBe(-4);
});

test('a write is seen by the next read, long before it is on disk', async () => {
  const table = openPathTable<string>(await tempState(), 'rows');
  const first = table.put(1, 'p', 'one');
  const second = table.put(1, 'p', 'two');
  expect(table.get(1, 'p')).toBe('two');
  await first;
  expect(table.get(1, 'p')).toBe('two');
  const removal = table.remove(1, 'p');
  expect(table.get(1, 'p')).toBeUndefined();
  await Promise.all([second, removal]);
  expect(table.get(1, 'p')).toBeUndefined();
});

test('the cache keeps what was used last, within its bytes', () => {
  const cache = createChunkCache(3000);
  const ids = [1, 2, 3, 4].map((seed) => idOf(noise(1000, seed)));
  for (const seed of [1, 2, 3]) cache.add(ids[seed - 1]!, noise(1000, seed));
  cache.get(ids[0]!);
  cache.add(ids[3]!, noise(1000, 4));
  expect(ids.map((id) => cache.has(id))).toEqual([true, false, true, true]);
  cache.add(idOf(noise(5000, 5)), noise(5000, 5));
  expect(cache.has(idOf(noise(5000, 5)))).toBe(false);
});

test('the cache gives its memory back once nothing was read or added for a whole sweep', () => {
  const cache = createChunkCache(3000);
  const id = idOf(noise(1000, 1));
  cache.add(id, noise(1000, 1));
  expect(cache.sweep()).toBe(false);
  expect(cache.get(id)).toBeDefined();
  expect(cache.sweep()).toBe(false);
  expect(cache.has(id)).toBe(true);
  expect(cache.sweep()).toBe(true);
  expect(cache.has(id)).toBe(false);
  expect(cache.sweep()).toBe(false);
  cache.add(id, noise(1000, 1));
  expect(cache.get(id)).toBeDefined();
});

test('open files are bounded, reused, and closed only when nobody uses them', async () => {
  const open = new Set<string>();
  const files = createOpenFiles(2);
  const use = (path: string, action: () => Promise<void> = async () => undefined) =>
    files.use(
      path,
      async () => {
        open.add(path);
        return { close: async () => void open.delete(path) } as never;
      },
      action,
    );
  let finish!: () => void;
  const busy = use('busy', () => new Promise<void>((resolve) => (finish = resolve)));
  for (const path of ['a', 'b', 'c', 'd']) await use(path);
  expect(open.has('busy')).toBe(true);
  expect(open.size).toBeLessThanOrEqual(2);
  finish();
  await busy;
  await files.closeAll();
  expect(open.size).toBe(0);
});
