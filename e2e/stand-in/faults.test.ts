/** Faults, office lines and the account of served bytes, seen through the public link of an office. */
import { once } from 'node:events';
import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Content, seededContent } from './cloud/content.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import { type Ask, clientOf } from './testing/dav-client.ts';
import { basic } from './testing/raw-request.ts';

const sizeBytes = 300_000;
const path = '/public.php/webdav/big.bin';

let standIn: StandIn;
let north: Ask;
let northToken: string;
let bytes: Buffer;

beforeEach(async () => {
  standIn = await createStandIn({ users: [{ id: 'alice', password: 'secret' }] });
  await standIn.put('alice', '/Projects/big.bin', seededContent('big', sizeBytes));
  bytes = await read(seededContent('big', sizeBytes));
  northToken = standIn.createLink('alice', '/Projects', { label: 'north' }).token;
  north = clientOf(standIn, northToken, '');
});
afterEach(() => standIn.close());

async function read(content: Content): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content.read(0, content.sizeBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const usage = (label = 'north') => standIn.stats().perLabel[label];

describe('a fault', () => {
  test('short-body ends the connection early, in order', async () => {
    standIn.faults.add({ fault: { kind: 'short-body', afterBytes: 100_000 } });
    const response = await north('GET', path);
    expect([response.status, response.headers['content-length'], response.truncated]).toEqual([200, '300000', true]);
    expect(response.body.equals(bytes.subarray(0, 100_000))).toBe(true);
  });

  test.each([0, 100_000])('reset after %d bytes breaks the answer off', async (afterBytes) => {
    standIn.faults.add({ fault: { kind: 'reset', afterBytes } });
    const outcome = await north('GET', path).then(
      (response) => response.truncated,
      (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET',
    );
    expect(outcome).toBe(true);
  });

  test('status speaks the language of the endpoint', async () => {
    standIn.faults.add({
      fault: { kind: 'status', status: 503, retryAfter: 7, exception: 'Some\\Exception', message: 'a & b' },
    });
    const dav = await north('GET', path);
    expect([dav.status, dav.headers['retry-after']]).toEqual([503, '7']);
    expect(dav.body.toString()).toContain(
      '<s:exception>Some\\Exception</s:exception>\n  <s:message>a &amp; b</s:message>',
    );
    const ocs = await north('GET', '/ocs/v2.php/cloud/user?format=json');
    expect(JSON.parse(ocs.body.toString())).toMatchObject({ ocs: { meta: { statuscode: 503, message: 'a & b' } } });
  });

  test('corrupt flips bytes and keeps the length', async () => {
    standIn.faults.add({ fault: { kind: 'corrupt' } });
    const { body } = await north('GET', path, { Range: 'bytes=1000-99999' });
    const wrong = [...body.keys()].filter((at) => body[at] !== bytes[1000 + at]);
    expect(body.length).toBe(99_000);
    expect(wrong).toEqual(Array.from({ length: 25 }, (_, index) => index * 4096));
  });

  test('ignore-range sends the whole file with 200', async () => {
    standIn.faults.add({ fault: { kind: 'ignore-range' } });
    const response = await north('GET', path, { Range: 'bytes=0-9' });
    expect([response.status, response.body.length]).toEqual([200, sizeBytes]);
  });

  test('changed-mid-read makes a new version; the answer under way keeps the old bytes', async () => {
    standIn.faults.add({ match: { count: 1 }, fault: { kind: 'changed-mid-read' } });
    const before = standIn.stat('alice', '/Projects/big.bin');
    const response = await north('GET', path, { 'If-Match': `"${before?.etag}"` });
    expect(response.body.equals(bytes)).toBe(true);
    expect(standIn.stat('alice', '/Projects/big.bin')).toMatchObject({ fileId: before?.fileId, sizeBytes });
    expect((await north('GET', path, { 'If-Match': `"${before?.etag}"` })).status).toBe(412);
    const { body } = await north('GET', path);
    expect([
      body.subarray(0, 4096).equals(bytes.subarray(0, 4096)),
      body.subarray(4096).equals(bytes.subarray(4096)),
    ]).toEqual([false, true]);
  });

  test('delay and slow only take time', async () => {
    standIn.faults.add({ fault: { kind: 'delay', ms: 30 } });
    standIn.faults.add({ fault: { kind: 'slow', bytesPerSecond: 2_000_000 } });
    const startedMs = performance.now();
    expect((await north('GET', path)).body.equals(bytes)).toBe(true);
    expect(performance.now() - startedMs).toBeGreaterThan(30 + 100);
  });

  test.each([
    { name: 'another method', match: { method: 'PUT' } },
    { name: 'another label', match: { label: 'south' } },
    { name: 'another path', match: { pathPrefix: '/Projects/other' } },
  ])('with $name does not strike', async ({ match }) => {
    standIn.faults.add({ match, fault: { kind: 'status', status: 500 } });
    expect((await north('GET', path)).status).toBe(200);
  });

  test.each([
    { name: 'the URL', match: { pathPrefix: path } },
    { name: "the path in the owner's tree", match: { pathPrefix: '/Projects/big' } },
    { name: 'label and method', match: { label: 'north', method: 'get' } },
  ])('is found by $name and strikes as often as it says', async ({ match }) => {
    standIn.faults.add({ match: { ...match, count: 2 }, fault: { kind: 'status', status: 500 } });
    const statuses = [await north('GET', path), await north('GET', path), await north('GET', path)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([500, 500, 200]);
    expect(standIn.faults.list()).toEqual([]);
  });
});

describe('the account of an office', () => {
  test('knows which bytes of which version went out, and how often', async () => {
    const { etag = '' } = standIn.stat('alice', '/Projects/big.bin') ?? {};
    await north('GET', path, { Range: 'bytes=0-99999' });
    await north('GET', path, { Range: 'bytes=200000-299999' });
    expect(usage()).toMatchObject({ requests: 2, bodyBytes: 200_000, duplicateBytes: 0, statuses: { 206: 2 } });
    await north('GET', path, { Range: 'bytes=50000-149999' });
    expect(usage()?.duplicateBytes).toBe(50_000);
    expect(usage()?.bytesPerPath).toEqual({ '/Projects/big.bin': 300_000 });
    expect(usage()?.rangesServed.map(({ start, end, times }) => [start, end, times])).toEqual([
      [0, 50_000, 1],
      [50_000, 100_000, 2],
      [100_000, 150_000, 1],
      [200_000, 300_000, 1],
    ]);
    expect(usage()?.rangesServed[0]).toMatchObject({ path: '/Projects/big.bin', etag });
  });

  test('a new version starts from nothing; a rename does not', async () => {
    await north('GET', path);
    standIn.move('alice', '/Projects/big.bin', '/Projects/renamed.bin');
    await north('GET', '/public.php/webdav/renamed.bin');
    expect(usage()?.duplicateBytes).toBe(sizeBytes);
    await standIn.put('alice', '/Projects/renamed.bin', seededContent('other', sizeBytes));
    await north('GET', '/public.php/webdav/renamed.bin');
    expect(usage()?.duplicateBytes).toBe(sizeBytes);
  });

  test('bytes a fault has spoiled do not count as served; those before a break-off do', async () => {
    standIn.faults.add({ match: { count: 1 }, fault: { kind: 'corrupt' } });
    await north('GET', path);
    await north('GET', path);
    expect(usage()).toMatchObject({ bodyBytes: 2 * sizeBytes, duplicateBytes: 0 });
    standIn.resetStats();
    standIn.faults.add({ match: { count: 1 }, fault: { kind: 'short-body', afterBytes: 1000 } });
    await north('GET', path);
    await north('GET', path);
    expect(usage()?.duplicateBytes).toBe(1000);
  });

  test('is its own: other offices, users and strangers are counted apart', async () => {
    const south = clientOf(standIn, standIn.createLink('alice', '/Projects', { label: 'south' }).token, '');
    await Promise.all([north('GET', path), south('GET', path)]);
    await clientOf(standIn, 'alice', 'secret')('GET', '/remote.php/dav/files/alice/Projects/big.bin');
    await clientOf(standIn, 'nosuchtoken', '')('GET', path);
    const stats = standIn.stats();
    expect([usage()?.duplicateBytes, usage('south')?.duplicateBytes, stats.perUser.alice?.bodyBytes]).toEqual([
      0,
      0,
      sizeBytes,
    ]);
    expect(stats.unidentified.statuses).toEqual({ 401: 1 });
  });

  test('counts what left, not what a client that hung up had asked for', async () => {
    standIn.setWanRate(200_000, 'north');
    const request = get(standIn.url + path, { headers: { Authorization: basic(northToken, '') }, agent: false });
    const [response] = await once(request, 'response');
    await once(response, 'data');
    request.destroy();
    standIn.setWanRate(undefined, 'north');
    await north('GET', path, { Range: 'bytes=290000-299999' });
    expect(usage()?.bodyBytes).toBeLessThan(sizeBytes);
    expect(usage()?.peakDownloads).toBeLessThanOrEqual(2);
  });
});

describe("an office's line", () => {
  test('is shared by its streams; other offices and users do not wait for it', async () => {
    standIn.setWanRate(1_000_000);
    const south = clientOf(standIn, standIn.createLink('alice', '/Projects', { label: 'south' }).token, '');
    const timed = async (work: Promise<unknown>) => {
      const startedMs = performance.now();
      await work;
      return performance.now() - startedMs;
    };
    const half = { Range: 'bytes=0-149999' };
    const [northMs, southMs, userMs] = await Promise.all([
      timed(Promise.all([north('GET', path, half), north('GET', path, half)])),
      timed(south('GET', path, half)),
      timed(clientOf(standIn, 'alice', 'secret')('GET', '/remote.php/dav/files/alice/Projects/big.bin')),
    ]);
    expect(northMs).toBeGreaterThan(250);
    expect(southMs).toBeGreaterThan(110);
    expect(southMs).toBeLessThan(northMs);
    expect(userMs).toBeLessThan(northMs);
  });
});

test('a stand-in that is closed while offices wait for their line reports no error of its own', async () => {
  const errors: unknown[] = [];
  const other = await createStandIn({
    users: [{ id: 'alice', password: 'secret' }],
    wanBytesPerSecondPerOffice: 1000,
    onError: (error) => errors.push(error),
  });
  await other.put('alice', '/big.bin', seededContent('big', sizeBytes));
  const { token } = other.createLink('alice', '/', { label: 'north' });
  const request = get(`${other.url}${path}`, { headers: { Authorization: basic(token, '') }, agent: false });
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  const gone = new Promise((resolve) => response.once('close', resolve));
  await Promise.all([gone, other.close()]);
  expect(errors).toEqual([]);
});
