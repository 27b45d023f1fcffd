import { afterAll, beforeAll, expect, test } from 'vitest';
import { JobList, LogChannelList, LogPage, ServerSettings, UserState } from '../../api/schemas.ts';
import type { ServerHarness } from '../testing/server-harness.ts';
import { folderId, smallFleet } from '../testing/small-fleet.ts';

const host = 'console.example:8420';
let server: ServerHarness;
let ada: string;
let bob: string;
beforeAll(async () => {
  ({ server } = await smallFleet());
  const code = (await server.auth.newSetupCode())!;
  const { session } = await server.auth.setUp(
    { code, name: 'ada', password: 'correct horse battery' },
    { address: 'test', userAgent: '' },
    server.changes,
  );
  ada = session;
  bob = (await server.person('bob', [{ role: 'viewer' }])).session;
});
afterAll(() => server[Symbol.asyncDispose]());

/** A request of a page of this server, signed in with `session`. */
async function browse(session: string, method: string, path: string, body?: unknown) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await server.api.request(`http://${host}/api/v1${path}`, {
    method,
    headers: {
      host,
      origin: `http://${host}`,
      cookie: `harp_session=${session}`,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

test('each person has a state of their own, which is replaced whole', async () => {
  const read = async (session: string) => UserState.parse((await browse(session, 'GET', '/me/state/layout')).body);
  expect(await read(ada)).toEqual({ key: 'layout', value: null, updatedAtMs: null });
  await browse(ada, 'PUT', '/me/state/layout', { value: { panels: [1, 'zwei', null] } });
  await browse(bob, 'PUT', '/me/state/layout', { value: 'mine' });
  expect(await read(ada)).toMatchObject({ value: { panels: [1, 'zwei', null] }, updatedAtMs: server.clock.nowMs() });
  expect(await read(bob)).toMatchObject({ value: 'mine' });
  await browse(ada, 'PUT', '/me/state/layout', { value: null });
  expect(await read(ada)).toMatchObject({ value: null });
});

test.each<{ name: string; path: string; value: unknown; status: number }>([
  { name: 'more than 64 KiB', path: '/me/state/filters', value: 'x'.repeat(65_536), status: 413 },
  { name: 'a key that nobody knows', path: '/me/state/secrets', value: 1, status: 400 },
  { name: 'a NUL', path: '/me/state/settings', value: 'a\0b', status: 400 },
])('$name is refused', async ({ path, value, status }) => {
  expect((await browse(ada, 'PUT', path, { value })).status).toBe(status);
});

test('an API key has no state of its own', async () => {
  expect((await server.call('GET', '/me/state/layout')).status).toBe(403);
});

test('settings of the server are read by everybody and changed by owners', async () => {
  const settings = { 'timeToOffice.goalMinutes': 30 };
  expect((await browse(bob, 'PUT', '/server/settings', { settings })).status).toBe(403);
  expect((await browse(ada, 'PUT', '/server/settings', { settings })).status).toBe(200);
  expect(ServerSettings.parse((await browse(bob, 'GET', '/server/settings')).body).settings).toEqual(settings);
});

test.each([
  ['POST', `/folders/${folderId}/reindex`, undefined],
  ['POST', '/tokens', { office: 'north' }],
  ['PUT', '/fleet', {}],
  ['POST', '/jobs', { kind: 'verify-folder', folderId }],
])('%s %s needs the role for it', async (method, path, body) => {
  const refused = await browse(bob, method, path, body);
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'api.forbidden' } } });
});

test('a verification is a job with a log', async () => {
  const { status, body } = await browse(ada, 'POST', '/jobs', { kind: 'verify-folder', folderId });
  expect(status).toBe(201);
  expect(body).toMatchObject({ kind: 'verify-folder', startedBy: 'ada', subject: { name: 'Projects' } });
  await server.clock.advance(0);
  const [job] = JobList.parse((await browse(bob, 'GET', '/jobs')).body).jobs;
  expect(job).toMatchObject({ state: 'done', result: { ok: false, firstBad: { seq: 3 } } });
  const log = LogPage.parse((await browse(bob, 'GET', `/jobs/${job!.id}/log?after=1`)).body);
  expect(log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual(['error entry', 'info done']);
  expect((await browse(ada, 'POST', `/jobs/${job!.id}/cancel`)).body).toMatchObject({ state: 'done' });
  expect((await browse(ada, 'POST', '/jobs', { kind: 'verify-folder', folderId: 'fld-none' })).status).toBe(404);
});

test('the server’s own log channels are there and can be read', async () => {
  const { channels } = LogChannelList.parse((await browse(ada, 'GET', '/logs')).body);
  expect(channels.map(({ id, name }) => [id, name])).toEqual([
    ['server', 'server'],
    ['indexer', 'indexer'],
    ['broker', 'broker'],
  ]);
  expect(LogPage.parse((await browse(ada, 'GET', '/logs/server')).body)).toMatchObject({ channel: 'server' });
  for (const channel of ['none', 'agent:x', `agent:${'q'.repeat(52)}`])
    expect((await browse(ada, 'GET', `/logs/${channel}`)).status).toBe(404);
});

test('every answer says where the live stream was before it', async () => {
  const before = server.hub.lastId;
  expect((await browse(ada, 'GET', '/offices')).headers.get('x-harp-live')).toBe(before);
});
