import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Action, actions, organisationWide, type Role, roleMay, roles } from '../../api/access-rules.ts';
import { FolderList, OfficeList, TokenCreated, TrafficSeries } from '../../api/schemas.ts';
import type { Person, ServerHarness } from '../testing/server-harness.ts';
import { alice, bob, folderId, HOUR_MS, nextcloudId, smallFleet, waitingPc } from '../testing/small-fleet.ts';

interface Operation {
  operationId: string;
  'x-harp-action'?: string;
  parameters?: { name: string; in: string }[];
}
interface Route {
  method: string;
  path: string;
  action: string | undefined;
  id: string;
}

let server: ServerHarness;
let nowMs: number;
let routes: Route[];
beforeAll(async () => {
  ({ server, nowMs } = await smallFleet());
  const response = await server.api.request('/api/v1/openapi.json');
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Operation>> };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace('/api/v1', ''),
      action: operation['x-harp-action'],
      id: operation.operationId,
    })),
  );
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** A path with something in the place of each parameter. */
const filled = (path: string, values: Record<string, string> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'none'));
const statusOf = async (person: Person, { method, path }: Pick<Route, 'method' | 'path'>, body?: unknown) => {
  const response = await person.fetch(method, path, body);
  // Streams do not end by themselves.
  await response.body?.cancel();
  return response.status;
};

describe('every route', () => {
  test('says what it does', () => {
    const known = new Set<string | undefined>([...actions, 'open', 'signed-in']);
    expect(routes.filter(({ action }) => !known.has(action))).toEqual([]);
    const named = (wanted: string) =>
      routes
        .filter(({ action }) => action === wanted)
        .map(({ id }) => id)
        .sort();
    expect(named('open')).toEqual([
      'acceptInvitation',
      'beginPasskeySignIn',
      'beginProviderSignIn',
      'finishProviderSignIn',
      'listSignInWays',
      'readHealth',
      'readSession',
      'setUp',
      'signIn',
      'signInWithPasskey',
      'signOut',
    ]);
    // Of one's own, or of no consequence: each of these takes the person from the session, never from the request.
    expect(named('signed-in')).toEqual([
      'addPasskey',
      'beginLink',
      'beginPasskey',
      'beginTwoFactor',
      'changeOwnPassword',
      'confirmTwoFactor',
      'createOwnKey',
      'endOtherSessions',
      'endOwnSession',
      'endTwoFactor',
      'listOwnAccounts',
      'listOwnKeys',
      'listOwnPasskeys',
      'listOwnSessions',
      'readServerSettings',
      'readTwoFactor',
      'readUserState',
      'removePasskey',
      'revokeOwnKey',
      'unlinkAccount',
      'writeUserState',
    ]);
  });

  test('that changes something is none that everybody may use, but for what is their own', () => {
    const changing = routes.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/me/'));
    for (const { action, id } of changing.filter(({ action: named }) => named !== 'open'))
      expect(roleMay('viewer', action as Action), id).toBe(false);
  });

  const scopes = [
    { where: 'everywhere', scope: {} },
    { where: 'in one office', scope: { officeIds: ['off-s'] } },
  ];
  test.each(scopes.flatMap((scope) => roles.map((role) => ({ role, ...scope }))))(
    'as $role $where: what the table allows passes, anything else is refused',
    async ({ role, where, scope }) => {
      const person = await server.person(`${role} ${where}`, [{ role, ...scope }]);
      for (const route of routes.filter(({ action }) => action !== 'open')) {
        const action = route.action as Action;
        const allowed =
          route.action === 'signed-in' ||
          (roleMay(role, action) && (where === 'everywhere' || !organisationWide.has(action)));
        const status = await statusOf(person, { ...route, path: filled(route.path) });
        expect(status === 403, `${route.method} ${route.path} → ${status}`).toBe(!allowed);
        expect(status).not.toBe(401);
        expect(status).toBeLessThan(500);
      }
    },
  );

  test('that changes something refuses an owner whose browser another site makes ask, and nothing is noted', async () => {
    const { session } = await server.person('lured', [{ role: 'owner' }]);
    const host = 'console.example:8420';
    const noted = () => server.database.auditEntry.count();
    const before = await noted();
    const changing = routes.filter(({ method }) => method !== 'GET');
    expect(changing.length).toBeGreaterThan(40);
    for (const { method, path, id } of changing) {
      const response = await server.api.request(`http://${host}/api/v1${filled(path)}`, {
        method,
        headers: {
          host,
          origin: 'https://evil.example',
          cookie: `harp_session=${session}`,
          ...(method === 'DELETE' ? {} : { 'content-type': 'application/json', 'content-length': '2' }),
        },
        ...(method === 'DELETE' ? {} : { body: '{}' }),
      });
      expect(response.status, id).toBe(403);
      expect(await response.json(), id).toMatchObject({ error: { code: 'api.forbidden' } });
      expect(response.headers.getSetCookie(), id).toEqual([]);
      expect(await noted(), id).toBe(before);
    }
    const here = { headers: { host, cookie: `harp_session=${session}` } };
    expect((await server.api.request(`http://${host}/api/v1/offices`, here)).status, 'the session goes on').toBe(200);
  });

  test('refuses whoever has no role, and says which is needed', async () => {
    const person = await server.person('nobody yet', []);
    for (const route of routes.filter(({ action }) => actions.includes(action as Action)))
      expect(await statusOf(person, { ...route, path: filled(route.path) }), route.id).toBe(403);
    expect(await person.call('PUT', '/fleet', {})).toMatchObject({
      body: {
        error: {
          code: 'api.forbidden',
          message: expect.stringContaining('owner or manager in the whole organisation'),
        },
      },
    });
    expect((await person.call('GET', '/session')).body).toMatchObject({ user: { role: 'none', may: [] } });
  });
});

describe('a manager of another office', () => {
  let south: Person;
  let north: Person;
  let token: string;
  let job: string;
  beforeAll(async () => {
    south = await server.person('south', [{ role: 'manager', officeIds: ['off-s'] }]);
    north = await server.person('north', [{ role: 'manager', officeIds: ['off-n'] }]);
    token = TokenCreated.parse((await server.call('POST', '/tokens', { office: 'north' })).body).id;
    await server.database.enrolmentRequest.create({ data: waitingPc('enr-aaaaaaaaaaaaaaaz', nowMs) });
    await server.database.enrolmentBlock.create({
      data: { id: 'blk-north', kind: 'key', value: alice, hostname: 'pc-1', reason: 'revoked', createdBy: 'ada' },
    });
    const started = await server.call('POST', '/jobs', { kind: 'verify-folder', folderId });
    job = (started.body as { id: string }).id;
    await server.clock.advance(0);
  });

  const secret = /off-n|north|pc-1|pc-2|a{52}|b{52}|fld-a|nxc-a|Projects|file 1|10\.1\.|c\.example/;
  const searches = ['north', 'pc', 'Proj', 'file', '10.1.0', 'aaaaaaaa'].map((words) => `/search?q=${words}`);

  test('is shown nothing of this one, whatever is asked for', async () => {
    const plain = routes.filter(
      ({ method, path, action }) =>
        method === 'GET' && !path.includes('{') && action !== 'open' && !['/stream', '/search'].includes(path),
    );
    expect(plain.length).toBeGreaterThan(12);
    const named = ['/agents', '/transfers', '/traffic', '/events', '/throughput'].map((path) => `${path}?office=off-n`);
    const more = [`/events?agent=${alice}`, `/transfers?folder=${folderId}`, ...named, ...searches];
    let told = 0;
    for (const path of [...plain.map(({ path }) => path), ...more]) {
      const response = await south.fetch('GET', path);
      const text = await response.text();
      expect([200, 403], path).toContain(response.status);
      // The same question of somebody from here, so that what is looked for would be found.
      if (secret.test(await (await north.fetch('GET', path)).text())) told += 1;
      expect(secret.exec(text)?.[0], `${path}: ${text.slice(0, 300)}`).toBeUndefined();
    }
    expect(told).toBeGreaterThan(15);
    const { totals, points } = TrafficSeries.parse((await south.call('GET', '/traffic')).body);
    expect({ totals, points }).toEqual({ totals: { fromPeers: 0, fromOrigin: 0, fromLocal: 0 }, points: [] });
  });

  test('gets the answer of an unknown id for every id of this one', async () => {
    const entry = await server.database.auditEntry.findFirstOrThrow({ where: { officeId: 'off-n' } });
    const seq = String(entry.seq);
    const values: Record<string, string> = { manifest: 'a'.repeat(64), key: 'layout', channel: `agent:${alice}`, seq };
    const ids: Record<string, string> = {
      '/offices/': 'off-n',
      '/agents/': alice,
      '/folders/': folderId,
      '/nextclouds/': nextcloudId,
      '/tokens/': token,
      '/enrolment-blocks/': 'blk-north',
      '/enrolment-rules/': 'none',
      '/jobs/': job,
      '/people/': 'none',
      '/sign-in-providers/': 'none',
      '/audit/': seq,
    };
    const withIds = routes.filter(({ path, action }) => path.includes('{') && action !== 'signed-in');
    const asked = withIds.filter(
      ({ path }) => path.includes('{channel}') || Object.keys(ids).some((each) => path.startsWith(each)),
    );
    /** Bodies that would do: what is not there is looked for after what was asked. */
    const bodies: Record<string, unknown> = {
      extendToken: { expiresInSeconds: 3600 },
      moveAgent: { officeId: 'off-s' },
      changeRule: { name: 'laptops', hostname: 'lap-*' },
    };
    // A route of a new kind needs its id here.
    expect(withIds.filter((route) => !asked.includes(route)).map(({ id }) => id)).toEqual([]);
    for (const route of asked.filter(({ action }) => !organisationWide.has(action as Action))) {
      const id = Object.entries(ids).find(([each]) => route.path.startsWith(each))?.[1] ?? '';
      const path = `${filled(route.path, { ...values, id })}${route.id === 'readFile' ? '?path=file%201.txt' : ''}`;
      expect(await statusOf(south, { method: route.method, path }, bodies[route.id]), `${route.method} ${path}`).toBe(
        404,
      );
      if (route.method === 'GET' && route.id !== 'readManifest' && route.id !== 'followLog')
        expect(await statusOf(north, { method: 'GET', path }), `${route.method} ${path}`).toBeLessThan(300);
    }
    expect(await server.database.agent.count({ where: { revokedAt: null, officeId: 'off-n' } })).toBe(2);
    expect(await server.database.enrolmentToken.count({ where: { id: token, revokedAt: null } })).toBe(1);
    expect(server.reindexed).toEqual([]);
  });

  test('cannot name it either: no token for it, no verification of its folders', async () => {
    const refused = await south.call('POST', '/tokens', { office: 'north' });
    expect(refused.status).toBe(404);
    // What was asked for may be repeated; that there is such an office may not be told.
    expect(JSON.stringify(await south.call('POST', '/tokens', { office: 'nroth' }))).not.toContain('north');
    expect((await south.call('POST', '/jobs', { kind: 'verify-folder', folderId })).status).toBe(404);
    expect((await south.call('POST', '/tokens', { office: 'south' })).status).toBe(201);
  });

  test('hears nothing of its PCs, and of one that leaves only that it is gone', async () => {
    const read = async (person: Person) => {
      const response = await person.fetch('GET', '/stream');
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      return { reader, first: await reader.read() };
    };
    const [inSouth, inNorth] = [await read(south), await read(north)];
    server.hub.agentsChanged([alice]);
    server.hub.changed(['jobs']);
    await server.clock.advance(1000);
    expect((await inNorth.reader.read()).value).toContain(alice);
    expect((await inSouth.reader.read()).value).toMatch(/^event: change\ndata: \{"keys":\[[^\]]*"jobs"/);
    await server.database.agent.update({ where: { id: bob }, data: { officeId: 'off-s' } });
    server.hub.agentsChanged([bob]);
    await server.clock.advance(1000);
    // A job that ends meanwhile may be told of first.
    const told: string[] = [];
    while (!told.join('').includes('event: agents')) told.push((await inSouth.reader.read()).value ?? '');
    expect(told.join('')).toContain('"hostname":"pc-2"');
    const seen: string[] = [];
    while (!seen.join('').includes('removed":["b')) seen.push((await inNorth.reader.read()).value ?? '');
    expect(seen.join('')).not.toContain('pc-2');
    await server.database.agent.update({ where: { id: bob }, data: { officeId: 'off-n' } });
    for (const { reader } of [inSouth, inNorth]) await reader.cancel();
  });
});

describe('a scope', () => {
  test('of an office shows all of that office', async () => {
    const north = await server.person('north too', [{ role: 'viewer', officeIds: ['off-n'] }]);
    const offices = OfficeList.parse((await north.call('GET', '/offices')).body).offices;
    expect(offices).toMatchObject([{ id: 'off-n', agentsTotal: 2, last24h: { fromPeers: 600 } }]);
    expect(FolderList.parse((await north.call('GET', '/folders')).body).folders).toHaveLength(1);
    const range = `from=${nowMs - 3 * HOUR_MS}&to=${nowMs}&step=60000`;
    const own = TrafficSeries.parse((await north.call('GET', `/traffic?${range}`)).body);
    expect(own).toEqual(TrafficSeries.parse((await server.call('GET', `/traffic?${range}`)).body));
    for (const words of ['north', 'pc-1', 'Proj', 'file 1'])
      expect((await north.call('GET', `/search?q=${words}`)).body, words).toMatchObject({ items: [{}] });
  });

  test('of a region is the offices that are in it at that moment', async () => {
    const person = await server.person('regional', [{ role: 'helpdesk', regions: ['Nord'] }]);
    const seen = async () => OfficeList.parse((await person.call('GET', '/offices')).body).offices.map(({ id }) => id);
    await expect(person.call('GET', '/offices')).resolves.toMatchObject({ status: 403 });
    await server.database.office.update({ where: { id: 'off-s' }, data: { region: 'Nord' } });
    expect(await seen()).toEqual(['off-s']);
    await server.database.office.update({ where: { id: 'off-s' }, data: { region: null } });
    await expect(person.call('GET', '/offices')).resolves.toMatchObject({ status: 403 });
  });

  test('belongs to its role: a viewer everywhere who supports one office supports that one only', async () => {
    const person = await server.person('both', [{ role: 'viewer' }, { role: 'helpdesk', officeIds: ['off-s'] }]);
    expect(OfficeList.parse((await person.call('GET', '/offices')).body).offices).toHaveLength(2);
    expect((await person.call('POST', `/folders/${folderId}/reindex`)).status).toBe(404);
    expect((await person.call('GET', `/logs/agent:${alice}`)).status).toBe(404);
    expect((await person.call('GET', '/session')).body).toMatchObject({
      user: { role: 'helpdesk', everywhere: false },
    });
  });

  test('that changes ends the live stream, which then begins from nothing', async () => {
    const person = await server.person('moving', [{ role: 'viewer', officeIds: ['off-n'] }]);
    const response = await person.fetch('GET', '/stream');
    const text = response.text();
    await server.clock.advance(0);
    await server.database.grant.updateMany({ where: { userId: person.id }, data: { officeIds: ['off-s'] } });
    await server.clock.advance(15_000);
    expect(await text).toMatch(/id: 0\n\n$/);
  });
});

test.each<{ role: Role; status: number }>([
  { role: 'manager', status: 403 },
  { role: 'owner', status: 200 },
])('a document that points a connection elsewhere, sent by a $role → $status', async ({ role, status }) => {
  const person = await server.person(`${role} with a document`, [{ role }]);
  const main = { name: 'main', url: 'https://elsewhere.example', user: 'harp', password: 'secret' };
  const document = {
    nextclouds: [main],
    offices: [{ name: 'north', subnets: ['10.1.0.0/16'] }, { name: 'south' }],
    folders: [{ name: 'Projects', nextcloud: 'main', path: '/Projects', offices: ['north'] }],
  };
  await server.database.nextcloud.update({ where: { id: nextcloudId }, data: { url: 'https://c.example' } });
  expect((await person.call('PUT', '/fleet?dryRun=true', document)).status).toBe(200);
  expect((await person.call('PUT', '/fleet', document)).status).toBe(status);
  const { url } = await server.database.nextcloud.findUniqueOrThrow({ where: { id: nextcloudId } });
  expect(url).toBe(status === 200 ? 'https://elsewhere.example' : 'https://c.example');
  expect((await person.call('PUT', '/fleet', { offices: [{ name: `west of ${role}` }] })).status).toBe(200);
});
