/** Signing in with an OpenID Connect provider and with a Nextcloud: who comes in, who links an account, who may change what. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  AuditDetail,
  AuditPage,
  PersonInvited,
  PersonList,
  ProviderCheck,
  ProviderDeparture,
  SessionInfo,
  SignInProvider,
  SignInWays,
} from '../../console/src/api/schemas.ts';
import { CONSOLE_URL } from '../../console/src/server/testing/server-harness.ts';
import { PASSWORD, startSignInWorld } from './sign-in-world.ts';

const world = await startSignInWorld();
const {
  server,
  oidc,
  other,
  cloud,
  owner,
  ask,
  whoIs,
  begin,
  finish,
  come,
  sayYes,
  comeByCloud,
  somebody,
  link,
  providerWith,
  accountsOf,
} = world;
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.lies = {};
});

describe('with OpenID Connect', () => {
  test('the page offers a button for each provider, and what it is sent with is as it must be', async () => {
    const { providers } = SignInWays.parse((await ask('GET', '/session/ways')).body);
    expect(providers.map(({ name }) => name)).toEqual(['Company oidc', 'Company other', 'Our cloud']);
    const begun = await begin();
    const asked = new URL(begun.address);
    expect(`${asked.origin}${asked.pathname}`).toBe(`${oidc.url}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'harp',
      response_type: 'code',
      redirect_uri: `${CONSOLE_URL}/sign-in/back/oidc`,
      scope: 'openid profile email',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(asked.searchParams.get(name)?.length).toBeGreaterThanOrEqual(43);
  });

  test('somebody links their account, and signs in with it from then on', async () => {
    const ada = await somebody();
    expect((await link(ada.cookie, 'sub-grace')).body).toEqual({ kind: 'linked', providerName: 'Company oidc' });
    const answer = await come('sub-grace');
    expect(answer.body).toEqual({ kind: 'signed-in', providerName: 'Company oidc' });
    expect(await whoIs(answer.cookie)).toBe(ada.name);
    expect(answer.set.find((each) => each.startsWith('harp_session='))).toMatch(/HttpOnly; Secure; SameSite=Strict/);
    const accounts = await accountsOf(ada.cookie);
    expect(accounts).toMatchObject([{ providerName: 'Company oidc', label: 'grace' }]);
    const { items } = AuditPage.parse((await owner.call('GET', '/audit?limit=100')).body);
    const actions = items.filter(({ object }) => object.id === ada.id).map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(['session.begin', 'account.link']);
    // A second time nothing is new.
    expect((await link(ada.cookie, 'sub-grace')).status).toBe(200);
    expect((await ask('DELETE', `/me/accounts/${accounts[0]?.id}`, undefined, ada.cookie)).status).toBe(200);
    expect((await come('sub-grace')).error?.code).toBe('provider.stranger');
  });

  test('whoever signs in gets a session of their own: one that somebody planted in the browser ends', async () => {
    const ada = await somebody();
    expect((await link(ada.cookie, 'sub-grace')).status).toBe(200);
    const planted = (await somebody()).cookie;
    const asks = async (cookie: string) => (await ask('GET', '/me/sessions', undefined, cookie)).status;
    expect(await asks(planted)).toBe(200);
    const begun = await begin();
    const answer = await finish(await oidc.choose(begun.address, 'sub-grace'), `${planted}; ${begun.cookie}`);
    expect(await whoIs(answer.cookie)).toBe(ada.name);
    expect([await asks(planted), await asks(answer.cookie)]).toEqual([401, 200]);
  });

  test('somebody who was invited takes an account in the place of a password, once', async () => {
    const grants = [{ role: 'viewer', everywhere: true }];
    const asked = await owner.call('POST', '/people', { name: 'invited heidi', grants });
    const { invitation } = PersonInvited.parse(asked.body);
    expect((await come('sub-heidi', { invitation: 'harpinvite_none' })).error?.code).toBe('api.unauthorised');
    const answer = await come('sub-heidi', { invitation });
    expect(await whoIs(answer.cookie)).toBe('invited heidi');
    expect((await come('sub-ivan', { invitation })).error?.code).toBe('api.unauthorised');
    expect(await whoIs((await come('sub-heidi')).cookie)).toBe('invited heidi');
    const { people } = PersonList.parse((await owner.call('GET', '/people')).body);
    expect(people.find(({ name }) => name === 'invited heidi')).toMatchObject({ active: true, invitedUntilMs: null });
    // Their last way in is not theirs to close.
    const accounts = await accountsOf(answer.cookie);
    expect((await ask('DELETE', `/me/accounts/${accounts[0]?.id}`, undefined, answer.cookie)).error?.code).toBe(
      'api.forbidden',
    );
  });

  test('a stranger is refused, whatever name or e-mail address they come with', async () => {
    for (const subject of ['sub-judy', 'sub-owner-mail', 'sub-staff']) {
      const answer = await come(subject);
      expect(answer.error?.code, subject).toBe('provider.stranger');
      expect(answer.hasSession).toBe(false);
    }
  });

  test('whoever is in the group is let in with the role, and no longer when they left it', async () => {
    await providerWith({ admitGroup: 'staff', admitRole: 'viewer' });
    const answer = await come('sub-staff');
    expect(SessionInfo.parse((await ask('GET', '/session', undefined, answer.cookie)).body).user).toMatchObject({
      name: 'Sam Staff',
      role: 'viewer',
      everywhere: true,
    });
    oidc.lies = { groupsApart: true };
    expect(await whoIs((await come('sub-staff')).cookie)).toBe('Sam Staff');
    oidc.lies = { claims: { groups: ['others'] } };
    expect((await come('sub-staff')).error?.code).toBe('provider.stranger');
    oidc.lies = {};
    expect((await come('sub-judy')).error?.code).toBe('provider.stranger');
    await providerWith({ admitGroup: null, admitRole: null });
    expect((await come('sub-staff')).error?.code).toBe('provider.stranger');
  });

  test('somebody who is let in by the group and has another’s name gets one of their own', async () => {
    await providerWith({ admitGroup: 'staff', admitRole: 'viewer' });
    oidc.lies = { claims: { sub: 'sub-another', name: 'owner', groups: ['staff'] } };
    expect(await whoIs((await come('sub-staff')).cookie)).toBe('owner (Company oidc)');
    await providerWith({ admitGroup: null, admitRole: null });
  });

  test('nobody becomes an owner by a group', async () => {
    const { id: _, returnAddress: __, ...known } = (await server.providers.list()).find(({ id }) => id === 'oidc')!;
    const body = { ...known, admitGroup: 'staff', admitRole: 'owner' };
    expect((await owner.call('PUT', '/sign-in-providers/oidc', body)).status).toBe(400);
  });
});

describe('linking', () => {
  test('takes more than a session', async () => {
    const ada = await somebody();
    const start = (shown: object) => ask('POST', '/me/accounts', { provider: 'oidc', ...shown }, ada.cookie);
    expect((await start({})).status).toBe(400);
    expect((await start({ password: 'wrong horse battery' })).status).toBe(403);
  });

  test('is finished by the session that began it, and by no other', async () => {
    const ada = await somebody();
    const bob = await somebody();
    const begun = await ask('POST', '/me/accounts', { provider: 'oidc', password: PASSWORD }, ada.cookie);
    const back = await oidc.choose(ProviderDeparture.parse(begun.body).address, 'sub-judy');
    const answer = await finish(back, `${bob.cookie}; ${begun.cookie}`);
    expect(answer.error?.code).toBe('api.unauthorised');
    for (const { cookie } of [ada, bob]) expect(await accountsOf(cookie)).toEqual([]);
  });

  test('does not take an account from somebody else, nor a second one', async () => {
    const ada = await somebody();
    const bob = await somebody();
    expect((await link(ada.cookie, 'sub-judy')).status).toBe(200);
    expect((await link(bob.cookie, 'sub-judy')).error?.code).toBe('account.linked_elsewhere');
    expect((await link(ada.cookie, 'sub-eve')).error?.code).toBe('account.linked_elsewhere');
    expect(await whoIs((await come('sub-judy')).cookie)).toBe(ada.name);
    const accounts = await accountsOf(ada.cookie);
    expect((await ask('DELETE', `/me/accounts/${accounts[0]?.id}`, undefined, bob.cookie)).status).toBe(404);
  });
});

describe('with a Nextcloud', () => {
  test('a member of the group is let in, by the name the cloud shows', async () => {
    const answer = await comeByCloud('marie');
    expect(answer.body).toEqual({ kind: 'signed-in', providerName: 'Our cloud' });
    const { user } = SessionInfo.parse((await ask('GET', '/session', undefined, answer.cookie)).body);
    expect(user).toMatchObject({ name: 'Marie C.', role: 'helpdesk' });
    expect((await comeByCloud('otto')).error?.code).toBe('provider.stranger');
    // No token of theirs stays behind.
    const stored = JSON.stringify(await server.database.linkedAccount.findMany());
    expect(stored).not.toMatch(/[A-Za-z0-9]{72}/);
  });

  test('a code is good once, and its state belongs to the browser', async () => {
    const begun = await begin('cloud');
    const back = await sayYes(begun.address, 'marie');
    const wrong = new URL(back);
    wrong.searchParams.set('state', 'x');
    expect((await finish(wrong, begun.cookie, 'cloud')).error?.code).toBe('provider.refused');
    expect((await finish(back, begun.cookie, 'cloud')).error?.code).toBe('provider.refused');
    const again = await begin('cloud');
    back.searchParams.set('state', new URL(again.address).searchParams.get('state') ?? '');
    expect((await finish(back, again.cookie, 'cloud')).status).toBe(200);
    const third = await begin('cloud');
    back.searchParams.set('state', new URL(third.address).searchParams.get('state') ?? '');
    expect((await finish(back, third.cookie, 'cloud')).error?.code).toBe('provider.refused');
  });

  test('the check says whether one is there', async () => {
    const check = async (id: string) =>
      ProviderCheck.parse((await owner.call('POST', `/sign-in-providers/${id}/check`)).body).problem;
    expect(await check('cloud')).toBeNull();
    expect(await check('oidc')).toBeNull();
    const body = { id: 'wrong', name: 'Wrong', kind: 'nextcloud', url: oidc.url, clientId: 'x', clientSecret: 'y' };
    await owner.call('POST', '/sign-in-providers', body);
    expect(await check('wrong')).toContain('no Nextcloud');
    await owner.call('DELETE', '/sign-in-providers/wrong');
  });

  test('a user who is disabled there is not let in', async () => {
    const begun = await begin('cloud');
    const back = await sayYes(begun.address, 'marie');
    cloud.setUserEnabled('marie', false);
    expect((await finish(back, begun.cookie, 'cloud')).error?.code).toBe('provider.refused');
    cloud.setUserEnabled('marie', true);
  });
});

describe('providers', () => {
  test('are the owners’ to change, and their secret is written and never read', async () => {
    const manager = await server.person('a manager', [{ role: 'manager' }]);
    expect((await manager.call('GET', '/sign-in-providers')).status).toBe(403);
    const answers = [
      await owner.call('GET', '/sign-in-providers'),
      await owner.call('PUT', '/sign-in-providers/other', {
        name: 'Company other',
        kind: 'oidc',
        url: other.url,
        clientId: 'harp',
        clientSecret: other.clientSecret,
      }),
    ];
    const { items } = AuditPage.parse((await owner.call('GET', '/audit?action=provider')).body);
    expect(items.length).toBeGreaterThan(3);
    for (const { seq } of items)
      answers.push({ status: 200, body: AuditDetail.parse((await owner.call('GET', `/audit/${seq}`)).body) });
    const rows = await server.database.signInProvider.findMany();
    const text = JSON.stringify([answers, rows]);
    for (const provider of [oidc, other]) expect(text).not.toContain(provider.clientSecret);
    expect(text).toContain('{"$secret":"set"}');
  });

  test('are not pointed elsewhere with the secret that is there', async () => {
    const body = { name: 'Company other', kind: 'oidc', url: 'https://evil.example', clientId: 'harp' };
    expect((await owner.call('PUT', '/sign-in-providers/other', body)).status).toBe(400);
    const [row] = (await server.providers.list()).filter(({ id }) => id === 'other');
    expect(row?.url).toBe(other.url);
  });

  test.each([
    { what: 'without TLS', change: { url: 'http://idp.example' } },
    { what: 'with a group and no role', change: { admitGroup: 'staff' } },
    { what: 'with a role and no group', change: { admitRole: 'viewer' } },
    { what: 'with an address that is none', change: { url: 'idp' } },
    { what: 'with a short name that is no word', change: { id: '../x' } },
  ])('are not added $what', async ({ change }) => {
    const body = { id: 'new', name: 'New', kind: 'oidc', url: 'https://idp.example', clientId: 'x', clientSecret: 'y' };
    expect((await owner.call('POST', '/sign-in-providers', { ...body, ...change })).status).toBe(400);
  });

  test('of a name or short name that there is are not added', async () => {
    const body = {
      id: 'oidc',
      name: 'New',
      kind: 'oidc',
      url: 'https://idp.example',
      clientId: 'x',
      clientSecret: 'y',
    };
    expect((await owner.call('POST', '/sign-in-providers', body)).status).toBe(409);
    expect((await owner.call('POST', '/sign-in-providers', { ...body, id: 'new', name: 'Our cloud' })).status).toBe(
      409,
    );
  });

  test('tell what has to be registered there, and go with every account that is linked', async () => {
    const { body } = await owner.call('GET', '/sign-in-providers');
    const shown = (body as { providers: unknown[] }).providers.map((each) => SignInProvider.parse(each));
    expect(shown.find(({ id }) => id === 'cloud')?.returnAddress).toBe(`${CONSOLE_URL}/sign-in/back/cloud`);
    expect((await owner.call('DELETE', '/sign-in-providers/cloud')).status).toBe(200);
    expect(await server.database.linkedAccount.count({ where: { providerId: 'cloud' } })).toBe(0);
    expect((await owner.call('DELETE', '/sign-in-providers/cloud')).status).toBe(404);
  });
});
