/** The program as people start it: real processes, real TLS, a broker and a gateway of the fixtures. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { agentTopic, startTestBroker } from './fixtures/broker.ts';
import { startTestGateway } from './fixtures/gateway.ts';
import { createTestCa } from './fixtures/pki.ts';
import { tempFolder } from './fixtures/temp-folder.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));

interface Finished {
  code: number | null;
  out: string;
  error: string;
}

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HARP_LOG: 'silent', HARP_SEARCH_DOMAIN: 'invalid', HARP_DNS_SERVERS: '127.0.0.1:1' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function finish(child: ChildProcess): Promise<Finished> {
  let out = '';
  let error = '';
  child.stdout?.on('data', (text: Buffer) => {
    out += text.toString();
  });
  child.stderr?.on('data', (text: Buffer) => {
    error += text.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, error };
}

const harpAgent = (...args: string[]) => finish(start(...args));

async function readyLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('no stdout');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return JSON.parse(line);
}

test('a PC enrols, runs, tells its status, is alone on its state folder, stops politely and comes back after a kill', async () => {
  const ca = await createTestCa();
  const broker = await startTestBroker(ca);
  onTestFinished(() => broker.close());
  const gateway = await startTestGateway({ ca, mqttUrl: broker.url });
  onTestFinished(() => gateway.close());
  const folder = await tempFolder();
  const state = join(folder, 'state');
  const run = [
    'run',
    '--state',
    state,
    '--files',
    join(folder, 'files'),
    '--peer-port',
    '0',
    '--peer-host',
    '127.0.0.1',
    '--no-mdns',
  ];

  // Without an identity it waits for one, and goes on as soon as somebody enrols it.
  const first = start(...run);
  await expect
    .poll(async () => await harpAgent('status', '--state', state, '--json'), { timeout: 30_000 })
    .toMatchObject({ code: 5, out: expect.stringContaining('"cause":"enrolment.no_server"') });
  const readyOfFirst = readyLine(first);
  expect(await harpAgent('enrol', '--token', gateway.token, '--state', state)).toMatchObject({ code: 0, error: '' });

  const ready = await readyOfFirst;
  expect(ready).toMatchObject({ ready: true, agent: expect.any(String), peerPort: expect.any(Number) });
  await broker.until(() => broker.published.some(({ topic }) => topic.endsWith('/reported')));
  expect(broker.published.find(({ topic }) => topic.endsWith('/reported'))?.payload).toMatchObject({
    addresses: [`127.0.0.1:${(ready as { peerPort: number }).peerPort}`],
  });

  const second = await harpAgent(...run);
  expect(second).toMatchObject({ code: 3, out: '' });
  expect(second.error).toContain(`process ${first.pid} `);

  await expect
    .poll(async () => JSON.parse((await harpAgent('status', '--state', state, '--json')).out), { timeout: 20_000 })
    .toMatchObject({ running: true, pid: first.pid, status: { broker: { connected: true }, folders: [] } });

  const askedAtMs = performance.now();
  first.kill('SIGTERM');
  const [code] = (await once(first, 'close')) as [number | null];
  expect(code).toBe(0);
  expect(performance.now() - askedAtMs).toBeLessThan(5_000);
  const { agent } = ready as { agent: Parameters<typeof agentTopic>[1] };
  await broker.until(() => {
    const last = broker.published.findLast(({ topic }) => topic === agentTopic('presence', agent));
    return last !== undefined && !(last.payload as { online: boolean }).online;
  });
  expect(await harpAgent('status', '--state', state)).toMatchObject({ code: 5 });

  const third = start(...run);
  await readyLine(third);
  third.kill('SIGKILL');
  await once(third, 'close');
  expect(await harpAgent('status', '--state', state)).toMatchObject({ code: 5 });
  const fourth = start(...run);
  expect(await readyLine(fourth)).toMatchObject({ ready: true });
  expect(await harpAgent('verify', '--state', state, '--files', join(folder, 'files'), '--json')).toMatchObject({
    code: 0,
    out: '{"ok":true,"folders":[]}\n',
  });
}, 180_000);
