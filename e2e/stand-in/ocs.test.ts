/** The rules of OCS, credentials and maintenance (api.md 1 and 2), and of chunked upload and search (4.6, 4.8). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStandIn, type StandIn } from './stand-in.ts';
import { type Ask, clientOf, ocsClientOf } from './testing/dav-client.ts';
import { rawRequest } from './testing/raw-request.ts';

const files = '/remote.php/dav/files/alice';

let standIn: StandIn;
let alice: Ask;

beforeEach(async () => {
  standIn = await createStandIn({
    users: [
      { id: 'root', password: 'secret', groups: ['admin'] },
      { id: 'alice', password: 'secret', displayName: 'Alice' },
    ],
    basePath: '/nextcloud/',
  });
  alice = clientOf(standIn, 'alice', 'secret');
});
afterEach(() => standIn.close());

describe('the envelope', () => {
  const user = '/ocs/v2.php/cloud/user';

  test.each([
    { name: 'format=json', path: `${user}?format=json`, headers: {}, type: 'application/json; charset=utf-8' },
    { name: 'Accept', path: user, headers: { Accept: 'application/json' }, type: 'application/json; charset=utf-8' },
    { name: 'nothing', path: user, headers: {}, type: 'application/xml; charset=utf-8' },
  ])('with $name is $type', async ({ path, headers, type }) => {
    const response = await alice('GET', path, { 'OCS-APIRequest': 'true', ...headers });
    expect([response.status, response.headers['content-type']]).toEqual([200, type]);
  });

  test('without OCS-APIRequest there is a CSRF error outside the envelope', async () => {
    const response = await alice('GET', `${user}?format=json`);
    expect([response.status, response.body.toString()]).toEqual([412, '{"message":"CSRF check failed"}']);
  });

  test('wrong credentials are answered in XML even for json', async () => {
    const response = await clientOf(standIn, 'alice', 'wrong')('GET', `${user}?format=json`, {
      'OCS-APIRequest': 'true',
    });
    expect([response.status, response.headers['content-type']]).toEqual([401, 'text/xml; charset=UTF-8']);
    expect(response.body.toString()).toContain('<statuscode>997</statuscode>');
  });

  test.each([
    { version: 'v1.php', statuscode: 100 },
    { version: 'v2.php', statuscode: 200 },
  ])('$version says $statuscode for success', async ({ version, statuscode }) => {
    const response = await ocsClientOf(standIn, 'alice', 'secret')('GET', `/ocs/${version}/cloud/user`);
    expect([response.status, response.meta.statuscode]).toEqual([200, statuscode]);
  });

  test('strangers see few capabilities, users see the rest', async () => {
    const { data } = await ocsClientOf(standIn, 'alice', 'secret')('GET', '/ocs/v2.php/cloud/capabilities');
    expect(data).toMatchObject({
      version: { major: 27 },
      capabilities: { dav: { chunking: '1.0' }, files_sharing: { api_enabled: true } },
    });
    const anonymous = await rawRequest(`${standIn.url}/ocs/v2.php/cloud/capabilities?format=json`);
    expect(anonymous.body.toString()).not.toContain('files_sharing');
  });
});

describe('credentials', () => {
  test('an app password works until it is revoked, as a bearer token too', async () => {
    const secret = standIn.createAppPassword('alice', 'test');
    const bearer = () =>
      rawRequest(`${standIn.url}${files}/`, { method: 'PROPFIND', headers: { Authorization: `Bearer ${secret}` } });
    expect((await clientOf(standIn, 'alice', secret)('PROPFIND', `${files}/`)).status).toBe(207);
    expect((await bearer()).status).toBe(207);
    expect(standIn.revokeAppPasswords('alice')).toBe(1);
    expect((await bearer()).status).toBe(401);
  });

  test('a login flow hands out an app password once, after the user agreed', async () => {
    const started = await rawRequest(`${standIn.url}/index.php/login/v2`, {
      method: 'POST',
      headers: { 'User-Agent': 'Harp <Console>' },
    });
    const flow = JSON.parse(started.body.toString()) as { poll: { token: string; endpoint: string }; login: string };
    const poll = () =>
      rawRequest(flow.poll.endpoint, {
        method: 'POST',
        body: new URLSearchParams({ token: flow.poll.token }).toString(),
      });
    expect((await rawRequest(flow.login)).body.toString()).toContain('Harp &lt;Console&gt; wants access');
    expect([(await poll()).status, (await poll()).body.toString()]).toEqual([404, '[]']);
    await rawRequest(flow.login, {
      method: 'POST',
      body: new URLSearchParams({ user: 'alice', password: 'secret' }).toString(),
    });
    const granted = JSON.parse((await poll()).body.toString()) as {
      server: string;
      loginName: string;
      appPassword: string;
    };
    expect(granted).toEqual({
      server: standIn.url,
      loginName: 'alice',
      appPassword: expect.stringMatching(/^\w{72}$/),
    });
    expect((await clientOf(standIn, 'alice', granted.appPassword)('PROPFIND', `${files}/`)).status).toBe(207);
    expect((await poll()).status).toBe(404);
  });

  test('a disabled user gets 503 from WebDAV, with the reason in the message', async () => {
    standIn.setUserEnabled('alice', false);
    const response = await alice('PROPFIND', `${files}/`);
    expect([response.status, response.body.toString().includes('LoginException: User disabled')]).toEqual([503, true]);
  });

  test('users created through the API find the example file, and only admins may create them', async () => {
    const form = { userid: 'carol', password: 'secret' };
    expect((await ocsClientOf(standIn, 'alice', 'secret')('POST', '/ocs/v2.php/cloud/users', form)).status).toBe(403);
    expect((await ocsClientOf(standIn, 'root', 'secret')('POST', '/ocs/v2.php/cloud/users', form)).status).toBe(200);
    expect((await clientOf(standIn, 'carol', 'secret')('GET', '/remote.php/dav/files/carol/welcome.txt')).status).toBe(
      200,
    );
  });
});

test('maintenance stops everything but status.php, each endpoint in its own words', async () => {
  standIn.setMaintenance(true);
  const status = await rawRequest(`${standIn.url}/status.php`);
  expect([status.status, JSON.parse(status.body.toString())]).toEqual([
    200,
    expect.objectContaining({ maintenance: true }),
  ]);
  const dav = await alice('PROPFIND', `${files}/`);
  expect([dav.status, dav.body.toString().includes('OCA\\DAV\\Exception\\ServerMaintenanceMode')]).toEqual([503, true]);
  const ocs = await ocsClientOf(standIn, 'alice', 'secret')('GET', '/ocs/v2.php/cloud/user');
  expect([ocs.status, ocs.headers['x-nextcloud-maintenance-mode'], ocs.meta.statuscode]).toEqual([503, '1', 503]);
});

describe('chunked upload', () => {
  const upload = '/remote.php/dav/uploads/alice/up1';
  const target = () => ({ Destination: `${standIn.url}${files}/big.bin` });

  test('joins chunks in the order of their names and hashes the result', async () => {
    await alice('MKCOL', upload, target());
    for (const [name, body] of [
      ['10', 'c'],
      ['2', 'b'],
      ['1', 'a'],
    ] as const)
      await alice('PUT', `${upload}/${name}`, target(), body);
    const response = await alice('MOVE', `${upload}/.file`, { ...target(), 'OC-Total-Length': '3', 'X-Hash': 'md5' });
    expect([response.status, response.headers['x-hash-md5']]).toEqual([201, '900150983cd24fb0d6963f7d28e17f72']);
    expect((await alice('GET', `${files}/big.bin`)).body.toString()).toBe('abc');
  });

  test('keeps the upload when the total is wrong, and takes it when it is right', async () => {
    await alice('MKCOL', upload);
    await alice('PUT', `${upload}/1`, {}, 'abc');
    expect((await alice('MOVE', `${upload}/.file`, { ...target(), 'OC-Total-Length': '4' })).status).toBe(400);
    expect((await alice('PROPFIND', upload, { Depth: '1' })).body.toString()).toContain(
      '<d:getcontentlength>3</d:getcontentlength>',
    );
    expect((await alice('MOVE', `${upload}/.file`, { ...target(), 'OC-Total-Length': '3' })).status).toBe(201);
  });

  test('an overwrite is guarded by If with the ETag of the target; the target keeps its id', async () => {
    const before = await standIn.put('alice', '/big.bin', Buffer.from('old'));
    await alice('MKCOL', upload);
    await alice('PUT', `${upload}/1`, {}, 'new');
    const guarded = (etag: string) =>
      alice('MOVE', `${upload}/.file`, { ...target(), If: `<${target().Destination}> (["${etag}"])` });
    expect((await guarded('stale')).status).toBe(412);
    expect((await guarded(before.etag)).status).toBe(204);
    expect(standIn.stat('alice', '/big.bin')?.fileId).toBe(before.fileId);
  });
});

test('SEARCH finds a path by file id', async () => {
  const { fileId } = await standIn.put('alice', '/deep/down/found me.txt', Buffer.from('x'));
  const query = `<d:searchrequest xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:basicsearch>
    <d:select><d:prop><oc:fileid/></d:prop></d:select><d:from><d:scope><d:href>/files/alice</d:href></d:scope></d:from>
    <d:where><d:eq><d:prop><oc:fileid/></d:prop><d:literal>${fileId}</d:literal></d:eq></d:where></d:basicsearch></d:searchrequest>`;
  const response = await alice('SEARCH', '/remote.php/dav/', { 'Content-Type': 'text/xml' }, query);
  expect(response.body.toString()).toContain(`<d:href>/nextcloud${files}/deep/down/found%20me.txt</d:href>`);
});

test.each(['PROPFIND', 'PROPPATCH'])('%s with a body that is not XML → 400', async (method) => {
  expect((await alice(method, `${files}/`, {}, '<d:propfind')).status).toBe(400);
});

test('PROPPATCH sets the mtime, which makes a new version', async () => {
  const before = await standIn.put('alice', '/a.txt', Buffer.from('x'));
  const body =
    '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><d:lastmodified>1790000000</d:lastmodified></d:prop></d:set></d:propertyupdate>';
  expect((await alice('PROPPATCH', `${files}/a.txt`, {}, body)).status).toBe(207);
  expect(standIn.stat('alice', '/a.txt')).toMatchObject({ mtimeMs: 1_790_000_000_000, fileId: before.fileId });
  expect(standIn.etagOf('alice', '/a.txt')).not.toBe(before.etag);
});
