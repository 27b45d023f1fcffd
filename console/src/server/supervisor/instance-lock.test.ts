import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { takeInstanceLock } from './instance-lock.ts';
import { endLeftovers, type ProcessTable } from './process-identity.ts';

/** Processes that exist because the test says so. */
function fakeProcesses(alive: Record<number, string>): ProcessTable & { signals: string[] } {
  const signals: string[] = [];
  return {
    signals,
    identify: (pid) => (alive[pid] === undefined ? undefined : { pid, startedAt: alive[pid] }),
    signal(pid, signal) {
      signals.push(`${signal} ${pid}`);
      if (signal === 'SIGKILL') delete alive[Math.abs(pid)];
      return true;
    },
  };
}

async function lockPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'harp-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'data', 'supervisor.lock');
}

test('a second start is refused and told who runs', async () => {
  const path = await lockPath();
  const table = fakeProcesses({ 10: 'a', 11: 'b' });
  await takeInstanceLock(path, 10, table);
  await expect(takeInstanceLock(path, 11, table)).rejects.toMatchObject({
    code: 'supervisor.already_running',
    facts: { pid: 10 },
    message: expect.stringContaining('HARP_DATA'),
  });
});

test.each([
  { name: 'whose process is gone', alive: { 11: 'b' } },
  { name: 'whose process id belongs to another process now', alive: { 10: 'later', 11: 'b' } },
])('a lock $name is healed, and its parts are named', async ({ alive }) => {
  const path = await lockPath();
  const first = await takeInstanceLock(path, 10, fakeProcesses({ 10: 'a' }));
  await first.record([{ pid: 20, startedAt: 'x' }]);
  const second = await takeInstanceLock(path, 11, fakeProcesses(alive));
  expect(second.leftovers).toEqual([{ pid: 20, startedAt: 'x' }]);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ owner: { pid: 11 }, parts: [] });
  expect(await readdir(dirname(path))).toEqual(['supervisor.lock']);
});

test('a lock that was cut short is healed', async () => {
  const path = await lockPath();
  const table = fakeProcesses({ 10: 'a' });
  await (await takeInstanceLock(path, 10, table)).release();
  await writeFile(path, '{"owner":');
  expect((await takeInstanceLock(path, 10, table)).leftovers).toEqual([]);
});

test('of many starts at once over a stale lock, one wins', async () => {
  const path = await lockPath();
  await takeInstanceLock(path, 1, fakeProcesses({ 1: 'gone' }));
  const pids = [10, 11, 12, 13, 14, 15];
  const table = fakeProcesses(Object.fromEntries(pids.map((pid) => [pid, 's'])));
  const outcomes = await Promise.allSettled(pids.map((pid) => takeInstanceLock(path, pid, table)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('leftovers are asked to stop, then forced; a stranger with the same id is left alone', async () => {
  const clock = fakeClock();
  const table = fakeProcesses({ 20: 'x', 21: 'another' });
  const ended = endLeftovers(
    [
      { pid: 20, startedAt: 'x' },
      { pid: 21, startedAt: 'y' },
    ],
    table,
    clock,
    1000,
  );
  await clock.advance(2000);
  await ended;
  expect(table.signals).toEqual(['SIGTERM 20', 'SIGKILL -20']);
});
