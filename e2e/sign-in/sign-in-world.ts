/** A server, two OpenID Connect providers and a Nextcloud that it lets people sign in with, and the hands of their browsers; over real HTTP. */
import { expect } from 'vitest';
import { LinkedAccountList, PersonInvited, ProviderDeparture, SessionInfo } from '../../console/src/api/schemas.ts';
import { CONSOLE_URL, serverHarness } from '../../console/src/server/testing/server-harness.ts';
import { createStandIn } from '../stand-in/stand-in.ts';
import { startOidcProvider } from './oidc-provider.ts';

export const PASSWORD = 'correct horse battery';
const HOST = 'console.example';

/** Starts everything. */
export async function startSignInWorld() {
  const server = await serverHarness();
  const users = ['eve', 'grace', 'heidi', 'ivan', 'judy'].map((each) => ({ subject: `sub-${each}`, name: each }));
  const oidc = await startOidcProvider([
    ...users,
    { subject: 'sub-staff', name: 'Sam Staff', groups: ['staff'], email: 'ada@example.org' },
    { subject: 'sub-owner-mail', name: 'owner', email: 'owner@example.org' },
  ]);
  const other = await startOidcProvider(users);
  const cloud = await createStandIn({
    users: [
      { id: 'marie', password: 'secret secret', displayName: 'Marie C.', groups: ['helpdesk'] },
      { id: 'otto', password: 'secret secret' },
    ],
  });
  const owner = await server.person('owner', [{ role: 'owner' }]);
  const client = cloud.registerOAuthClient(`${CONSOLE_URL}/sign-in/back/cloud`);
  for (const [id, provider] of [
    ['oidc', oidc],
    ['other', other],
  ] as const) {
    provider.register(`${CONSOLE_URL}/sign-in/back/${id}`);
    const { url, clientId, clientSecret } = provider;
    const body = { id, name: `Company ${id}`, kind: 'oidc', url, clientId, clientSecret };
    expect((await owner.call('POST', '/sign-in-providers', body)).status).toBe(201);
  }
  const body = {
    id: 'cloud',
    name: 'Our cloud',
    kind: 'nextcloud',
    url: cloud.url,
    clientId: client.id,
    clientSecret: client.secret,
    admitGroup: 'helpdesk',
    admitRole: 'helpdesk',
  };
  expect((await owner.call('POST', '/sign-in-providers', body)).status).toBe(201);
  let count = 0;

  async function ask(method: string, path: string, body?: unknown, cookie = '') {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await server.api.request(`${CONSOLE_URL}/api/v1${path}`, {
      method,
      headers: {
        host: HOST,
        origin: CONSOLE_URL,
        ...(cookie === '' ? {} : { cookie }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = (await response.json()) as { error?: { code: string; message: string } };
    const set = response.headers.getSetCookie();
    return {
      status: response.status,
      body: answer,
      error: answer.error,
      set,
      cookie: set.map((each) => each.split(';')[0]).join('; '),
      hasSession: set.some((each) => each.startsWith('harp_session=')),
    };
  }
  const whoIs = async (cookie: string) =>
    SessionInfo.parse((await ask('GET', '/session', undefined, cookie)).body).user?.name;

  async function begin(provider = 'oidc', more: { invitation?: string } = {}) {
    const answer = await ask('POST', '/session/provider', { provider, ...more });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return { address: ProviderDeparture.parse(answer.body).address, cookie: answer.cookie };
  }
  const finish = (back: URL, cookie: string, provider = 'oidc') =>
    ask('POST', '/session/provider/finish', { provider, query: back.search }, cookie);
  /** The whole way at the OpenID Connect provider. */
  async function come(subject: string, more: { invitation?: string } = {}) {
    const begun = await begin('oidc', more);
    return finish(await oidc.choose(begun.address, subject), begun.cookie);
  }
  /** What a browser does on the page of a Nextcloud. */
  async function sayYes(address: string, user: string): Promise<URL> {
    const body = new URLSearchParams({ user, password: 'secret secret' });
    const answered = await fetch(address, { method: 'POST', body, redirect: 'manual' });
    return new URL(answered.headers.get('location') ?? 'about:blank');
  }
  async function comeByCloud(user: string) {
    const begun = await begin('cloud');
    return finish(await sayYes(begun.address, user), begun.cookie, 'cloud');
  }
  /** Somebody with a password, and their cookie. */
  async function somebody() {
    count += 1;
    const name = `ada ${count}`;
    const grants = [{ role: 'viewer', everywhere: true }];
    const { invitation, person } = PersonInvited.parse((await owner.call('POST', '/people', { name, grants })).body);
    const { cookie } = await ask('POST', '/invitation', { invitation, password: PASSWORD });
    return { id: person.id, name, cookie };
  }
  async function link(cookie: string, subject: string) {
    const begun = await ask('POST', '/me/accounts', { provider: 'oidc', password: PASSWORD }, cookie);
    const back = await oidc.choose(ProviderDeparture.parse(begun.body).address, subject);
    return finish(back, `${cookie}; ${begun.cookie}`);
  }
  async function providerWith(change: object) {
    const { providers } = { providers: await server.providers.list() };
    const { id, returnAddress: _, ...known } = providers.find((each) => each.id === 'oidc')!;
    const answer = await owner.call('PUT', `/sign-in-providers/${id}`, { ...known, ...change });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  }
  const accountsOf = async (cookie: string) =>
    LinkedAccountList.parse((await ask('GET', '/me/accounts', undefined, cookie)).body).accounts;
  return {
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
    async [Symbol.asyncDispose]() {
      await oidc[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await cloud.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
