/** Whatever changes something through the API leaves an entry of its request, with who, what, before and after; and who may read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { AuditEntry, createAuditCheck } from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AuditChainPage,
  AuditDetail,
  AuditGroups,
  AuditPage,
  AuditVerifyResult,
  ErrorBody,
} from '../../api/schemas.ts';
import { audited, UNRECORDED } from '../audit/request-audit.ts';
import { type Asked, mutatingCalls, PASSWORD } from '../testing/mutating-calls.ts';
import type { ServerHarness } from '../testing/server-harness.ts';
import { bob, folderId, smallFleet } from '../testing/small-fleet.ts';
import { openApiDocument } from './app.ts';
import type { ApiEnv } from './route.ts';

const HOST = 'console.example:8420';

let server: ServerHarness;
let cookie: string;
let key: string;
let endVerification: () => void;
beforeAll(async () => {
  const verification = new Promise<void>((resolve) => {
    endVerification = resolve;
  });
  ({ server } = await smallFleet({
    verify: async () => {
      await verification;
      return { folder: 'x', ok: true, entries: 0, manifests: 0, snapshots: 0, headSeq: 0, firstBad: null };
    },
  }));
  key = await server.auth.keys.create('script', server.changes);
}, 60_000);
afterAll(async () => {
  endVerification();
  await server[Symbol.asyncDispose]();
});

async function ask({ method, path, body, as = 'program', headers = {} }: Asked) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await server.api.request(`http://${HOST}/api/v1${path}`, {
    method,
    headers: {
      host: HOST,
      ...(as === 'person' ? { cookie, origin: `http://${HOST}` } : {}),
      ...(as === 'program' ? { authorization: `Bearer ${key}` } : {}),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return { response, requestId: response.headers.get('x-request-id') ?? '' };
}
const entriesOf = async (requestId: string) =>
  (await server.database.auditEntry.findMany({ where: { requestId }, orderBy: { seq: 'asc' } })).map(({ body }) =>
    AuditEntry.parse(JSON.parse(body)),
  );
const get = async (path: string) => (await ask({ method: 'GET', path })).response.json();

const mutating = mutatingCalls(() => server);

/** What may be changed without an entry, and why. */
const unaudited: Record<string, string> = {
  writeUserState: 'layout, keys and filters of one person: they change with every click and concern nobody else',
};

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>;
}

describe('every route that may change something', () => {
  test('is in the table of this test', () => {
    const document = openApiDocument(server.api, 'x') as unknown as Document;
    const operations = Object.values(document.paths).flatMap((methods) =>
      Object.entries(methods).flatMap(([method, { operationId }]) => (method === 'get' ? [] : [operationId])),
    );
    expect(operations.sort()).toEqual(
      [...new Set(mutating.map(({ operationId }) => operationId)), ...Object.keys(unaudited)].sort(),
    );
  });

  test.each(mutating)(
    'leaves an entry: $operationId',
    async ({ prepare, actions, operationId, by = 'ada', ...asked }) => {
      const { response, requestId } = await ask({ ...asked, ...(await prepare?.()) });
      expect(response.ok, await response.clone().text()).toBe(true);
      // Sign-in, a new password and a new second factor give a new session; what bob was given is his.
      const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0]);
      const given = cookies.find((each) => each?.startsWith('harp_session='));
      if (given !== undefined && by === 'ada' && operationId !== 'signOut') cookie = given;
      const entries = await entriesOf(requestId);
      expect(entries.map(({ action }) => action)).toEqual(actions);
      for (const { actor, address } of entries) {
        expect(actor).toMatchObject(
          asked.as !== undefined ? { kind: 'user', name: by } : { kind: 'api-key', name: 'script' },
        );
        expect(address).toBe('unknown');
      }
    },
  );

  test('leaves none when it changes nothing', async () => {
    const before = await server.database.auditEntry.count();
    const repeated = [
      { method: 'POST', path: `/agents/${bob}/revoke` },
      { method: 'PUT', path: '/fleet?dryRun=true', body: { offices: [{ name: 'east' }] } },
      { method: 'PUT', path: '/fleet', body: { offices: [{ name: 'west' }] } },
      { method: 'DELETE', path: '/session' },
    ];
    for (const asked of repeated) expect((await ask(asked)).response.status).toBe(200);
    for (const asked of [
      { method: 'POST', path: '/agents/nobody/revoke' },
      { method: 'DELETE', path: '/tokens/none' },
      { method: 'PUT', path: '/fleet', body: { offices: [{ name: 'a' }, { name: 'a' }] } },
    ])
      expect((await ask(asked)).response.ok).toBe(false);
    expect(await server.database.auditEntry.count()).toBe(before);
  });

  test('writes only through its request’s way to the log', () => {
    const folder = new URL('.', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    );
    expect(files.length).toBeGreaterThan(30);
    const direct = /\bdatabase\.(\w+\.(create|update|upsert|delete)\w*|\$transaction|\$executeRaw\w*)/g;
    const found = files.flatMap((name) =>
      [...readFileSync(new URL(name, folder), 'utf8').matchAll(direct)].map(([what]) => `${name}: ${what}`),
    );
    expect(found.toSorted()).toEqual([
      // What a search may cost, for its own statements.
      'queries/search.ts: database.$executeRaw',
      'queries/search.ts: database.$executeRaw',
      'queries/search.ts: database.$transaction',
      // See `unaudited` above.
      'queries/stored.ts: database.userState.upsert',
    ]);
  });
});

describe('an entry', () => {
  const newest = async (action: string) =>
    AuditEntry.parse(
      JSON.parse(
        (await server.database.auditEntry.findFirstOrThrow({ where: { action }, orderBy: { seq: 'desc' } })).body,
      ),
    );

  test('holds both sides, and never a secret', async () => {
    expect(await newest('nextcloud.create')).toMatchObject({
      before: null,
      after: { url: 'https://d.example', user: 'harp', password: { $secret: 'set' } },
    });
    expect(await newest('settings.update')).toMatchObject({
      before: {},
      after: { 'harp.look': 'dark', 'oidc.clientSecret': { $secret: 'set' }, share: '0.5' },
    });
    expect(await newest('agent.revoke')).toMatchObject({
      object: { kind: 'agent', id: bob, name: 'pc-2' },
      office: 'off-n',
      before: { revokedAtMs: null },
      after: { revokedAtMs: expect.any(Number) },
    });
    const everything = JSON.stringify(await server.database.auditEntry.findMany());
    for (const secret of ['hunter2', PASSWORD, key, cookie.split('=')[1] ?? 'x', 'harp1.'])
      expect(everything).not.toContain(secret);
  });

  test('shows of settings only those that changed', async () => {
    const settings = { 'harp.look': 'light', 'oidc.clientSecret': 'another', share: 0.5 };
    const { requestId } = await ask({ method: 'PUT', path: '/server/settings', body: { settings } });
    expect(await entriesOf(requestId)).toMatchObject([
      {
        before: { 'harp.look': 'dark', 'oidc.clientSecret': { $secret: 'set' } },
        after: { 'harp.look': 'light', 'oidc.clientSecret': { $secret: 'changed' } },
      },
    ]);
  });

  test.each([
    { said: encodeURIComponent('root@büro-1'), kept: 'root@büro-1' },
    { said: encodeURIComponent('a\n\u202Eb\0c'), kept: 'a b c' },
    { said: '%E0%A4%A', kept: null },
    { said: 'x'.repeat(10_000), kept: null },
    { said: '', kept: null },
  ])('says who sat at the command line: $kept', async ({ said, kept }) => {
    const { requestId } = await ask({
      method: 'POST',
      path: `/folders/${folderId}/reindex`,
      headers: { 'x-harp-operator': said },
    });
    expect((await entriesOf(requestId))[0]?.actor).toMatchObject({ kind: 'api-key', name: 'script', operator: kept });
  });
});

test('a route that forgets the log leaves an entry all the same, and an error', async () => {
  const complaints: string[] = [];
  const forgetful = new Hono<ApiEnv>();
  forgetful.use('*', async (context, next) => {
    context.set('requestId', 'r-1');
    context.set('address', '10.0.0.1');
    context.set('identity', { kind: 'api-key', id: 'key-1', name: 'script', rights: new Map() });
    await next();
  });
  const logger = { error: (_facts: object, message: string) => void complaints.push(message) };
  forgetful.use(
    '*',
    audited(server.trail, (path) => path === '/own', logger),
  );
  forgetful.post('/thing', (context) => context.json({}));
  forgetful.post('/own', (context) => context.json({}));
  forgetful.get('/thing', (context) => context.json({}));
  forgetful.post('/refused', (context) => context.json({}, 403));
  for (const [method, path] of [
    ['GET', '/thing'],
    ['POST', '/own'],
    ['POST', '/refused'],
  ] as const)
    await forgetful.request(path, { method });
  expect(await entriesOf('r-1')).toEqual([]);
  await forgetful.request('/thing', { method: 'POST' });
  expect(await entriesOf('r-1')).toMatchObject([
    { action: UNRECORDED, actor: { name: 'script' }, object: { name: 'POST /thing' }, address: '10.0.0.1' },
  ]);
  expect(complaints).toHaveLength(1);
});

describe('the log is read', () => {
  test('newest first, in pages, and each entry in full', async () => {
    const first = AuditPage.parse(await get('/audit?limit=2'));
    expect(first.items).toHaveLength(2);
    const rest = AuditPage.parse(await get(`/audit?limit=1000&cursor=${first.nextCursor}`));
    expect([...first.items, ...rest.items].map(({ seq }) => seq)).toEqual(
      Array.from({ length: first.entries }, (_, index) => first.entries - index),
    );
    expect(rest.nextCursor).toBeNull();
    const revoked = rest.items.find(({ action }) => action === 'agent.revoke');
    expect(AuditDetail.parse(await get(`/audit/${revoked?.seq}`))).toMatchObject({
      object: { id: bob, name: 'pc-2' },
      before: { revokedAtMs: null },
      link: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await ask({ method: 'GET', path: '/audit/99999' })).response.status).toBe(404);
    expect((await ask({ method: 'GET', path: '/audit/x' })).response.status).toBe(404);
  });

  test.each([
    { filter: 'actor=ada', actions: ['session.end', 'user.password', 'second-factor.off'] },
    { filter: 'action=agent.revoke', actions: ['agent.revoke'] },
    { filter: 'action=token', actions: ['token.extend', 'token.revoke', 'token.create'] },
    { filter: `object=${bob}`, actions: ['agent.revoke'] },
    { filter: 'object=west', actions: ['office.create'] },
    { filter: 'actor=script&action=job', actions: ['job.cancel', 'job.start'] },
    { filter: 'from=8000000000000', actions: [] },
    { filter: 'to=1', actions: [] },
    { filter: 'actor=eve', actions: [] },
  ])('by $filter', async ({ filter, actions }) => {
    const { items } = AuditPage.parse(await get(`/audit?${filter}`));
    expect(items.map(({ action }) => action).slice(0, actions.length)).toEqual(actions);
    if (filter !== 'actor=ada') expect(items).toHaveLength(actions.length);
  });

  test('counted by day, actor and object', async () => {
    const total = await server.database.auditEntry.count();
    for (const by of ['day', 'actor', 'object'] as const) {
      const { groups } = AuditGroups.parse(await get(`/audit/groups?by=${by}`));
      expect(groups.reduce((sum, { entries }) => sum + entries, 0)).toBe(total);
    }
    const { groups } = AuditGroups.parse(await get('/audit/groups?by=object'));
    expect(groups.find(({ key: id }) => id === bob)).toMatchObject({ label: 'pc-2', kind: 'agent', entries: 1 });
  });

  test('raw, so that a stranger can check it', async () => {
    await server.trail.sign();
    const check = createAuditCheck(sha3);
    let from: number | null = 1;
    while (from !== null) {
      const page: AuditChainPage = AuditChainPage.parse(await get(`/audit/chain?from=${from}&limit=5`));
      expect(page.keys).toHaveLength(1);
      for (const { text } of page.heads) check.expect(JSON.parse(text));
      for (const row of page.entries) check.take(row);
      from = page.nextFrom;
    }
    check.end();
    const total = await server.database.auditEntry.count();
    expect(check).toMatchObject({ seq: total, signedSeq: total });
    expect(AuditVerifyResult.parse(await get('/audit/verify'))).toMatchObject({ ok: true, entries: total });
  });

  test('exported as lines that end, whole or after an entry', async () => {
    const lines = async (query: string) => {
      const { response } = await ask({ method: 'GET', path: `/audit/export${query}` });
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      return (await response.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    const total = await server.database.auditEntry.count();
    const whole = await lines('');
    expect(whole.filter(({ entry }) => entry !== undefined)).toHaveLength(total);
    expect(whole.filter(({ head }) => head !== undefined).length).toBeGreaterThan(0);
    expect(whole.at(-1)).toMatchObject({ end: true, entries: total, toSeq: total });
    const rest = await lines(`?after=${total - 1}`);
    expect(rest[0]).toMatchObject({ entry: { seq: total } });
    expect(rest.at(-1)).toMatchObject({ end: true, entries: 1 });
    expect((await lines(`?after=${total}`)).at(-1)).toMatchObject({ end: true, entries: 0 });
  });

  test('by whoever may', async () => {
    cookie = `harp_session=${(await server.person('vic', [{ role: 'viewer' }])).session}`;
    for (const path of ['/audit', '/audit/1', '/audit/groups', '/audit/chain', '/audit/verify', '/audit/export']) {
      const { response } = await ask({ method: 'GET', path, as: 'person' });
      expect(response.status, path).toBe(403);
      expect(ErrorBody.parse(await response.json()).error.code).toBe('api.forbidden');
      expect((await server.api.request(`/api/v1${path}`)).status, path).toBe(401);
    }
  });

  test('of the offices that somebody sees, without what concerns none', async () => {
    const manager = await server.person('northern', [{ role: 'manager', officeIds: ['off-n'] }]);
    const { items } = AuditPage.parse((await manager.call('GET', '/audit?limit=1000')).body);
    expect(new Set(items.map(({ officeId }) => officeId))).toEqual(new Set(['off-n']));
    const { groups } = AuditGroups.parse((await manager.call('GET', '/audit/groups?by=object')).body);
    expect(groups.reduce((sum, { entries }) => sum + entries, 0)).toBe(items.length);
    const hidden = await server.database.auditEntry.findFirstOrThrow({ where: { officeId: null } });
    expect((await manager.call('GET', `/audit/${hidden.seq}`)).status).toBe(404);
    for (const path of ['/audit/chain', '/audit/verify', '/audit/export'])
      expect((await manager.call('GET', path)).status, path).toBe(403);
  });

  test('even where somebody damaged it', async () => {
    const { seq } = await server.database.auditEntry.findFirstOrThrow({ where: { objectId: bob } });
    await server.database.$transaction([
      server.database.$executeRaw`SET LOCAL session_replication_role = replica`,
      server.database.$executeRaw`UPDATE "AuditEntry" SET "body" = 'nonsense' WHERE "seq" = ${seq}`,
    ]);
    expect(AuditPage.parse(await get('/audit?limit=1000')).items.map((item) => item.seq)).toContain(seq);
    expect(AuditDetail.parse(await get(`/audit/${seq}`))).toMatchObject({ seq, before: null, after: null });
    expect(AuditVerifyResult.parse(await get('/audit/verify'))).toMatchObject({
      ok: false,
      firstBad: { seq, code: 'chain.malformed' },
    });
  });
});
