/** The control API, and a stand-in as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveControl } from './control.ts';
import { controlClient } from './control-client.ts';
import { createStandIn } from './stand-in.ts';
import { clientOf } from './testing/dav-client.ts';
import { basic, rawRequest } from './testing/raw-request.ts';
import { selfSigned } from './testing/self-signed.ts';

describe('the control API', () => {
  let stop: () => Promise<void>;
  let url: string;
  let control: ReturnType<typeof controlClient>;

  beforeEach(async () => {
    const standIn = await createStandIn({ users: [{ id: 'alice', password: 'secret' }] });
    const server = await serveControl(standIn, 0);
    stop = async () => {
      await server.close();
      await standIn.close();
    };
    url = standIn.url;
    control = controlClient(server.url);
  });
  afterEach(() => stop());

  test('writes, moves and removes files', async () => {
    const pieces = [
      { text: 'héad' },
      { base64: Buffer.from([0, 255]).toString('base64') },
      { seed: 'tail', sizeBytes: 10 },
    ];
    const put = await control.call('put', { user: 'alice', path: '/a/b.bin', pieces, mtimeMs: 1_790_000_000_500 });
    expect(put).toMatchObject({ path: '/a/b.bin', sizeBytes: 17, mtimeMs: 1_790_000_000_000 });
    const moved = await control.call('move', { user: 'alice', from: '/a/b.bin', to: '/c/d.bin' });
    expect(moved).toMatchObject({ path: '/c/d.bin', fileId: put.fileId, etag: put.etag });
    await control.call('remove', { user: 'alice', path: '/c' });
    expect(await control.call('stat', { user: 'alice', path: '/c/d.bin' })).toBeNull();
  });

  test('takes a raw upload under any name', async () => {
    const facts = await control.upload('alice', '/50% & more/ü?.bin', new Uint8Array([1, 2, 3]), 1_790_000_000_000);
    expect(facts).toMatchObject({ path: '/50% & more/ü?.bin', sizeBytes: 3, mtimeMs: 1_790_000_000_000 });
  });

  test('sets faults and reads statistics', async () => {
    const { token } = await control.call('createLink', { user: 'alice', path: '/', label: 'north' });
    const guest = clientOf({ url }, token, '');
    const { id } = await control.call('addFault', {
      match: { label: 'north' },
      fault: { kind: 'status', status: 507 },
    });
    expect((await guest('PROPFIND', '/public.php/webdav/')).status).toBe(507);
    expect(await control.call('removeFault', { id })).toBe(true);
    expect((await guest('PROPFIND', '/public.php/webdav/')).status).toBe(207);
    expect((await control.call('stats', {})).perLabel.north?.statuses).toEqual({ 207: 1, 507: 1 });
  });

  test('refuses what is not well formed, with a reason', async () => {
    await expect(control.call('remove', { user: 'alice', path: '/nothing' })).rejects.toThrow(
      'alice has nothing at /nothing',
    );
    const noRate = { fault: { kind: 'slow' } } as never;
    await expect(control.call('addFault', noRate)).rejects.toThrow('bytesPerSecond');
    await expect(control.call('nonsense' as 'stats', {})).rejects.toThrow('there is no POST /nonsense');
  });
});

test('main.ts serves HTTPS and its control API, keeps uploads on disk, and leaves nothing behind on SIGTERM', {
  timeout: 30_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
  const [keyFile, certFile, data] = [join(directory, 'key.pem'), join(directory, 'cert.pem'), join(directory, 'data')];
  const { key, cert } = selfSigned(['127.0.0.1', 'localhost'], Date.now());
  await writeFile(keyFile, key);
  await writeFile(certFile, cert);
  const flags = ['--user', 'harp:password:admin', '--data', data, '--tls-key', keyFile, '--tls-cert', certFile];
  flags.push('--wan-mbit', '20', '--base-path', '/nextcloud');
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, controlUrl } = JSON.parse(String(line)) as { url: string; controlUrl: string };
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/nextcloud$/);
    await controlClient(controlUrl).upload('harp', '/a.txt', new TextEncoder().encode('on disk'));
    expect(readdirSync(join(data, 'blobs'))).toHaveLength(1);
    const response = await rawRequest(`${url}/remote.php/dav/files/harp/a.txt`, {
      headers: { Authorization: basic('harp', 'password') },
      ca: cert,
    });
    expect(response.body.toString()).toBe('on disk');
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(existsSync(join(data, 'blobs'))).toBe(false);
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  }
});
