/** The rules of api.md that Harp leans on, stated without the recordings: Range, conditions, ETags, ids, names, listings. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createStandIn, type StandIn } from './stand-in.ts';
import { type Ask, clientOf, propfindBody } from './testing/dav-client.ts';

const files = '/remote.php/dav/files/alice';
const text = 'Harp keeps the office fast.\n'.repeat(4); // 112 bytes
const modified = Date.UTC(2026, 0, 2, 3, 4, 5);

let standIn: StandIn;
let alice: Ask;

beforeAll(async () => {
  standIn = await createStandIn({
    users: [
      { id: 'alice', password: 'secret' },
      { id: 'bob', password: 'secret' },
    ],
  });
  alice = clientOf(standIn, 'alice', 'secret');
});
afterAll(() => standIn.close());

beforeEach(async () => {
  for (const name of ['/docs', '/other']) if (standIn.stat('alice', name)) standIn.remove('alice', name);
  await standIn.put('alice', '/docs/a.txt', Buffer.from(text), { mtimeMs: modified });
  await standIn.put('alice', '/docs/empty.bin', Buffer.alloc(0));
});

const etagOf = (path: string) => `"${standIn.etagOf('alice', path)}"`;

describe('Range', () => {
  test.each([
    { range: 'bytes=0-9', status: 206, contentRange: 'bytes 0-9/112', body: text.slice(0, 10) },
    { range: 'bytes=100-', status: 206, contentRange: 'bytes 100-111/112', body: text.slice(100) },
    { range: 'bytes=-12', status: 206, contentRange: 'bytes 100-111/112', body: text.slice(100) },
    { range: 'bytes=-500', status: 206, contentRange: 'bytes 0-111/112', body: text },
    { range: 'bytes=100-5000', status: 206, contentRange: 'bytes 100-111/112', body: text.slice(100) },
    { range: 'bytes=0-0', status: 206, contentRange: 'bytes 0-111/112', body: text },
    { range: 'bytes=0-9,20-29', status: 200, contentRange: undefined, body: text },
    { range: 'lines=1-2', status: 200, contentRange: undefined, body: text },
    { range: 'bytes=-', status: 200, contentRange: undefined, body: text },
  ])('$range → $status, $contentRange', async ({ range, status, contentRange, body }) => {
    const response = await alice('GET', `${files}/docs/a.txt`, { Range: range });
    expect(response.status).toBe(status);
    expect(response.headers['content-range']).toBe(contentRange);
    expect(response.body.toString()).toBe(body);
    expect(response.headers['accept-ranges']).toBeUndefined();
  });

  test.each(['bytes=112-', 'bytes=5000-6000', 'bytes=10-5'])('%s → 416 without Content-Range', async (range) => {
    const response = await alice('GET', `${files}/docs/a.txt`, { Range: range });
    expect(response.status).toBe(416);
    expect(response.headers['content-range']).toBeUndefined();
    expect(response.headers.etag).toBe(etagOf('/docs/a.txt'));
    expect(response.body.toString()).toContain('Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable');
  });

  test('any range of an empty file is 200 and empty', async () => {
    const response = await alice('GET', `${files}/docs/empty.bin`, { Range: 'bytes=0-99' });
    expect([response.status, response.body.length, response.headers['content-length']]).toEqual([200, 0, '0']);
  });

  test('HEAD with a range is 500; without one it has the length, and the checksum twice', async () => {
    await alice('PUT', `${files}/docs/sum.txt`, { 'OC-Checksum': 'SHA1:00' }, 'x');
    expect((await alice('HEAD', `${files}/docs/a.txt`, { Range: 'bytes=0-9' })).status).toBe(500);
    const response = await alice('HEAD', `${files}/docs/sum.txt`);
    expect([response.status, response.headers['content-length']]).toEqual([200, '1']);
    expect(response.all('oc-checksum')).toEqual(['SHA1:00', 'SHA1:00']);
  });
});

describe('conditions', () => {
  const stale = '"0123456789abcdef"';

  test.each([
    { name: 'If-Match that fits', headers: () => ({ 'If-Match': etagOf('/docs/a.txt') }), status: 206 },
    { name: 'If-Match *', headers: () => ({ 'If-Match': '*' }), status: 206 },
    { name: 'If-Match in a list', headers: () => ({ 'If-Match': `${stale}, ${etagOf('/docs/a.txt')}` }), status: 206 },
    { name: 'stale If-Match', headers: () => ({ 'If-Match': stale }), status: 412 },
    {
      name: 'If-Match without quotes',
      headers: () => ({ 'If-Match': standIn.etagOf('alice', '/docs/a.txt') }),
      status: 412,
    },
    { name: 'If-Range that fits', headers: () => ({ 'If-Range': etagOf('/docs/a.txt') }), status: 206 },
    { name: 'stale If-Range', headers: () => ({ 'If-Range': stale }), status: 200 },
    { name: 'If-Range with the date', headers: () => ({ 'If-Range': new Date(modified).toUTCString() }), status: 206 },
    {
      name: 'If-Range with an older date',
      headers: () => ({ 'If-Range': new Date(modified - 1000).toUTCString() }),
      status: 200,
    },
    { name: 'If-None-Match that fits', headers: () => ({ 'If-None-Match': etagOf('/docs/a.txt') }), status: 304 },
    { name: 'stale If-None-Match', headers: () => ({ 'If-None-Match': stale }), status: 206 },
    {
      name: 'If-Modified-Since the date',
      headers: () => ({ 'If-Modified-Since': new Date(modified).toUTCString() }),
      status: 304,
    },
  ])('GET with $name → $status', async ({ headers, status }) => {
    const response = await alice('GET', `${files}/docs/a.txt`, { Range: 'bytes=0-9', ...headers() });
    expect(response.status).toBe(status);
    if (status === 412 || status === 304) expect([undefined, etagOf('/docs/a.txt')]).toContain(response.headers.etag);
    if (status === 412) expect(response.headers.etag).toBe(etagOf('/docs/a.txt'));
  });

  test.each([
    { name: 'create only, file exists', path: 'a.txt', headers: { 'If-None-Match': '*' }, status: 412 },
    { name: 'create only, file is new', path: 'new.txt', headers: { 'If-None-Match': '*' }, status: 201 },
    { name: 'update with a stale ETag', path: 'a.txt', headers: { 'If-Match': stale }, status: 412 },
    { name: 'update of what is not there', path: 'new.txt', headers: { 'If-Match': stale }, status: 412 },
    { name: 'part of a file', path: 'a.txt', headers: { 'Content-Range': 'bytes 0-1/112' }, status: 400 },
  ])('PUT: $name → $status', async ({ path, headers, status }) => {
    expect((await alice('PUT', `${files}/docs/${path}`, headers, 'new text')).status).toBe(status);
    expect(standIn.stat('alice', '/docs/a.txt')?.sizeBytes).toBe(112);
  });

  test('DELETE and MOVE honour If-Match of the source, folders too', async () => {
    const destination = { Destination: `${standIn.url}${files}/other` };
    expect((await alice('DELETE', `${files}/docs`, { 'If-Match': stale })).status).toBe(412);
    expect((await alice('MOVE', `${files}/docs`, { ...destination, 'If-Match': stale })).status).toBe(412);
    expect((await alice('MOVE', `${files}/docs`, { ...destination, 'If-Match': etagOf('/docs') })).status).toBe(201);
  });
});

describe('ETags and ids', () => {
  test('a change gives every folder up to the root one new ETag, and no other folder', async () => {
    standIn.mkdir('alice', '/docs/deep/deeper');
    standIn.mkdir('alice', '/docs/aside');
    const before = ['/', '/docs', '/docs/deep', '/docs/deep/deeper', '/docs/aside'].map(etagOf);
    await alice('PUT', `${files}/docs/deep/deeper/b.txt`, {}, 'b');
    const after = ['/', '/docs', '/docs/deep', '/docs/deep/deeper', '/docs/aside'].map(etagOf);
    expect(new Set(after.slice(0, 4)).size).toBe(1);
    expect(before.slice(0, 4)).not.toContain(after[0]);
    expect(after[4]).toBe(before[4]);
  });

  test('the same bytes again are a new version with the old id', async () => {
    const before = standIn.stat('alice', '/docs/a.txt');
    const response = await alice('PUT', `${files}/docs/a.txt`, { 'X-OC-MTime': '1790000000' }, text);
    const after = standIn.stat('alice', '/docs/a.txt');
    expect([response.status, response.headers['x-oc-mtime']]).toEqual([204, 'accepted']);
    expect(after).toMatchObject({ fileId: before?.fileId, mtimeMs: 1_790_000_000_000 });
    expect(after?.etag).not.toBe(before?.etag);
  });

  test('MOVE keeps id and ETag of a folder and of everything in it', async () => {
    const before = [standIn.stat('alice', '/docs'), standIn.stat('alice', '/docs/a.txt')];
    const response = await alice('MOVE', `${files}/docs`, { Destination: `${files}/other` });
    const after = [standIn.stat('alice', '/other'), standIn.stat('alice', '/other/a.txt')];
    expect(response.status).toBe(201);
    expect(after.map((facts) => [facts?.fileId, facts?.etag])).toEqual(
      before.map((facts) => [facts?.fileId, facts?.etag]),
    );
  });

  test('MOVE over a file: the id of the source survives', async () => {
    const moved = standIn.stat('alice', '/docs/a.txt');
    const response = await alice('MOVE', `${files}/docs/a.txt`, { Destination: `${files}/docs/empty.bin` });
    expect(response.status).toBe(204);
    expect(standIn.stat('alice', '/docs/empty.bin')?.fileId).toBe(moved?.fileId);
    expect(standIn.stat('alice', '/docs/a.txt')).toBeUndefined();
  });

  test('COPY makes a new id', async () => {
    const response = await alice('COPY', `${files}/docs`, { Destination: `${standIn.url}${files}/other` });
    expect(response.status).toBe(201);
    expect(standIn.stat('alice', '/other/a.txt')?.fileId).not.toBe(standIn.stat('alice', '/docs/a.txt')?.fileId);
    expect(standIn.stat('alice', '/other')?.sizeBytes).toBe(112);
  });

  test('PATCH replaces the checksums by a computed one; PUT without one clears them', async () => {
    await alice('PUT', `${files}/docs/a.txt`, { 'OC-Checksum': 'MD5:00 SHA1:00' }, 'abc');
    const patched = await alice('PATCH', `${files}/docs/a.txt`, { 'X-Recalculate-Hash': 'sha1' });
    expect(patched.headers['oc-checksum']).toBe('SHA1:a9993e364706816aba3e25717850c26c9cd0d89d');
    await alice('PUT', `${files}/docs/a.txt`, {}, 'abc');
    expect((await alice('GET', `${files}/docs/a.txt`)).headers['oc-checksum']).toBeUndefined();
  });

  test('X-Hash answers with the digest of the bytes received', async () => {
    const response = await alice('PUT', `${files}/docs/a.txt`, { 'X-Hash': 'md5' }, 'abc');
    expect(response.headers['x-hash-md5']).toBe('900150983cd24fb0d6963f7d28e17f72');
  });
});

describe('names', () => {
  test('a name sent in NFD is stored, listed and found in NFC', async () => {
    await alice('PUT', `${files}/docs/${encodeURIComponent('Größe.txt'.normalize('NFD'))}`, {}, 'x');
    expect(standIn.stat('alice', '/docs/Größe.txt'.normalize('NFC'))?.sizeBytes).toBe(1);
    const listing = await alice('PROPFIND', `${files}/docs`, { Depth: '1' }, propfindBody('d:getetag'));
    expect(listing.body.toString()).toContain(`<d:href>${files}/docs/Gr%c3%b6%c3%9fe.txt</d:href>`);
  });

  test.each([
    { name: '.htaccess', status: 403 },
    { name: 'upload.part', status: 423 },
    { name: 'back\\slash', status: 400 },
    { name: 'bell\u0007', status: 400 },
    { name: 'con.txt', status: 201 },
    { name: 'colon:dot.', status: 201 },
  ])('PUT $name → $status', async ({ name, status }) => {
    expect((await alice('PUT', `${files}/docs/${encodeURIComponent(name)}`, {}, 'x')).status).toBe(status);
  });

  test('upper and lower case are two files', async () => {
    await alice('PUT', `${files}/docs/A.TXT`, {}, 'other');
    expect(standIn.stat('alice', '/docs/a.txt')?.sizeBytes).toBe(112);
  });
});

describe('listings', () => {
  const asked = propfindBody('d:getetag', 'd:getcontentlength', 'oc:size', 'nc:lock');

  test.each([
    { depth: '0', count: 1 },
    { depth: '1', count: 4 },
    { depth: undefined, count: 4 },
    { depth: 'infinity', count: 5 },
  ])('Depth $depth gives $count entries, the folder first', async ({ depth, count }) => {
    await standIn.put('alice', '/docs/sub/c.txt', Buffer.from('c'));
    const response = await alice('PROPFIND', `${files}/docs`, depth === undefined ? {} : { Depth: depth }, asked);
    const hrefs = [...response.body.toString().matchAll(/<d:href>([^<]*)/g)].map(([, href]) => href);
    expect([response.status, hrefs.length, hrefs[0]]).toEqual([207, count, `${files}/docs/`]);
  });

  test('return=minimal leaves out what is not there', async () => {
    const full = await alice('PROPFIND', `${files}/docs`, { Depth: '0' }, asked);
    const minimal = await alice('PROPFIND', `${files}/docs`, { Depth: '0', Prefer: 'return=minimal' }, asked);
    expect(full.body.toString()).toContain('<nc:lock/></d:prop><d:status>HTTP/1.1 404 Not Found');
    expect(minimal.body.toString()).not.toContain('404 Not Found');
  });

  test('gzip is used when the client takes it', async () => {
    const response = await alice('PROPFIND', `${files}/docs`, { 'Accept-Encoding': 'gzip' }, asked);
    expect(response.headers['content-encoding']).toBe('gzip');
    expect([...response.body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  });

  test('the home of another user shows nothing, and nothing below it exists', async () => {
    await standIn.put('bob', '/private.txt', Buffer.from('b'));
    expect((await alice('PROPFIND', '/remote.php/dav/files/bob/', { Depth: '1' })).body.toString()).not.toContain(
      'private',
    );
    expect((await alice('GET', '/remote.php/dav/files/bob/private.txt')).status).toBe(404);
  });
});
