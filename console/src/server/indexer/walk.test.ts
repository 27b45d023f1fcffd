import { type BlobId, HarpError } from '@harp/broker/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../content/changes.ts';
import type { Listing } from '../nextcloud/client.ts';
import type { DavNode } from '../nextcloud/multistatus.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createBatcher } from './batcher.ts';
import { indexKnownFiles, parentOf } from './known-files.ts';
import type { ListedFile } from './listing.ts';
import { type WalkOutcome, walkFolder } from './walk.ts';

/** A Nextcloud folder in memory: ids and ETags behave as api.md 4.2 says. */
class MemoryCloud {
  readonly files = new Map<string, { fileId: string; etag: string; content: string }>();
  readonly folderEtags = new Map<string, string>([['', 'e0']]);
  readonly encrypted = new Set<string>();
  lists: string[] = [];
  reads: string[] = [];
  failing = new Map<string, HarpError>();
  beforeList: (folder: string) => void = () => {};
  #count = 0;

  #next(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  #touch(path: string): void {
    const etag = this.#next('e');
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      this.folderEtags.set(folder, etag);
      if (folder === '') return;
    }
  }

  #dropEmptyFolders(): void {
    for (const folder of this.folderEtags.keys()) {
      if (folder !== '' && ![...this.files.keys()].some((path) => path.startsWith(`${folder}/`))) {
        this.folderEtags.delete(folder);
      }
    }
  }

  write(path: string, content: string): void {
    const fileId = this.files.get(path)?.fileId ?? this.#next('f');
    this.files.set(path, { fileId, etag: this.#next('e'), content });
    this.#touch(path);
  }

  remove(path: string): void {
    if (!this.files.delete(path)) return;
    this.#touch(path);
    this.#dropEmptyFolders();
  }

  move(from: string, to: string): void {
    const file = this.files.get(from);
    if (file === undefined || from === to) return;
    this.files.delete(from);
    this.files.set(to, file);
    this.#touch(from);
    this.#touch(to);
    this.#dropEmptyFolders();
  }

  /** Renames a folder: everything in it keeps ids and ETags. */
  moveFolder(from: string, to: string): void {
    const renamed = (path: string) => to + path.slice(from.length);
    for (const [path, file] of [...this.files]) {
      if (!path.startsWith(`${from}/`)) continue;
      this.files.delete(path);
      this.files.set(renamed(path), file);
    }
    for (const [folder, etag] of [...this.folderEtags]) {
      if (folder !== from && !folder.startsWith(`${from}/`)) continue;
      this.folderEtags.delete(folder);
      this.folderEtags.set(renamed(folder), etag);
    }
    this.#touch(from);
    this.#touch(to);
  }

  list(folder: string): Listing {
    this.lists.push(folder);
    this.beforeList(folder);
    const failure = this.failing.get(folder);
    if (failure !== undefined) throw failure;
    const etag = this.folderEtags.get(folder);
    if (etag === undefined) throw new HarpError('origin.not_found', 'gone', { facts: { status: 404 } });
    const node = (path: string, facts: Partial<DavNode>): DavNode => ({
      href: `/dav/${path.split('/').map(encodeURIComponent).join('/')}`,
      isFolder: false,
      etag: '',
      fileId: '1',
      size: 0,
      mtimeMs: 0,
      mountType: '',
      endToEndEncrypted: false,
      permissions: '',
      ...facts,
    });
    const folders = [...this.folderEtags].filter(([path]) => path !== '' && parentOf(path) === folder);
    const files = [...this.files].filter(([path]) => parentOf(path) === folder);
    return {
      self: node(folder, { isFolder: true, etag }),
      children: [
        ...folders.map(([path, own]) =>
          node(path, { isFolder: true, etag: own, endToEndEncrypted: this.encrypted.has(path) }),
        ),
        ...files.map(([path, { fileId, etag: own, content }]) =>
          node(path, { fileId, etag: own, size: content.length }),
        ),
      ],
    };
  }

  read({ path, etag }: ListedFile): { manifest: BlobId } {
    this.reads.push(path);
    const failure = this.failing.get(path);
    if (failure !== undefined) throw failure;
    const file = this.files.get(path);
    if (file === undefined || file.etag !== etag) throw new HarpError('origin.changed', 'changed');
    return { manifest: `m:${file.content}` as BlobId };
  }
}

/** The chain's side in memory: applies changes strictly, keeps marks. */
class MemoryChain {
  readonly files = new Map<string, Change & { op: 'put' }>();
  readonly marks = new Map<string, string>();
  changes: Change[] = [];

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      this.changes.push(change);
      if (change.op === 'put') {
        this.files.set(change.path, change);
        continue;
      }
      const source = change.op === 'move' ? change.from : change.path;
      const file = this.files.get(source);
      if (file === undefined) throw new Error(`${change.op} of ${source}, which is not there`);
      this.files.delete(source);
      if (change.op === 'move') this.files.set(change.path, { ...file, path: change.path });
    }
  }
}

async function walk(cloud: MemoryCloud, chain: MemoryChain, settled = true): Promise<WalkOutcome> {
  cloud.lists = [];
  cloud.reads = [];
  chain.changes = [];
  const outcome = await walkFolder(
    {
      list: async (folder) => cloud.list(folder),
      read: async (file) => cloud.read(file),
      known: indexKnownFiles(
        [...chain.files.values()].map(({ path, fileId, etag, size, mtimeMs, content }) => ({
          ...{ path, fileId, etag, size, mtimeMs },
          manifest: content.manifest,
          chunk: content.chunk,
        })),
      ),
      marks: new Map(chain.marks),
      changes: createBatcher({
        append: async (changes) => chain.apply(changes),
        clock: fakeClock(),
        limits: { maxChanges: 500, maxBytes: 1e9, maxWaitMs: 1000 },
      }),
      storeMarks: async (marks) => {
        for (const [path, etag] of marks) chain.marks.set(path, etag);
      },
      settled: async () => settled,
    },
    cloud.folderEtags.get('') as string,
  );
  for (const gone of outcome.goneFolders) {
    for (const path of chain.marks.keys()) if (path === gone || path.startsWith(`${gone}/`)) chain.marks.delete(path);
  }
  return outcome;
}

function expectSame(cloud: MemoryCloud, chain: MemoryChain): void {
  const inCloud = [...cloud.files].map(([path, { fileId, etag, content }]) => [path, fileId, etag, `m:${content}`]);
  const inChain = [...chain.files].map(([path, file]) => [path, file.fileId, file.etag, file.content.manifest]);
  expect(inChain.sort()).toEqual(inCloud.sort());
}

async function indexed(paths: Record<string, string>): Promise<{ cloud: MemoryCloud; chain: MemoryChain }> {
  const cloud = new MemoryCloud();
  const chain = new MemoryChain();
  for (const path of Object.keys(paths)) {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) cloud.folderEtags.set(folder, 'new');
  }
  for (const [path, content] of Object.entries(paths)) cloud.write(path, content);
  expect((await walk(cloud, chain)).complete).toBe(true);
  expectSame(cloud, chain);
  return { cloud, chain };
}

describe('a walk', () => {
  test('looks into changed folders only', async () => {
    const { cloud, chain } = await indexed({ 'a/b/x': '1', 'a/c/y': '2', 'd/z': '3' });
    cloud.write('a/b/x', 'one');
    await walk(cloud, chain);
    expect(cloud.lists).toEqual(['', 'a', 'a/b']);
    expect(cloud.reads).toEqual(['a/b/x']);
    expectSame(cloud, chain);
  });

  test('follows a moved file and a renamed folder without reading them again', async () => {
    const { cloud, chain } = await indexed({ 'a/b/x': '1', 'a/b/y': '2', z: '3' });
    cloud.moveFolder('a/b', 'a/renamed');
    cloud.move('z', 'a/z2');
    await walk(cloud, chain);
    expect(cloud.reads).toEqual([]);
    expect(chain.changes.map(({ op }) => op)).toEqual(['move', 'move', 'move']);
    expectSame(cloud, chain);
    expect([...chain.marks.keys()].sort()).toEqual(['', 'a', 'a/renamed']);
  });

  test('an office program that saves by renaming costs one read and one move', async () => {
    const { cloud, chain } = await indexed({ 'plan.dwg': 'old', 'plan.bak': 'older' });
    cloud.remove('plan.bak');
    cloud.move('plan.dwg', 'plan.bak');
    cloud.write('plan.dwg', 'new');
    await walk(cloud, chain);
    expect(cloud.reads).toEqual(['plan.dwg']);
    expect(chain.changes.map(({ op, path }) => `${op} ${path}`)).toEqual(['move plan.bak', 'put plan.dwg']);
    expectSame(cloud, chain);
  });

  test('a file that became a folder and a folder that became a file', async () => {
    const { cloud, chain } = await indexed({ a: '1', 'b/x': '2' });
    cloud.remove('a');
    cloud.folderEtags.set('a', 'dir');
    cloud.write('a/inner', '3');
    cloud.remove('b/x');
    cloud.write('b', '4');
    await walk(cloud, chain);
    const order = chain.changes.map(({ op, path }) => `${op} ${path}`);
    expect(order.indexOf('delete a')).toBeLessThan(order.indexOf('put a/inner'));
    expect(order.indexOf('delete b/x')).toBeLessThan(order.indexOf('put b'));
    expectSame(cloud, chain);
  });

  test('leaves out encrypted folders, uploads under way and impossible names, and says why', async () => {
    const { cloud, chain } = await indexed({ ok: '1' });
    cloud.folderEtags.set('secret', 's');
    cloud.encrypted.add('secret');
    cloud.write('secret/x', '2');
    cloud.write('video.mp4.part', '3');
    cloud.write('bad\\name', '4');
    const outcome = await walk(cloud, chain);
    expect([...chain.files.keys()]).toEqual(['ok']);
    expect(outcome).toMatchObject({ complete: true, problems: [{ path: 'bad\\name', code: 'name.refused' }] });
  });

  test('a file that fails holds up nothing else and is tried again next time', async () => {
    const { cloud, chain } = await indexed({ 'a/x': '1', 'b/y': '2' });
    cloud.write('a/x', 'one');
    cloud.write('b/y', 'two');
    cloud.failing.set('a/x', new HarpError('origin.unexpected', 'broken', { facts: { status: 500 } }));
    const outcome = await walk(cloud, chain);
    expect(outcome).toMatchObject({ complete: false, problems: [{ path: 'a/x', code: 'origin.unexpected' }] });
    expect(chain.marks.get('b')).toBe(cloud.folderEtags.get('b'));
    cloud.failing.clear();
    expect((await walk(cloud, chain)).complete).toBe(true);
    expect(cloud.reads).toEqual(['a/x']);
    expectSame(cloud, chain);
  });

  test('a file that may not be read is a problem, not an obstacle', async () => {
    const { cloud, chain } = await indexed({ 'a/x': '1' });
    cloud.write('a/x', 'one');
    cloud.failing.set('a/x', new HarpError('origin.forbidden', 'access control', { facts: { status: 403 } }));
    expect(await walk(cloud, chain)).toMatchObject({ complete: true, problems: [{ code: 'origin.forbidden' }] });
  });

  test('a refused credential ends the walk at once', async () => {
    const { cloud, chain } = await indexed({ ok: '1' });
    for (let n = 0; n < 100; n++) cloud.write(`f${n}`, `${n}`);
    cloud.failing.set('f0', new HarpError('origin.unauthorised', 'refused', { facts: { status: 401 } }));
    await expect(walk(cloud, chain)).rejects.toMatchObject({ code: 'origin.unauthorised' });
  });

  test('a listing that fails deletes nothing below it', async () => {
    const { cloud, chain } = await indexed({ 'a/x': '1', b: '2' });
    cloud.write('a/y', '3');
    cloud.failing.set('a', new HarpError('origin.unreachable', 'storage', { facts: { status: 503 } }));
    expect((await walk(cloud, chain)).complete).toBe(false);
    expect(chain.changes).toEqual([]);
  });

  test('a file moved while the walk is under way is not deleted: the next walk moves it', async () => {
    const { cloud, chain } = await indexed({ 'a/x': '1', 'b/y': '2' });
    cloud.write('a/new', '3');
    cloud.write('b/new', '4');
    cloud.beforeList = (folder) => {
      if (folder === 'b') cloud.move('b/y', 'a/y');
    };
    expect((await walk(cloud, chain, false)).complete).toBe(false);
    expect(chain.files.has('b/y')).toBe(true);
    cloud.beforeList = () => {};
    expect((await walk(cloud, chain)).complete).toBe(true);
    expect(chain.changes).toMatchObject([{ op: 'move', from: 'b/y', path: 'a/y' }]);
    expectSame(cloud, chain);
  });

  test('a file that changes while it is read keeps its folder unmarked', async () => {
    const { cloud, chain } = await indexed({ 'a/x': '1' });
    cloud.write('a/x', '2');
    cloud.failing.set('a/x', new HarpError('origin.changed', 'changed'));
    expect((await walk(cloud, chain)).complete).toBe(false);
    expect(chain.marks.get('a')).not.toBe(cloud.folderEtags.get('a'));
  });

  type Edit = { kind: 'write' | 'remove' | 'move' | 'moveFolder'; a: number; b: number };
  const edits = fc.array(
    fc.record({
      kind: fc.constantFrom<Edit['kind']>('write', 'write', 'remove', 'move', 'moveFolder'),
      a: fc.nat(8),
      b: fc.nat(8),
    }),
    { maxLength: 12 },
  );

  test('whatever people do between walks, the chain ends up as the folder is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 6 }), async (rounds) => {
        const cloud = new MemoryCloud();
        const chain = new MemoryChain();
        const pathOf = (n: number) => `d${n % 3}/s${n % 2}/f${n}`;
        for (const round of rounds) {
          for (const { kind, a, b } of round) {
            const [from, to] = [pathOf(a), pathOf(b)];
            if (kind === 'write') cloud.write(from, `${a}.${b}`);
            else if (kind === 'remove') cloud.remove(from);
            else if (kind === 'move') cloud.move(from, to);
            else {
              const [source, target] = [parentOf(from), parentOf(to)];
              const isFree = ![...cloud.files.keys()].some((path) => path.startsWith(`${target}/`));
              if (isFree && cloud.folderEtags.has(source) && source !== target) cloud.moveFolder(source, target);
            }
          }
          expect((await walk(cloud, chain)).complete).toBe(true);
          expectSame(cloud, chain);
        }
      }),
      { numRuns: 300 },
    );
  });
});
