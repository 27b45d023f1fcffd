import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeChain } from '../../test/fakes/files-side.ts';
import { filesBelow, startFileAgent, until } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { verifyFolder } from './index.ts';

const text = (content: string) => new TextEncoder().encode(content);
const put = (path: string) => ({ op: 'put' as const, path, content: text(path) });

test('names that Windows cannot store arrive under others, and the way back is known', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain, platform: 'win32' });
  agent.sync.offerHead(chain.folder, chain.append(put('aux/a:b.txt'), put('plain.txt')));
  await agent.reaches('complete');
  const [mapped = ''] = Object.keys(await filesBelow(agent.root)).filter((path) => path !== 'plain.txt');
  expect(mapped).toMatch(/^_aux~[0-9a-f]{12}\/a_b~[0-9a-f]{12}\.txt$/);
  // Written after the file is complete.
  await expect.poll(() => agent.outbox.of('name.mapped')).toMatchObject([{ path: 'aux/a:b.txt', storedAs: mapped }]);
  const { number } = agent.store.folders.get(chain.folder)!;
  expect(agent.store.journal.atStored(number, mapped)?.path).toBe('aux/a:b.txt');
  agent.sync.offerHead(chain.folder, chain.append({ op: 'delete', path: 'aux/a:b.txt' }));
  await agent.reaches('complete');
  expect(Object.keys(await filesBelow(agent.root))).toEqual(['plain.txt']);
});

test.each(['segments', 'snapshot'] as const)(
  'names that differ in case only: whatever the order, the one that sorts first keeps its name (%s)',
  async (by) => {
    const stored: string[][] = [];
    for (const order of [
      ['Readme', 'README', 'dir/x', 'DIR/y'],
      ['DIR/y', 'README', 'dir/x', 'Readme'],
    ]) {
      const chain = fakeChain();
      const agent = await startFileAgent({ base: await tempFolder(), chain, platform: 'darwin' });
      for (const path of order) {
        const head = chain.append(put(path));
        if (by === 'snapshot') chain.snapshot();
        agent.sync.offerHead(chain.folder, by === 'snapshot' ? chain.head() : head);
        await agent.reaches('complete');
      }
      const files = await filesBelow(agent.root);
      expect(files.README?.toString()).toBe('README');
      expect(files['DIR/y']?.toString()).toBe('DIR/y');
      expect(Object.values(files).map(String).sort()).toEqual([...order].sort());
      expect(new Set(Object.keys(files).map((path) => path.toLowerCase())).size).toBe(order.length);
      stored.push(Object.keys(files).sort());
      // Without its rival a name is free again.
      agent.swarm.asked.length = 0;
      agent.sync.offerHead(
        chain.folder,
        chain.append({ op: 'delete', path: 'README' }, { op: 'delete', path: 'DIR/y' }),
      );
      await agent.reaches('complete');
      expect(Object.keys(await filesBelow(agent.root)).sort()).toEqual(['Readme', 'dir/x']);
      expect(agent.swarm.asked).toEqual([]);
    }
    expect(stored[0]).toEqual(stored[1]);
  },
);

test('a path that is a file and a directory at once is neither', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.sync.offerHead(chain.folder, chain.append(put('a'), put('a/b'), put('c')));
  await agent.reaches('blocked');
  expect(Object.keys(await filesBelow(agent.root))).toEqual(['c']);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'delete', path: 'a' }));
  await agent.reaches('complete');
  expect(Object.keys(await filesBelow(agent.root)).sort()).toEqual(['a/b', 'c']);
});

test('a file can take the place of a directory and the other way round', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.sync.offerHead(chain.folder, chain.append(put('a/b/c'), put('x')));
  await agent.reaches('complete');
  agent.sync.offerHead(
    chain.folder,
    chain.append({ op: 'delete', path: 'a/b/c' }, { op: 'delete', path: 'x' }, put('a'), put('x/y')),
  );
  await agent.reaches('complete');
  expect(Object.keys(await filesBelow(agent.root)).sort()).toEqual(['a', 'x/y']);
  expect(agent.outbox.of('file.kept_aside')).toEqual([]);
});

test('verify names every file that is not as signed, beside a running agent', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(chain.folder, chain.append(...['ok', 'changed', 'missing', 'd/link'].map(put)));
  await agent.reaches('complete');
  await until(() => agent.outbox.of('folder.completed').length === 1);
  const { writeFile, rm, symlink } = await import('node:fs/promises');
  await writeFile(join(agent.root, 'changed'), 'CHANGED');
  await rm(join(agent.root, 'missing'));
  await rm(join(agent.root, 'd/link'));
  await symlink(join(agent.root, 'ok'), join(agent.root, 'd/link'));
  const progress: number[] = [];
  const result = await verifyFolder({
    state: agent.store.state,
    filesDir: join(base, 'files'),
    folder: chain.folder,
    onFile: (done, total) => progress.push(done / total),
  });
  expect(result).toMatchObject({ seq: 4, link: chain.position.link, files: 4, bytes: 22 });
  expect(result.bad.map(({ path, problem }) => [path, problem])).toEqual([
    ['changed', 'wrong_content'],
    ['d/link', 'wrong_content'],
    ['missing', 'missing'],
  ]);
  expect(progress.at(-1)).toBe(1);
  expect((await readFile(join(agent.root, 'ok'))).toString()).toBe('ok');
});
