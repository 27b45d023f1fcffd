import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayPaths } from '../src/protocol/index.ts';

const root = new URL('../..', import.meta.url).pathname;

let database: TestDatabase;
let dataDir: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'harp-broker-'));
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function start(variables: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'broker/src/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      HARP_DATA: dataDir,
      HARP_BIND: '127.0.0.1',
      HARP_MQTT_PORT: '0',
      HARP_GATEWAY_PORT: '0',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  return child;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

describe('the broker process', { timeout: 60_000 }, () => {
  test('says in one line when it is ready, answers, and ends with 0 on SIGTERM', async () => {
    const child = start({ DATABASE_URL: database.url });
    const lines: string[] = [];
    const [first] = (await once(
      createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line)),
      'line',
    )) as [string];
    const ready = JSON.parse(first);
    expect(ready).toEqual({ ready: true, mqttPort: expect.any(Number), gatewayPort: expect.any(Number) });
    const status = await new Promise((resolve, reject) => {
      request(
        { host: '127.0.0.1', port: ready.gatewayPort, path: gatewayPaths.health, rejectUnauthorized: false },
        (response) => resolve(response.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(lines).toHaveLength(1);
  });

  test('ends when the supervisor has gone', async () => {
    const child = start({ DATABASE_URL: database.url });
    await once(createInterface({ input: child.stdout! }), 'line');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('ends with 1 and says why when the database does not answer', async () => {
    const child = start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    const log = textOf(child.stderr!);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await log).toContain('"level":60');
  });

  test('ends with 1 and names the variable when the environment is wrong', async () => {
    const child = start({ DATABASE_URL: '', HARP_MQTT_PORT: 'many' });
    const log = textOf(child.stderr!);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await log).toMatch(/HARP_MQTT_PORT.*DATABASE_URL|DATABASE_URL.*HARP_MQTT_PORT/);
  });
});
