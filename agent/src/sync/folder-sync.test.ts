import { mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { desiredWith, fakeChain, noise } from '../../test/fakes/files-side.ts';
import { filesBelow, startFileAgent, until, writeLocal } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';

const MiB = 1024 * 1024;
const text = (content: string) => new TextEncoder().encode(content);
const names = (files: Record<string, Buffer>) => Object.keys(files).sort();

test('files of every kind arrive with content and time, and the folder is complete', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const big = noise(6 * MiB, 1);
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'put', path: 'empty', content: new Uint8Array() },
      { op: 'put', path: 'a/b/small.txt', content: text('hello'), mtimeMs: 1_600_000_000_123 },
      { op: 'put', path: 'Müll/größe.bin', content: big },
    ),
  );
  await agent.reaches('complete');
  const files = await filesBelow(agent.root);
  expect(names(files)).toEqual(['Müll/größe.bin', 'a/b/small.txt', 'empty'].sort());
  expect(files['Müll/größe.bin']?.equals(big)).toBe(true);
  expect(Math.floor((await stat(join(agent.root, 'a/b/small.txt'))).mtimeMs)).toBe(1_600_000_000_123);
  expect(agent.report()).toMatchObject({
    filesTotal: 3,
    filesDone: 3,
    bytesTotal: 6 * MiB + 5,
    bytesDone: 6 * MiB + 5,
  });
  await until(() => agent.outbox.of('folder.completed').length === 1);
  expect(agent.outbox.of('folder.completed')).toMatchObject([{ seq: 3 }]);
  expect(agent.outbox.of('files.delivered').flatMap(({ files: delivered }) => delivered)).toHaveLength(3);
  expect(agent.swarm.blobsAsked).toHaveLength(2);
});

test('a second start asks for nothing and reports nothing twice', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const head = chain.append(
    { op: 'put', path: 'a', content: noise(3 * MiB, 2) },
    { op: 'put', path: 'b', content: text('b') },
  );
  const first = await startFileAgent({ base, chain });
  first.sync.offerHead(chain.folder, head);
  await until(() => first.outbox.of('folder.completed').length === 1);
  await first.stop();
  const second = await startFileAgent({ base, chain });
  await second.reaches('complete');
  second.sync.offerHead(chain.folder, head);
  await second.clock.advance(5000);
  expect(second.swarm.asked).toEqual([]);
  expect(second.swarm.blobsAsked).toEqual([]);
  expect(second.outbox.events.filter(({ kind }) => kind !== 'files.delivered')).toEqual([]);
});

test('a changed file crosses the network by the chunks that changed', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const before = noise(20 * MiB, 3);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'big', content: before }));
  await agent.reaches('complete');
  const after = Buffer.concat([before.subarray(0, 10 * MiB), text('inserted'), before.subarray(10 * MiB)]);
  agent.swarm.delivered.length = 0;
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'big', content: after }));
  await agent.reaches('complete');
  expect((await readFile(join(agent.root, 'big'))).equals(after)).toBe(true);
  expect(agent.swarm.delivered.length).toBeLessThanOrEqual(4);
  expect(agent.meter.totals.fromLocal).toBeGreaterThan(14 * MiB);
});

test('moves, swaps and deletions move no byte over the network; empty directories go', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const one = noise(2 * MiB, 4);
  const two = noise(2 * MiB, 5);
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'put', path: 'old/deep/one', content: one },
      { op: 'put', path: 'two', content: two },
      { op: 'put', path: 'gone/away', content: text('x') },
    ),
  );
  await agent.reaches('complete');
  agent.swarm.asked.length = 0;
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'move', from: 'old/deep/one', path: 'tmp' },
      { op: 'move', from: 'two', path: 'new/one' },
      { op: 'move', from: 'tmp', path: 'two' },
      { op: 'delete', path: 'gone/away' },
    ),
  );
  await agent.reaches('complete');
  const files = await filesBelow(agent.root);
  expect(names(files)).toEqual(['new/one', 'two']);
  expect(files['new/one']?.equals(two)).toBe(true);
  expect(files.two?.equals(one)).toBe(true);
  expect(agent.swarm.asked).toEqual([]);
  await expect(stat(join(agent.root, 'old'))).rejects.toThrow('ENOENT');
  await expect(stat(join(agent.root, 'gone'))).rejects.toThrow('ENOENT');
});

test('a file renamed and edited in one step is rebuilt from the one that was deleted', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const before = noise(12 * MiB, 6);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'dir/a', content: before }));
  await agent.reaches('complete');
  agent.swarm.delivered.length = 0;
  const after = Buffer.concat([before, text('more')]);
  agent.sync.offerHead(
    chain.folder,
    chain.append({ op: 'delete', path: 'dir/a' }, { op: 'put', path: 'b', content: after }),
  );
  await agent.reaches('complete');
  await until(() => agent.outbox.of('folder.completed').length === 2);
  expect(names(await filesBelow(agent.root))).toEqual(['b']);
  expect(agent.swarm.delivered.length).toBeLessThanOrEqual(2);
});

test('files that are there already are adopted without a transfer', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const content = noise(5 * MiB, 7);
  await writeLocal(join(base, 'files/Sales/x/big'), content);
  await writeLocal(join(base, 'files/Sales/notes.txt'), 'mine');
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'x/big', content }));
  await agent.reaches('complete');
  expect(agent.swarm.asked).toEqual([]);
  expect(names(await filesBelow(agent.root))).toEqual(['notes.txt', 'x/big']);
});

test('chunks of unknown files are used, the files stay', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const content = noise(9 * MiB, 8);
  await writeLocal(join(base, 'files/Sales/copy of big'), content);
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'big', content }));
  await agent.reaches('complete');
  expect(agent.swarm.asked).toEqual([]);
  expect(names(await filesBelow(agent.root))).toEqual(['big', 'copy of big']);
});

test.each([
  { what: 'changed', change: (path: string) => writeFile(path, 'my work') },
  { what: 'replaced by a directory', change: (path: string) => rm(path).then(() => mkdir(path)) },
])(
  'a delivered file that was $what is kept aside when a new version comes, and when it is deleted',
  async ({ change }) => {
    const chain = fakeChain();
    const agent = await startFileAgent({ base: await tempFolder(), chain });
    agent.sync.offerHead(
      chain.folder,
      chain.append(
        { op: 'put', path: 'a.txt', content: text('one') },
        { op: 'put', path: 'b.txt', content: text('two') },
      ),
    );
    await agent.reaches('complete');
    await change(join(agent.root, 'a.txt'));
    await change(join(agent.root, 'b.txt'));
    agent.sync.offerHead(
      chain.folder,
      chain.append({ op: 'put', path: 'a.txt', content: text('new') }, { op: 'delete', path: 'b.txt' }),
    );
    await agent.reaches('complete');
    expect((await readFile(join(agent.root, 'a.txt'))).toString()).toBe('new');
    await stat(join(agent.root, 'a (kept pc-17 2026-11-22 1).txt'));
    await stat(join(agent.root, 'b (kept pc-17 2026-11-22 1).txt'));
    expect(agent.outbox.of('file.kept_aside').map(({ path, keptAs }) => [path, keptAs])).toEqual([
      ['b.txt', 'b (kept pc-17 2026-11-22 1).txt'],
      ['a.txt', 'a (kept pc-17 2026-11-22 1).txt'],
    ]);
  },
);

test('a file that was only touched is not kept aside', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'a', content: noise(2 * MiB, 9) }));
  await agent.reaches('complete');
  await utimes(join(agent.root, 'a'), 1, 1);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'a', content: text('new') }));
  await agent.reaches('complete');
  expect(names(await filesBelow(agent.root))).toEqual(['a']);
});

test('the next look restores what was deleted, and what was changed beside the kept copy', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.sync.offerHead(
    chain.folder,
    chain.append({ op: 'put', path: 'd/a', content: noise(2 * MiB, 10) }, { op: 'put', path: 'b', content: text('b') }),
  );
  await agent.reaches('complete');
  const delivered = () => agent.outbox.of('files.delivered').flatMap(({ files }) => files).length;
  await until(() => delivered() === 2);
  await rm(join(agent.root, 'd'), { recursive: true });
  await writeFile(join(agent.root, 'b'), 'changed');
  await agent.clock.advance(10 * 60_000);
  await until(() => agent.outbox.of('file.kept_aside').length === 1);
  await agent.reaches('complete');
  expect(names(await filesBelow(agent.root))).toEqual(['b', 'b (kept pc-17 2026-11-22 1)', 'd/a']);
  await agent.clock.advance(2500);
  expect(delivered()).toBe(2);
});

test('a newer head in mid-transfer keeps what has arrived', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const before = noise(16 * MiB, 11);
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  agent.swarm.before = () => (agent.swarm.delivered.length >= 4 ? opened : undefined);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'big', content: before }));
  await until(() => agent.swarm.delivered.length >= 4);
  const after = Buffer.concat([before, text('appended')]);
  agent.sync.offerHead(
    chain.folder,
    chain.append({ op: 'put', path: 'renamed', content: after }, { op: 'delete', path: 'big' }),
  );
  await until(() => agent.report().seq === 3);
  open();
  await agent.reaches('complete');
  expect((await readFile(join(agent.root, 'renamed'))).equals(after)).toBe(true);
  expect(new Set(agent.swarm.delivered).size).toBe(agent.swarm.delivered.length);
  await until(() => agent.outbox.of('folder.completed').length > 0);
  expect(names(await filesBelow(agent.root))).toEqual(['renamed']);
});

test('a file that is gone from the origin waits for a newer head, the others go on', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.swarm.before = ({ path, etag }) => {
    if (path === 'b' && etag === 'etag-2') throw new HarpError('origin.changed', 'changed');
  };
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'put', path: 'a', content: text('a') },
      { op: 'put', path: 'b', content: noise(2 * MiB, 12) },
      { op: 'put', path: 'c', content: text('c') },
    ),
  );
  await agent.reaches('blocked');
  expect(agent.report()).toMatchObject({ reason: 'origin.changed', filesDone: 2 });
  const askedBefore = agent.swarm.asked.length;
  await agent.clock.advance(300_000);
  expect(agent.swarm.asked).toHaveLength(askedBefore);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'b', content: text('newer') }));
  await agent.reaches('complete');
  expect(agent.outbox.of('folder.blocked')).toEqual([]);
});

test('symbolic links inside the tree are not followed', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  await mkdir(join(base, 'outside'));
  await mkdir(join(base, 'files/Sales'), { recursive: true });
  await symlink(join(base, 'outside'), join(base, 'files/Sales/link'));
  await symlink(join(base, 'outside/target'), join(base, 'files/Sales/file'));
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'put', path: 'file', content: text('new') },
      { op: 'put', path: 'link/inside', content: text('x') },
      { op: 'put', path: 'other', content: text('y') },
    ),
  );
  await agent.reaches('blocked');
  expect(agent.report().reason).toBe('name.refused');
  expect(await filesBelow(join(base, 'outside'))).toEqual({});
  expect(names(await filesBelow(agent.root))).toEqual(['file', 'other']);
  expect(agent.outbox.of('name.refused')).toMatchObject([{ path: 'link/inside' }]);
  expect(agent.outbox.of('file.kept_aside')).toMatchObject([{ path: 'file' }]);
});

test('a removed folder stops and keeps its files; back again it goes on', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const head = chain.append({ op: 'put', path: 'a', content: text('a') });
  agent.sync.offerHead(chain.folder, head);
  await agent.reaches('complete');
  const { chunk } = [...chain.state.values()][0]!;
  expect(agent.store.view.chunkBelongsTo(chunk!, chain.folder)).toBe(true);
  agent.sync.configure(desiredWith());
  expect(agent.sync.reports()).toEqual([]);
  expect(agent.store.view.chunkBelongsTo(chunk!, chain.folder)).toBe(false);
  agent.sync.configure(desiredWith({ id: chain.folder, name: 'Sales' }));
  await until(() => agent.sync.reports().length === 1);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'b', content: text('b') }));
  await agent.reaches('complete');
  expect(names(await filesBelow(agent.root))).toEqual(['a', 'b']);
});

test('a renamed folder takes its files along', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const first = await startFileAgent({ base, chain, name: 'Before' });
  first.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'a', content: text('a') }));
  await first.reaches('complete');
  await first.stop();
  const second = await startFileAgent({ base, chain, name: 'After' });
  await second.reaches('complete');
  expect(names(await filesBelow(join(base, 'files')))).toEqual(['After/a']);
  expect(second.swarm.asked).toEqual([]);
});

test('a file that somebody renamed comes back, made from the renamed one', async () => {
  const chain = fakeChain();
  const base = await tempFolder();
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'a', content: noise(3 * MiB, 13) }));
  await agent.reaches('complete');
  await rename(join(agent.root, 'a'), join(agent.root, 'mine'));
  await agent.clock.advance(10 * 60_000);
  await until(() => agent.meter.totals.fromLocal === 3 * MiB);
  await agent.reaches('complete');
  expect(names(await filesBelow(agent.root))).toEqual(['a', 'mine']);
});

test('a directory that vanishes in mid-transfer is made again', async () => {
  const chain = fakeChain();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  agent.swarm.before = async ({ offset }) => {
    if (offset > 2 * MiB) agent.swarm.before = () => undefined;
    if (offset > 2 * MiB) await rm(join(agent.root, 'd'), { recursive: true });
  };
  const content = noise(6 * MiB, 14);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'put', path: 'd/e/big', content }));
  await agent.reachesInTime('complete');
  expect((await readFile(join(agent.root, 'd/e/big'))).equals(content)).toBe(true);
});
