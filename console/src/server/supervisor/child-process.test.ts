import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { launchScript, type PartChannel } from './child-process.ts';
import { systemProcesses } from './process-identity.ts';

/** Starts a part whose program is `source`. */
async function launch(source: string, withChannel?: (channel: PartChannel) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'harp-part-'));
  const script = join(folder, 'part.mjs');
  await writeFile(script, source);
  const part = launchScript('part', script, process.env, withChannel);
  onTestFinished(async () => {
    part.kill();
    await part.ended;
    await rm(folder, { recursive: true });
  });
  return part;
}
const keepAlive = 'setInterval(() => {}, 1e6);';
const sayReady = `console.log('greetings'); console.log('{"ready":true,"port":7}');`;

test('a part is ready when it says so, whatever was printed before', async () => {
  const part = await launch(sayReady + keepAlive);
  expect(await part.ready).toEqual({ ready: true, port: 7 });
  part.terminate();
  expect(await part.ended).toBe('killed by SIGTERM');
});

test('a part that ends before it is ready says how', async () => {
  const part = await launch('process.exit(3)');
  await expect(part.ready).rejects.toMatchObject({ code: 'supervisor.part_failed' });
  expect(await part.ended).toBe('exit code 3');
});

test('a part that prints much after it is ready is not stopped by a full pipe', async () => {
  const part = await launch(`${sayReady} console.log('x'.repeat(4_000_000)); process.exit(5);`);
  await part.ready;
  expect(await part.ended).toBe('exit code 5');
});

test('log lines cross the channel of a part both ways', async () => {
  const heard = new Promise((resolve) => {
    void launch(
      `process.on('message', ({ harpLog }) => process.send({ log: harpLog[0].log + ' heard' })); ${sayReady} ${keepAlive}`,
      (channel) => {
        channel.on('message', resolve);
        channel.send({ harpLog: [{ from: 'broker', log: 'said' }] });
      },
    );
  });
  expect(await heard).toEqual({ log: 'said heard' });
});

test('what a part has started goes with it', async () => {
  const part = await launch(`
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{}); setInterval(()=>{},1e6)'], { stdio: 'ignore' });
    console.log(JSON.stringify({ child: child.pid }));
    ${keepAlive}`);
  const { child } = (await part.ready) as { child: number };
  expect(systemProcesses.identify(child)).toBeDefined();
  part.kill();
  await part.ended;
  await expect.poll(() => systemProcesses.identify(child)).toBeUndefined();
});

test('a part hears of the supervisor’s death through its channel', async () => {
  const part = await launch(`
    import { spawn } from 'node:child_process';
    const watcher = spawn(process.execPath, ['-e', 'process.on("disconnect",()=>process.exit(0)); setInterval(()=>{},1e6); process.send(1)'],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
    watcher.once('message', () => console.log(JSON.stringify({ watcher: watcher.pid })));
    ${keepAlive}`);
  const { watcher } = (await part.ready) as { watcher: number };
  systemProcesses.signal(part.pid, 'SIGKILL');
  await expect.poll(() => systemProcesses.identify(watcher)).toBeUndefined();
});
