import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultyDisk } from '../../test/fakes/faulty-disk.ts';
import { fakeChain, noise } from '../../test/fakes/files-side.ts';
import { filesBelow, startFileAgent, until } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';

const MiB = 1024 * 1024;
const text = (content: string) => new TextEncoder().encode(content);

test.each(['ENOSPC', 'EDQUOT'])(
  '%s blocks the folder once, and space unblocks it without a second transfer',
  async (code) => {
    const chain = fakeChain();
    const disk = faultyDisk();
    const agent = await startFileAgent({ base: await tempFolder(), chain, disk });
    disk.fault = (step) => (step === 'write' ? code : undefined);
    agent.sync.offerHead(
      chain.folder,
      chain.append({ op: 'put', path: 'a', content: noise(3 * MiB, 1) }, { op: 'put', path: 'b', content: text('b') }),
    );
    await agent.reaches('blocked');
    expect(agent.report().reason).toBe('disk.full');
    for (let minute = 0; minute < 3; minute++) {
      await agent.clock.advance(60_000);
      await agent.reaches('blocked');
    }
    expect(agent.outbox.of('folder.blocked')).toMatchObject([{ code: 'disk.full' }]);
    expect(await filesBelow(agent.root)).not.toHaveProperty('b');
    disk.fault = () => undefined;
    await agent.reachesInTime('complete');
    expect(agent.outbox.of('folder.unblocked')).toHaveLength(1);
    const ids = agent.swarm.asked.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

test('a file larger than the space that is left is not begun, smaller ones arrive', async () => {
  const chain = fakeChain();
  const disk = faultyDisk();
  disk.freeBytes = 5 * MiB;
  const agent = await startFileAgent({ base: await tempFolder(), chain, disk });
  agent.sync.offerHead(
    chain.folder,
    chain.append(
      { op: 'put', path: 'huge', content: noise(10 * MiB, 2) },
      { op: 'put', path: 'small', content: text('s') },
    ),
  );
  await until(() => agent.report().filesDone === 1);
  await agent.reaches('blocked');
  expect(agent.report().reason).toBe('disk.full');
  expect(agent.swarm.asked.map(({ path }) => path)).toEqual(['small']);
  disk.freeBytes = undefined;
  await agent.reachesInTime('complete');
  await until(() => agent.outbox.of('folder.unblocked').length === 1);
  expect(agent.outbox.of('folder.blocked')).toHaveLength(1);
});

test.each([
  { step: 'rename' as const, code: 'EBUSY' },
  { step: 'datasync' as const, code: 'EIO' },
  { step: 'create' as const, code: 'EACCES' },
])('a file whose $step fails with $code does not stop the others and is tried again', async ({ step, code }) => {
  const chain = fakeChain();
  const disk = faultyDisk();
  const agent = await startFileAgent({ base: await tempFolder(), chain, disk });
  disk.fault = (at, path) => (at === step && path.includes('/locked/') ? code : undefined);
  const changes = ['a', 'locked/b', 'c', 'd/e'].map((path) => ({ op: 'put' as const, path, content: text(path) }));
  agent.sync.offerHead(chain.folder, chain.append(...changes));
  await agent.reaches('blocked');
  expect(agent.report()).toMatchObject({ reason: 'disk.failed', filesDone: 3 });
  disk.fault = () => undefined;
  await agent.reachesInTime('complete');
});

test('a file that cannot be deleted stays until it can be', async () => {
  const chain = fakeChain();
  const disk = faultyDisk();
  const agent = await startFileAgent({ base: await tempFolder(), chain, disk });
  agent.sync.offerHead(
    chain.folder,
    chain.append({ op: 'put', path: 'a', content: text('a') }, { op: 'put', path: 'b', content: text('b') }),
  );
  await agent.reaches('complete');
  disk.fault = (step, path) => (step === 'unlink' && path.endsWith('/a') ? 'EBUSY' : undefined);
  agent.sync.offerHead(chain.folder, chain.append({ op: 'delete', path: 'a' }, { op: 'delete', path: 'b' }));
  await agent.reaches('blocked');
  expect(Object.keys(await filesBelow(agent.root))).toEqual(['a']);
  disk.fault = () => undefined;
  await agent.reachesInTime('complete');
  expect(await filesBelow(agent.root)).toEqual({});
});

test('content is on disk before a file gets its name', async () => {
  const chain = fakeChain();
  const disk = faultyDisk();
  const agent = await startFileAgent({ base: await tempFolder(), chain, disk });
  const paths = Array.from({ length: 40 }, (_, index) => `d${index % 3}/${index}`);
  agent.sync.offerHead(
    chain.folder,
    chain.append(...paths.map((path) => ({ op: 'put' as const, path, content: text(`content of ${path}`) }))),
  );
  await agent.reaches('complete');
  const renames = disk.steps.filter(({ step }) => step === 'rename');
  expect(renames.map(({ path }) => path).sort()).toEqual(paths.map((path) => join(agent.root, path)).sort());
  expect(disk.steps.filter(({ step }) => step === 'datasync')).toHaveLength(paths.length);
  for (const [index, { path, step }] of disk.steps.entries()) {
    if (step !== 'write') continue;
    const later = disk.steps.slice(index + 1).find((next) => next.path === path);
    expect(later?.step).not.toBe('rename');
  }
});
