import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ErrorBody,
  KeyCreated,
  KeyList,
  OfficeList,
  PersonInvited,
  PersonList,
  type RoleGrant,
  SessionList,
} from '../../api/schemas.ts';
import { INVITATION_MS } from '../auth/people.ts';
import type { Person, ServerHarness } from '../testing/server-harness.ts';
import { alice, smallFleet } from '../testing/small-fleet.ts';

const password = 'correct horse battery';
const everywhere = { everywhere: true, regions: [], officeIds: [] };
const owner: RoleGrant = { role: 'owner', ...everywhere };
let server: ServerHarness;
let ada: Person;
let count = 0;
beforeAll(async () => {
  ({ server } = await smallFleet());
});
beforeEach(async () => {
  count += 1;
  ada = await server.person(`ada ${count}`, [{ role: 'owner' }]);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Answers an invitation, or signs in, as a browser that nobody is signed in to. */
async function enter(path: '/invitation' | '/session', body: object, cookie?: string) {
  const text = JSON.stringify(body);
  const host = 'console.example:8420';
  const response = await server.api.request(`http://${host}/api/v1${path}`, {
    method: 'POST',
    body: text,
    headers: {
      host,
      origin: `http://${host}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'user-agent': 'a browser',
      ...(cookie === undefined ? {} : { cookie }),
    },
  });
  return { status: response.status, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}
const asks = async (cookie: string) => (await server.api.request('/api/v1/offices', { headers: { cookie } })).status;
const askWith = (key: string, path: string, method = 'GET') =>
  server.api.request(`/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}` } });

async function invited(grants: RoleGrant[] = [{ role: 'viewer', ...everywhere }]) {
  count += 1;
  const { status, body } = await ada.call('POST', '/people', { name: `bob ${count}`, grants });
  expect(status).toBe(201);
  return PersonInvited.parse(body);
}

describe('a person', () => {
  test('is invited, chooses a password once, and is signed in with the roles given', async () => {
    const { person, invitation } = await invited();
    expect(person).toMatchObject({ active: false, grants: [{ role: 'viewer', everywhere: true }] });
    const answer = await enter('/invitation', { invitation, password });
    expect(answer.status).toBe(200);
    expect(await asks(answer.cookie)).toBe(200);
    expect((await enter('/invitation', { invitation, password })).status).toBe(401);
    expect((await enter('/session', { name: person.name, password })).status).toBe(200);
    const { people } = PersonList.parse((await ada.call('GET', '/people')).body);
    expect(people.find(({ id }) => id === person.id)).toMatchObject({
      active: true,
      invitedUntilMs: null,
      sessions: 2,
    });
  });

  test('who has not chosen a password cannot sign in with any', async () => {
    const { person } = await invited();
    for (const guess of ['', ' ', 'undefined'])
      expect((await enter('/session', { name: person.name, password: guess })).status).not.toBe(200);
  });

  test('whose invitation is too old is invited again, and the older one is void', async () => {
    const { person, invitation } = await invited();
    await server.clock.advance(INVITATION_MS);
    expect((await enter('/invitation', { invitation, password })).status).toBe(401);
    ada = await server.person(`later ${count}`, [{ role: 'owner' }]);
    const first = PersonInvited.parse((await ada.call('POST', `/people/${person.id}/invitation`)).body);
    const second = PersonInvited.parse((await ada.call('POST', `/people/${person.id}/invitation`)).body);
    expect((await enter('/invitation', { invitation: first.invitation, password })).status).toBe(401);
    expect((await enter('/invitation', { invitation: second.invitation, password })).status).toBe(200);
  });

  test('is invited by nothing that stands in the database', async () => {
    const { invitation } = await invited();
    expect(JSON.stringify(await server.database.invitation.findMany())).not.toContain(invitation);
  });

  test('has a name of their own', async () => {
    const { person } = await invited();
    const again = await ada.call('POST', '/people', { name: person.name });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'people.name_taken' } } });
  });

  test('whose roles change has them from the next request on', async () => {
    const { person, invitation } = await invited();
    const { cookie } = await enter('/invitation', { invitation, password });
    expect((await ada.call('PUT', `/people/${person.id}/grants`, { grants: [] })).status).toBe(200);
    expect(await asks(cookie)).toBe(403);
  });

  test('who is taken away is out at once, with sessions and keys', async () => {
    const { person, invitation } = await invited([owner]);
    const { cookie } = await enter('/invitation', { invitation, password });
    expect((await ada.call('DELETE', `/people/${person.id}`)).status).toBe(200);
    expect(await asks(cookie)).toBe(401);
    expect((await ada.call('DELETE', `/people/${person.id}`)).status).toBe(404);
  });

  test.each(['manager', 'helpdesk', 'viewer'] as const)(
    'who is %s gives no roles, not even to themselves',
    async (role) => {
      const person = await server.person(`${role} ${count}`, [{ role }]);
      const grants = [owner];
      expect((await person.call('PUT', `/people/${person.id}/grants`, { grants })).status).toBe(403);
      expect((await person.call('POST', '/people', { name: `friend ${count}`, grants })).status).toBe(403);
      expect((await person.call('POST', `/people/${ada.id}/invitation`)).status).toBe(403);
    },
  );

  test('who is the last owner stays one, even when two ask at the same time', async () => {
    const { person, invitation } = await invited([owner]);
    await enter('/invitation', { invitation, password });
    await server.database.grant.deleteMany({ where: { userId: { notIn: [ada.id, person.id] } } });
    const take = (id: string) =>
      ada.call('PUT', `/people/${id}/grants`, { grants: [{ role: 'viewer', ...everywhere }] });
    // Both requests have passed the guard as an owner before either is carried out.
    const outcomes = await Promise.all([
      server.auth.people.setGrants(ada.id, [], server.changes).then(
        () => 200,
        () => 409,
      ),
      server.auth.people.setGrants(person.id, [], server.changes).then(
        () => 200,
        () => 409,
      ),
    ]);
    expect(outcomes.sort()).toEqual([200, 409]);
    await server.auth.people.setGrants(ada.id, [owner], server.changes);
    await server.auth.people.setGrants(person.id, [], server.changes);
    const { body, status } = await take(ada.id);
    expect({ status, code: ErrorBody.parse(body).error.code }).toEqual({ status: 409, code: 'people.last_owner' });
    expect((await ada.call('DELETE', `/people/${ada.id}`)).status).toBe(409);
    // An owner who has not come yet cannot open the door to anybody.
    const waiting = await invited([owner]);
    expect((await take(ada.id)).status).toBe(409);
    await server.auth.people.remove(waiting.person.id, server.changes);
  });
});

describe('one’s own sessions', () => {
  const listed = async (person: Person) => SessionList.parse((await person.call('GET', '/me/sessions')).body).sessions;

  test('are listed with where they come from, and ended', async () => {
    await server.auth.sessions.open(ada.id, { address: '10.1.0.9', userAgent: 'a browser' });
    const [first, second] = await listed(ada);
    const other = first!.current ? second! : first!;
    expect(other).toMatchObject({ current: false, address: '10.1.0.9', userAgent: 'a browser' });
    expect((await ada.call('DELETE', `/me/sessions/${other.id}`)).status).toBe(200);
    expect(await listed(ada)).toMatchObject([{ current: true }]);
    expect((await ada.call('DELETE', `/me/sessions/${other.id}`)).status).toBe(404);
  });

  test('are nobody else’s to end', async () => {
    const eve = await server.person(`eve ${count}`, [{ role: 'owner' }]);
    const [session] = await listed(ada);
    expect((await eve.call('DELETE', `/me/sessions/${session!.id}`)).status).toBe(404);
    expect(await listed(ada)).toHaveLength(1);
  });

  test('all but the present one end at once', async () => {
    const cookies = await Promise.all([1, 2, 3].map(() => server.auth.sessions.open(ada.id)));
    expect((await ada.call('DELETE', '/me/sessions')).status).toBe(200);
    for (const cookie of cookies) expect(await asks(`harp_session=${cookie}`)).toBe(401);
    expect(await listed(ada)).toMatchObject([{ current: true }]);
  });

  test('end with a new password, and the one that changed it gets a new cookie', async () => {
    const { person, invitation } = await invited();
    const { cookie } = await enter('/invitation', { invitation, password });
    const other = await enter('/session', { name: person.name, password });
    const change = async (current: string) => {
      const text = JSON.stringify({ current, next: 'another horse battery' });
      const host = 'console.example:8420';
      return server.api.request(`http://${host}/api/v1/me/password`, {
        method: 'PUT',
        body: text,
        headers: {
          host,
          origin: `http://${host}`,
          cookie,
          'content-type': 'application/json',
          'content-length': String(text.length),
        },
      });
    };
    expect((await change('wrong horse battery')).status).toBe(403);
    const changed = await change(password);
    expect(changed.status).toBe(200);
    const fresh = (changed.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(fresh).not.toBe(cookie);
    expect([await asks(cookie), await asks(other.cookie), await asks(fresh)]).toEqual([401, 401, 200]);
    expect((await enter('/session', { name: person.name, password })).status).toBe(401);
  });

  test('cannot be put there by somebody else: whoever signs in gets a new one, and the old one ends', async () => {
    const { person, invitation } = await invited();
    const planted = await enter('/invitation', { invitation, password });
    const own = await enter('/session', { name: person.name, password }, planted.cookie);
    expect(own.cookie).not.toBe(planted.cookie);
    expect([await asks(planted.cookie), await asks(own.cookie)]).toEqual([401, 200]);
    const chosen = await enter('/session', { name: person.name, password }, 'harp_session=chosen-by-somebody-else');
    expect(chosen.cookie).not.toContain('chosen-by-somebody-else');
    expect(await asks('harp_session=chosen-by-somebody-else')).toBe(401);
  });
});

describe('an API key', () => {
  const made = async (person: Person, order: object) => {
    const { status, body } = await person.call('POST', '/me/keys', { name: 'script', everywhere: true, ...order });
    expect(status).toBe(201);
    return KeyCreated.parse(body);
  };

  test('does what it was made for and nothing else', async () => {
    const { key } = await made(ada, { actions: ['fleet.read'] });
    expect((await askWith(key, '/offices')).status).toBe(200);
    for (const path of ['/tokens', '/people', '/logs', '/folders'])
      expect((await askWith(key, path)).status, path).toBe(403);
    expect((await askWith(key, `/agents/${alice}/revoke`, 'POST')).status).toBe(403);
  });

  test('reaches as far as it was made for', async () => {
    const { key } = await made(ada, { actions: ['fleet.read'], everywhere: false, officeIds: ['off-s'] });
    const { offices } = OfficeList.parse(await (await askWith(key, '/offices')).json());
    expect(offices.map(({ id }) => id)).toEqual(['off-s']);
    expect((await askWith(key, `/agents/${alice}`)).status).toBe(404);
  });

  test('never reaches farther than its owner, then or later', async () => {
    const south = await server.person(`south ${count}`, [{ role: 'manager', officeIds: ['off-s'] }]);
    const { key } = await made(south, { actions: ['fleet.read', 'enrol.token'] });
    expect((await askWith(key, `/agents/${alice}`)).status).toBe(404);
    expect((await askWith(key, '/tokens')).status).toBe(200);
    await ada.call('PUT', `/people/${south.id}/grants`, { grants: [{ role: 'viewer', ...everywhere }] });
    expect((await askWith(key, '/tokens')).status).toBe(403);
    expect((await askWith(key, `/agents/${alice}`)).status).toBe(200);
    await ada.call('DELETE', `/people/${south.id}`);
    expect((await askWith(key, '/offices')).status).toBe(401);
  });

  test('is not made for what its owner may not do', async () => {
    const viewer = await server.person(`viewer ${count}`, [{ role: 'viewer' }]);
    const asked = await viewer.call('POST', '/me/keys', { name: 'x', everywhere: true, actions: ['people.write'] });
    expect(asked.status).toBe(403);
  });

  test('makes no keys, ends no sessions, changes no password', async () => {
    const { key } = await made(ada, { actions: ['people.write', 'fleet.read'] });
    for (const [method, path] of [
      ['GET', '/me/keys'],
      ['DELETE', '/me/sessions'],
      ['GET', '/me/sessions'],
    ] as const)
      expect((await askWith(key, path, method)).status).toBe(403);
  });

  test('expires, is revoked by its owner only, and is listed without its secret', async () => {
    const { id, key, expiresAtMs } = await made(ada, { actions: ['fleet.read'], expiresInSeconds: 3600 });
    const { id: other } = await made(ada, { actions: ['fleet.read'], name: 'other' });
    expect((await askWith(key, '/offices')).status).toBe(200);
    const eve = await server.person(`eve key ${count}`, [{ role: 'owner' }]);
    expect((await eve.call('DELETE', `/me/keys/${other}`)).status).toBe(404);
    expect((await ada.call('DELETE', `/me/keys/${other}`)).status).toBe(200);
    await server.clock.advance(3_600_000);
    expect(expiresAtMs).toBe(server.clock.nowMs());
    expect((await askWith(key, '/offices')).status).toBe(401);
    const { body } = await ada.call('GET', '/me/keys');
    expect(JSON.stringify(body)).not.toContain(key);
    const state = new Map(KeyList.parse(body).keys.map((each) => [each.id, each]));
    expect(state.get(id)).toMatchObject({
      state: 'expired',
      actions: ['fleet.read'],
      lastUsedAtMs: expiresAtMs - 3_600_000,
    });
    expect(state.get(other)).toMatchObject({ state: 'revoked', lastUsedAtMs: null });
  });

  test('of the server’s own is not replaced by a person’s of the same name', async () => {
    const { key } = await made(ada, { actions: ['fleet.read'], name: 'local command line' });
    const own = await server.auth.keys.create('local command line', server.changes);
    await server.auth.keys.revokeOthers('local command line', own, server.changes);
    expect((await askWith(key, '/offices')).status).toBe(200);
    expect((await askWith(own, '/people')).status).toBe(200);
  });
});
