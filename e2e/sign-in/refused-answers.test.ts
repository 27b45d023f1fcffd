/** What an OpenID Connect provider, or somebody in its name, may send that must let nobody in; and providers that are out of order. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ProviderCheck } from '../../console/src/api/schemas.ts';
import { PENDING_MS } from '../../console/src/server/auth/pending.ts';
import type { OidcLies } from './oidc-provider.ts';
import { PASSWORD, startSignInWorld } from './sign-in-world.ts';

const world = await startSignInWorld();
const { server, oidc, other, owner, ask, whoIs, begin, finish, come, somebody, link, providerWith, accountsOf } = world;
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.lies = {};
});

describe('an answer is not accepted', () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const lies: { what: string; lies: OidcLies }[] = [
    { what: 'of another issuer', lies: { claims: { iss: 'https://evil.example' } } },
    { what: 'for another client', lies: { claims: { aud: 'somebody-else' } } },
    { what: 'with another nonce', lies: { claims: { nonce: 'another' } } },
    { what: 'without a nonce', lies: { claims: { nonce: undefined } } },
    { what: 'that has expired', lies: { claims: { iat: nowSeconds - 900, exp: nowSeconds - 300 } } },
    { what: 'that names nobody', lies: { claims: { sub: undefined } } },
    { what: 'signed with another key', lies: { foreignKey: true } },
    { what: 'without a signature', lies: { unsigned: true } },
    { what: 'that names another issuer on the way back', lies: { returnIssuer: 'https://evil.example' } },
    { what: 'of a provider that calls itself otherwise', lies: { metadata: { issuer: 'https://evil.example' } } },
    {
      what: 'where the token is to be fetched elsewhere',
      lies: { metadata: { token_endpoint: 'http://127.0.0.1:9/token' } },
    },
    {
      what: 'where the keys are to be fetched elsewhere',
      lies: { metadata: { jwks_uri: 'http://169.254.169.254/keys' } },
    },
    { what: 'that is no JSON', lies: { answerAt: { path: '/token', status: 200, body: '<html>' } } },
    { what: 'of a refusal', lies: { answerAt: { path: '/token', status: 400, body: '{"error":"invalid_grant"}' } } },
    {
      what: 'that leads elsewhere',
      lies: { answerAt: { path: '/token', status: 307, body: '', headers: { location: 'http://127.0.0.1:9/' } } },
    },
    { what: 'of a key set without keys', lies: { answerAt: { path: '/keys', status: 200, body: '{"keys":[]}' } } },
  ];
  test.each(lies)('$what', async (row) => {
    const ada = await somebody();
    oidc.lies = {};
    const begun = await begin();
    const back = await (async () => {
      oidc.lies = row.lies;
      return oidc.choose(begun.address, 'sub-ivan');
    })();
    const answer = await finish(back, begun.cookie);
    expect({ status: answer.status, code: answer.error?.code }, JSON.stringify(answer.body)).toEqual({
      status: 403,
      code: 'provider.refused',
    });
    expect(answer.hasSession).toBe(false);
    expect(await whoIs(ada.cookie)).toBe(ada.name);
  });

  test('a clock that is half a minute behind is no reason', async () => {
    const ada = await somebody();
    await link(ada.cookie, 'sub-ivan');
    oidc.lies = { claims: { iat: nowSeconds - 330, exp: nowSeconds - 20 } };
    expect(await whoIs((await come('sub-ivan')).cookie)).toBe(ada.name);
    const accounts = await accountsOf(ada.cookie);
    await ask('DELETE', `/me/accounts/${accounts[0]?.id}`, undefined, ada.cookie);
  });

  test('with another state, or none: somebody else’s answer in this browser', async () => {
    for (const change of [
      (back: URL) => back.searchParams.set('state', 'x'),
      (back: URL) => back.searchParams.delete('state'),
    ]) {
      const begun = await begin();
      const back = await oidc.choose(begun.address, 'sub-ivan');
      change(back);
      expect((await finish(back, begun.cookie)).error?.code).toBe('provider.refused');
    }
  });

  test('in another browser, or in one that has begun nothing', async () => {
    const begun = await begin();
    const theirs = await begin();
    const back = await oidc.choose(begun.address, 'sub-ivan');
    for (const cookie of ['', 'harp_begun=none', theirs.cookie])
      expect((await finish(back, cookie)).error?.code).toBe('provider.refused');
  });

  test('twice', async () => {
    const ada = await somebody();
    await link(ada.cookie, 'sub-ivan');
    const begun = await begin();
    const back = await oidc.choose(begun.address, 'sub-ivan');
    expect((await finish(back, begun.cookie)).status).toBe(200);
    expect((await finish(back, begun.cookie)).error?.code).toBe('provider.refused');
    // With a way of one's own that was begun anew the code is not the one that belongs to it.
    const again = await begin();
    const mixed = new URL(back);
    mixed.searchParams.set('state', new URL(again.address).searchParams.get('state') ?? '');
    expect((await finish(mixed, again.cookie)).error?.code).toBe('provider.refused');
  });

  test('too late', async () => {
    const begun = await begin();
    const back = await oidc.choose(begun.address, 'sub-ivan');
    await server.clock.advance(PENDING_MS);
    expect((await finish(back, begun.cookie)).error?.code).toBe('provider.refused');
  });

  test('of one provider in the place of another’s', async () => {
    const begun = await begin('oidc');
    const theirs = await begin('other');
    const back = await other.choose(theirs.address, 'sub-ivan');
    expect((await finish(back, begun.cookie, 'oidc')).error?.code).toBe('provider.refused');
    const honest = await begin('oidc');
    const own = await oidc.choose(honest.address, 'sub-ivan');
    expect((await finish(own, honest.cookie, 'other')).error?.code).toBe('provider.refused');
    expect(other.asked).not.toContain('/token');
  });

  test('when the person cancels, and says so', async () => {
    const begun = await begin();
    const answer = await finish(await oidc.choose(begun.address, undefined), begun.cookie);
    expect(answer.error).toMatchObject({ code: 'provider.refused', message: expect.stringContaining('cancelled') });
  });

  test('when the client secret is wrong, and says who has to do what', async () => {
    await providerWith({ clientSecret: 'wrong' });
    const answer = await come('sub-ivan');
    expect(answer.error).toMatchObject({ code: 'provider.refused', message: expect.stringContaining('owner') });
    await providerWith({ clientSecret: oidc.clientSecret });
  });
});

describe('a provider that is out of order', () => {
  test.each<{ what: string; lies: OidcLies; code: string }>([
    { what: 'hangs', lies: { hangsAt: '/.well-known/openid-configuration' }, code: 'provider.unreachable' },
    {
      what: 'sends without end',
      lies: {
        answerAt: { path: '/.well-known/openid-configuration', status: 200, body: `{"a":"${'x'.repeat(2_000_000)}"}` },
      },
      code: 'provider.unreachable',
    },
    {
      what: 'has an error',
      lies: { answerAt: { path: '/.well-known/openid-configuration', status: 500, body: '{}' } },
      code: 'provider.refused',
    },
    {
      what: 'sends people elsewhere',
      lies: { metadata: { authorization_endpoint: 'https://evil.example/authorize' } },
      code: 'provider.refused',
    },
  ])('$what: the answer comes within six seconds and names it', async ({ lies, code }) => {
    oidc.lies = lies;
    const startedAtMs = Date.now();
    const answer = await ask('POST', '/session/provider', { provider: 'oidc' });
    expect(Date.now() - startedAtMs).toBeLessThan(6000);
    expect(answer.error).toMatchObject({ code, message: expect.stringContaining('Company oidc') });
  });

  test('is not there: the password still signs in', async () => {
    const body = {
      id: 'gone',
      name: 'Gone',
      kind: 'oidc',
      url: 'http://127.0.0.1:9',
      clientId: 'x',
      clientSecret: 'y',
    };
    await owner.call('POST', '/sign-in-providers', body);
    const answer = await ask('POST', '/session/provider', { provider: 'gone' });
    expect(answer.error).toMatchObject({
      code: 'provider.unreachable',
      message: expect.stringMatching(/Gone .*127\.0\.0\.1:9 \(ECONNREFUSED\).*password/),
    });
    const { problem } = ProviderCheck.parse((await owner.call('POST', '/sign-in-providers/gone/check')).body);
    expect(problem).toContain('ECONNREFUSED');
    expect((await owner.call('DELETE', '/sign-in-providers/gone')).status).toBe(200);
    const ada = await somebody();
    expect((await ask('POST', '/session', { name: ada.name, password: PASSWORD })).status).toBe(200);
  });

  test('that is switched off is offered to nobody, and lets nobody in who had begun', async () => {
    const begun = await begin();
    const back = await oidc.choose(begun.address, 'sub-ivan');
    await providerWith({ enabled: false });
    expect((await ask('POST', '/session/provider', { provider: 'oidc' })).error?.code).toBe('api.not_found');
    expect((await finish(back, begun.cookie)).error?.code).toBe('api.not_found');
    await providerWith({ enabled: true });
  });
});
