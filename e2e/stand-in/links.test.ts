/** The rules of public links and direct links (api.md 5 and 6), and of brute-force protection (2.3). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStandIn, type StandIn, type StandInOptions } from './stand-in.ts';
import { clientOf, ocsClientOf, propfindBody } from './testing/dav-client.ts';
import { rawRequest } from './testing/raw-request.ts';

const webdav = '/public.php/webdav';
const sharesApi = '/ocs/v2.php/apps/files_sharing/api/v1/shares';

let standIn: StandIn;

async function start(options: Partial<StandInOptions> = {}): Promise<void> {
  standIn = await createStandIn({ users: [{ id: 'alice', password: 'secret' }], ...options });
  await standIn.put('alice', '/Projects/plan.txt', Buffer.from('0123456789'));
}

beforeEach(() => start());
afterEach(() => standIn.close());

describe('a public link', () => {
  test('serves its folder as a tree of its own, ranges and conditions included', async () => {
    const { token } = standIn.createLink('alice', '/Projects', { label: 'north' });
    const guest = clientOf(standIn, token, '');
    const listing = await guest('PROPFIND', `${webdav}/`, { Depth: '1' }, propfindBody('oc:permissions'));
    expect([...listing.body.toString().matchAll(/href>([^<]*)<\/d:href/g)].map(([, href]) => href)).toEqual([
      `${webdav}/`,
      `${webdav}/plan.txt`,
    ]);
    expect(listing.body.toString()).toContain('<oc:permissions>RG</oc:permissions>');
    const part = await guest('GET', `${webdav}/plan.txt`, {
      Range: 'bytes=2-4',
      'If-Match': `"${standIn.etagOf('alice', '/Projects/plan.txt')}"`,
    });
    expect([part.status, part.body.toString(), part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await guest('GET', `${webdav}/plan.txt`, { 'If-Match': '"stale"' })).status).toBe(412);
  });

  test.each([
    { method: 'PUT', path: '/new.txt' },
    { method: 'DELETE', path: '/plan.txt' },
    { method: 'MKCOL', path: '/sub' },
    { method: 'MOVE', path: '/plan.txt' },
  ])('read-only refuses $method', async ({ method, path }) => {
    const { token } = standIn.createLink('alice', '/Projects');
    const response = await clientOf(standIn, token, '')(method, webdav + path, { Destination: `${webdav}/x` }, 'x');
    expect(response.status).toBe(403);
    expect(standIn.stat('alice', '/Projects/plan.txt')?.sizeBytes).toBe(10);
  });

  test('with all permissions takes files', async () => {
    const { token } = standIn.createLink('alice', '/Projects', { permissions: 15 });
    expect((await clientOf(standIn, token, '')('PUT', `${webdav}/new.txt`, {}, 'new')).status).toBe(201);
    expect(standIn.stat('alice', '/Projects/new.txt')?.sizeBytes).toBe(3);
  });

  test('to a file is that file; names below it do not exist', async () => {
    const { token } = standIn.createLink('alice', '/Projects/plan.txt');
    const guest = clientOf(standIn, token, '');
    expect((await guest('GET', `${webdav}/`)).body.toString()).toBe('0123456789');
    expect((await guest('GET', `${webdav}/plan.txt`)).status).toBe(404);
  });

  test('opens with its password only', async () => {
    const { token } = standIn.createLink('alice', '/Projects', { password: 'open sesame' });
    expect((await clientOf(standIn, token, '')('GET', `${webdav}/plan.txt`)).status).toBe(401);
    expect((await clientOf(standIn, token, 'open sesame')('GET', `${webdav}/plan.txt`)).status).toBe(200);
  });

  test.each([
    { name: 'it is deleted', act: (id: string) => void standIn.deleteLink(id) },
    { name: 'its folder is deleted', act: () => standIn.remove('alice', '/Projects') },
    { name: 'its owner is disabled', act: () => standIn.setUserEnabled('alice', false) },
  ])('is dead when $name', async ({ act }) => {
    const { id, token } = standIn.createLink('alice', '/Projects');
    act(id);
    expect((await clientOf(standIn, token, '')('PROPFIND', `${webdav}/`, { Depth: '0' })).status).toBe(401);
  });

  test('follows its folder when that is moved', async () => {
    const { token } = standIn.createLink('alice', '/Projects');
    standIn.move('alice', '/Projects', '/Archive/2026');
    expect((await clientOf(standIn, token, '')('GET', `${webdav}/plan.txt`)).status).toBe(200);
  });
});

describe('the newer endpoint', () => {
  test('does not exist on 27', async () => {
    const { token } = standIn.createLink('alice', '/Projects');
    expect((await rawRequest(`${standIn.url}/public.php/dav/files/${token}/plan.txt`)).status).toBe(404);
  });

  test('on 29 needs no credentials, and a dead token looks like an outage', async () => {
    await standIn.close();
    await start({ version: '29.0.0.0' });
    const { token } = standIn.createLink('alice', '/Projects');
    const files = `${standIn.url}/public.php/dav/files`;
    expect((await rawRequest(`${files}/${token}/plan.txt`)).body.toString()).toBe('0123456789');
    const dead = await rawRequest(`${files}/nosuchtoken/plan.txt`);
    expect([dead.status, dead.body.toString().includes('Sabre\\DAV\\Exception\\NotFound: ')]).toEqual([503, true]);
  });
});

describe('the share API', () => {
  test('gives back the permissions with the share bit, on a file without create and delete', async () => {
    const api = ocsClientOf(standIn, 'alice', 'secret');
    const folder = await api('POST', sharesApi, {
      path: '/Projects',
      shareType: '3',
      permissions: '1',
      label: 'north',
    });
    const file = await api('POST', sharesApi, { path: '/Projects/plan.txt', shareType: '3', permissions: '15' });
    expect(folder.data).toMatchObject({ permissions: 17, label: 'north', item_type: 'folder', password: null });
    expect(file.data).toMatchObject({ permissions: 19, item_type: 'file' });
  });

  test.each([
    { name: 'a path that is not there', form: { path: '/nope', shareType: '3' }, status: 404 },
    { name: 'no path', form: { shareType: '3' }, status: 404 },
    { name: 'a past date', form: { path: '/Projects', shareType: '3', expireDate: '2001-01-01' }, status: 404 },
    { name: 'a bad date', form: { path: '/Projects', shareType: '3', expireDate: 'soon' }, status: 404 },
    { name: 'an unknown type', form: { path: '/Projects', shareType: '99' }, status: 400 },
  ])('refuses $name with $status', async ({ form, status }) => {
    const response = await ocsClientOf(standIn, 'alice', 'secret')('POST', sharesApi, form);
    expect([response.status, response.meta.statuscode]).toEqual([status, status]);
  });

  test('obeys the policy of the instance', async () => {
    await standIn.close();
    await start({ sharePolicy: { passwordEnforced: true, maxExpireDays: 7 } });
    const api = ocsClientOf(standIn, 'alice', 'secret');
    const link = { path: '/Projects', shareType: '3' };
    expect((await api('POST', sharesApi, link)).status).toBe(403);
    expect((await api('POST', sharesApi, { ...link, password: 'x', expireDate: '2999-01-01' })).status).toBe(404);
    expect((await api('POST', sharesApi, { ...link, password: 'x' })).data).toMatchObject({
      expiration: expect.stringMatching(/ 00:00:00$/),
    });
  });

  test('deletes once', async () => {
    const { id } = standIn.createLink('alice', '/Projects');
    const api = ocsClientOf(standIn, 'alice', 'secret');
    expect((await api('DELETE', `${sharesApi}/${id}`)).status).toBe(200);
    expect((await api('DELETE', `${sharesApi}/${id}`)).status).toBe(404);
  });
});

test('a direct link serves ranges without credentials, with a bare ETag', async () => {
  const fileId = String(standIn.stat('alice', '/Projects/plan.txt')?.fileId);
  const { data } = await ocsClientOf(standIn, 'alice', 'secret')('POST', '/ocs/v2.php/apps/dav/api/v1/direct', {
    fileId,
  });
  const { url } = data as { url: string };
  const response = await rawRequest(url, { headers: { Range: 'bytes=0-2' } });
  expect([response.status, response.body.toString()]).toEqual([206, '012']);
  expect(response.headers.etag).toBe(standIn.etagOf('alice', '/Projects/plan.txt'));
});

describe('brute-force protection', () => {
  async function failTimes(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) await clientOf(standIn, 'nosuchtoken', '')('PROPFIND', `${webdav}/`);
  }

  test('shuts out an address after more than ten failures, good credentials included', async () => {
    standIn.setBruteForceProtection(true);
    const { token } = standIn.createLink('alice', '/Projects');
    await failTimes(10);
    expect((await clientOf(standIn, token, '')('GET', `${webdav}/plan.txt`)).status).toBe(200);
    await failTimes(1);
    expect((await clientOf(standIn, token, '')('GET', `${webdav}/plan.txt`)).status).toBe(429);
    expect((await clientOf(standIn, 'alice', 'secret')('PROPFIND', '/remote.php/dav/files/alice/')).status).toBe(429);
  });

  test('is off unless asked for', async () => {
    await failTimes(20);
    expect((await clientOf(standIn, 'alice', 'secret')('PROPFIND', '/remote.php/dav/files/alice/')).status).toBe(207);
  });
});
