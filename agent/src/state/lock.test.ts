import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { holderOf, lockState } from './lock.ts';

test('a state folder has one holder at a time, and the refusal names it', async () => {
  const path = join(await tempFolder(), 'state', 'run.lock');
  const lock = await lockState(path);
  await expect(lockState(path)).rejects.toMatchObject({ code: 'agent.already_running', facts: { pid: process.pid } });
  expect((await holderOf(path))?.pid).toBe(process.pid);
  await lock.release();
  expect(await holderOf(path)).toBeUndefined();
  await (await lockState(path)).release();
});

test.each([
  { what: 'a process that has ended', content: async () => JSON.stringify({ pid: await endedPid(), birth: '' }) },
  {
    what: 'another process that got the same number',
    content: async () => JSON.stringify({ pid: process.pid, birth: 'earlier' }),
  },
  { what: 'nobody who can be read', content: async () => 'rubbish' },
])('a lock of $what is taken over', async ({ content }) => {
  const folder = await tempFolder();
  const path = join(folder, 'run.lock');
  await writeFile(path, await content());
  const lock = await lockState(path);
  expect((await holderOf(path))?.pid).toBe(process.pid);
  expect(await readdir(folder)).toEqual(['run.lock']);
  await lock.release();
});

test('of many who start at once, one wins', async () => {
  const path = join(await tempFolder(), 'run.lock');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockState(path)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}
