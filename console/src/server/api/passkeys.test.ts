import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditDetail, AuditPage, PasskeyList, PasskeyOptions, PersonInvited, SessionInfo } from '../../api/schemas.ts';
import { consoleAddress } from '../auth/console-address.ts';
import { PENDING_MS } from '../auth/pending.ts';
import { STEP_MS } from '../auth/totp.ts';
import { codeShown } from '../testing/authenticator.ts';
import { CONSOLE_URL, type Person, type ServerHarness, serverHarness } from '../testing/server-harness.ts';
import { type PasskeyLies, softwarePasskey } from '../testing/software-passkey.ts';

const password = 'correct horse battery';
const host = 'console.example';
const place = consoleAddress(CONSOLE_URL);
let server: ServerHarness;
let owner: Person;
let name: string;
let id: string;
/** The session of the person, as their browser keeps it. */
let cookie: string;
let count = 0;

async function ask(method: string, path: string, body?: unknown, withCookie = cookie) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await server.api.request(`${CONSOLE_URL}/api/v1${path}`, {
    method,
    headers: {
      host,
      origin: CONSOLE_URL,
      ...(withCookie === '' ? {} : { cookie: withCookie }),
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
  };
}
const optionsOf = (answer: { body: unknown }) => PasskeyOptions.parse(answer.body).options;
const begin = async () => optionsOf(await ask('POST', '/me/passkeys/options', { password }));
async function added(key = softwarePasskey(place), called = 'laptop') {
  const answer = await ask('POST', '/me/passkeys', { name: called, credential: key.make(await begin()) });
  expect(answer.status).toBe(201);
  return key;
}
async function signIn(key: ReturnType<typeof softwarePasskey>, lies: PasskeyLies = {}, planted = '') {
  const begun = await ask('POST', '/session/passkey/options', undefined, planted);
  const kept = planted === '' ? begun.cookie : `${planted}; ${begun.cookie}`;
  return ask('POST', '/session/passkey', { credential: key.sign(optionsOf(begun), lies) }, kept);
}

beforeAll(async () => {
  server = await serverHarness();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  // Wrong ones are slowed by address, and all of these tests have one.
  await server.clock.advance(60 * 60_000);
  owner = await server.person(`owner ${count}`, [{ role: 'owner' }]);
  const grants = [{ role: 'viewer', everywhere: true }];
  const invited = PersonInvited.parse((await owner.call('POST', '/people', { name: `ada ${count}`, grants })).body);
  ({ name, id } = invited.person);
  ({ cookie } = await ask('POST', '/invitation', { invitation: invited.invitation, password }, ''));
});

describe('a passkey', () => {
  test('is asked for with everything that makes it both factors', async () => {
    expect(await begin()).toMatchObject({
      rp: { id: host, name: 'Harp' },
      user: { name },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const shown = optionsOf(await ask('POST', '/session/passkey/options', undefined, ''));
    expect(shown).toMatchObject({ rpId: host, userVerification: 'required' });
    // Whoever asks learns of no account.
    expect(shown.allowCredentials ?? []).toEqual([]);
  });

  test('signs in without a password, and without a code where the account has a second factor', async () => {
    const { secret } = (await ask('POST', '/me/two-factor', { password })).body as unknown as { secret: string };
    const code = codeShown(secret, server.clock.nowMs());
    ({ cookie } = await ask('PUT', '/me/two-factor', { code }));
    await server.clock.advance(STEP_MS);
    expect((await ask('POST', '/me/passkeys/options', { password })).error?.code).toBe('api.second_factor');
    const presence = { password, code: codeShown(secret, server.clock.nowMs()) };
    const options = optionsOf(await ask('POST', '/me/passkeys/options', presence));
    const key = softwarePasskey(place);
    await ask('POST', '/me/passkeys', { name: 'laptop', credential: key.make(options) });
    const answer = await signIn(key);
    expect(SessionInfo.parse(answer.body).user?.name).toBe(name);
    expect((await ask('GET', '/me/passkeys', undefined, answer.cookie)).status).toBe(200);
    expect(answer.set.find((each) => each.startsWith('harp_session='))).toMatch(/HttpOnly; Secure; SameSite=Strict/);
  });

  test('gives a session of its own: one that somebody planted in the browser ends', async () => {
    const key = await added();
    const planted = `harp_session=${(await server.person(`thief ${count}`, [{ role: 'viewer' }])).session}`;
    expect((await ask('GET', '/me/sessions', undefined, planted)).status).toBe(200);
    const answer = await signIn(key, {}, planted);
    expect(SessionInfo.parse(answer.body).user?.name).toBe(name);
    expect((await ask('GET', '/me/sessions', undefined, planted)).status).toBe(401);
    expect((await ask('GET', '/me/sessions', undefined, answer.cookie)).status).toBe(200);
    expect(answer.cookie).not.toContain(planted);
  });

  test('is one of several, listed with their names, and removed one by one', async () => {
    const first = await added(softwarePasskey(place), 'laptop');
    await server.clock.advance(1000);
    const second = await added(softwarePasskey(place), 'key on my chain');
    await signIn(second);
    const listed = PasskeyList.parse((await ask('GET', '/me/passkeys')).body);
    expect(listed.place).toEqual({ origin: CONSOLE_URL, obstacle: null });
    expect(listed.passkeys.map((each) => [each.name, each.lastUsedAtMs])).toEqual([
      ['laptop', null],
      ['key on my chain', server.clock.nowMs()],
    ]);
    const left = await ask('DELETE', `/me/passkeys/${listed.passkeys[0]?.id}`);
    expect(PasskeyList.parse(left.body).passkeys.map((each) => each.name)).toEqual(['key on my chain']);
    expect((await signIn(first)).error?.code).toBe('api.unauthorised');
    expect((await signIn(second)).status).toBe(200);
    expect((await ask('DELETE', `/me/passkeys/${listed.passkeys[0]?.id}`)).status).toBe(404);
  });

  test('is written down when it comes, is used and goes, and nothing of its key is', async () => {
    const key = await added();
    await signIn(key);
    const [only] = PasskeyList.parse((await ask('GET', '/me/passkeys')).body).passkeys;
    await ask('DELETE', `/me/passkeys/${only?.id}`);
    const { items } = AuditPage.parse((await owner.call('GET', '/audit?limit=50')).body);
    const ofThem = items.filter(({ object }) => object.id === id).map(({ action, seq }) => ({ action, seq }));
    expect(ofThem.map(({ action }) => action).slice(0, 3)).toEqual([
      'passkey.remove',
      'session.begin',
      'passkey.create',
    ]);
    const used = AuditDetail.parse((await owner.call('GET', `/audit/${ofThem[1]?.seq}`)).body);
    expect(JSON.stringify(used.after)).toContain('laptop');
  });

  test('is nobody else’s to see or to remove', async () => {
    await added();
    const [only] = PasskeyList.parse((await ask('GET', '/me/passkeys')).body).passkeys;
    expect((await owner.call('DELETE', `/me/passkeys/${only?.id}`)).status).toBe(404);
    expect(PasskeyList.parse((await owner.call('GET', '/me/passkeys')).body).passkeys).toEqual([]);
  });

  test('that does not count its signatures is as good', async () => {
    const key = await added(softwarePasskey(place, false));
    expect((await signIn(key)).status).toBe(200);
    expect((await signIn(key)).status).toBe(200);
  });

  test('is forgotten by an owner when the device was stolen, and its session ends', async () => {
    const key = await added();
    const theirs = (await signIn(key)).cookie;
    const viewer = await server.person(`viewer ${count}`, [{ role: 'viewer' }]);
    expect((await viewer.call('DELETE', `/people/${id}/passkeys`)).status).toBe(403);
    expect((await owner.call('DELETE', `/people/${id}/passkeys`)).status).toBe(200);
    expect((await signIn(key)).error?.code).toBe('api.unauthorised');
    expect((await ask('GET', '/me/passkeys', undefined, theirs)).status).toBe(401);
  });

  test('goes with the person', async () => {
    const key = await added();
    await owner.call('DELETE', `/people/${id}`);
    expect((await signIn(key)).error?.code).toBe('api.unauthorised');
    expect(await server.database.passkey.count({ where: { userId: id } })).toBe(0);
  });
});

describe('a sign-in is refused', () => {
  const lies: { what: string; lies: PasskeyLies }[] = [
    { what: 'from another site’s page', lies: { origin: 'https://evil.example' } },
    { what: 'from the same name without TLS', lies: { origin: `http://${host}` } },
    { what: 'for another site', lies: { rpId: 'evil.example' } },
    { what: 'where nobody showed a finger or a PIN', lies: { unverified: true } },
    { what: 'with another challenge', lies: { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } },
    { what: 'that is a registration', lies: { type: 'webauthn.create' } },
    { what: 'with the signature of another key', lies: { forged: true } },
    { what: 'in the name of somebody else', lies: { userHandle: 'dXNyLXNvbWVib2R5' } },
  ];
  test.each(lies)('$what', async (row) => {
    const key = await added();
    const answer = await signIn(key, row.lies);
    expect({ status: answer.status, code: answer.error?.code }).toEqual({
      status: 403,
      code: 'account.passkey_refused',
    });
    expect(answer.set.some((each) => each.startsWith('harp_session='))).toBe(false);
    expect((await signIn(key)).status).toBe(200);
  });

  test.each([{ counter: 1 }, { counter: 5 }])(
    'when the counter goes to $counter after 5: somebody has a copy',
    async (row) => {
      const key = await added();
      expect((await signIn(key, { counter: 5 })).status).toBe(200);
      expect((await signIn(key, { counter: row.counter })).error?.code).toBe('account.passkey_refused');
      expect((await signIn(key, { counter: 6 })).status).toBe(200);
    },
  );

  test('with a challenge that was used', async () => {
    const key = await added();
    const begun = await ask('POST', '/session/passkey/options', undefined, '');
    const body = { credential: key.sign(optionsOf(begun)) };
    expect((await ask('POST', '/session/passkey', body, begun.cookie)).status).toBe(200);
    expect((await ask('POST', '/session/passkey', body, begun.cookie)).error?.code).toBe('account.passkey_refused');
  });

  test('with a challenge of another browser, or of none', async () => {
    const key = await added();
    const theirs = await ask('POST', '/session/passkey/options', undefined, '');
    const own = await ask('POST', '/session/passkey/options', undefined, '');
    const body = { credential: key.sign(optionsOf(theirs)) };
    for (const shown of [own.cookie, '', 'harp_begun=none'])
      expect((await ask('POST', '/session/passkey', body, shown)).error?.code).toBe('account.passkey_refused');
  });

  test('with a challenge that is too old', async () => {
    const key = await added();
    const begun = await ask('POST', '/session/passkey/options', undefined, '');
    await server.clock.advance(PENDING_MS);
    const body = { credential: key.sign(optionsOf(begun)) };
    expect((await ask('POST', '/session/passkey', body, begun.cookie)).error?.code).toBe('account.passkey_refused');
  });

  test('of one key used twice at the same moment, but for one', async () => {
    const key = await added();
    const begun = await Promise.all([1, 2, 3].map(() => ask('POST', '/session/passkey/options', undefined, '')));
    const answers = await Promise.all(
      begun.map((each) =>
        ask('POST', '/session/passkey', { credential: key.sign(optionsOf(each), { counter: 9 }) }, each.cookie),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  });

  test('of a guesser more and more slowly', async () => {
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 25; i++) codes.push((await signIn(softwarePasskey(place))).error?.code);
    expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'api.unauthorised'));
    expect(codes.at(-1)).toBe('api.rate_limited');
  });
});

describe('adding is refused', () => {
  test('with a session alone', async () => {
    expect((await ask('POST', '/me/passkeys/options', {})).status).toBe(400);
    expect((await ask('POST', '/me/passkeys/options', { password: 'wrong horse battery' })).status).toBe(403);
  });

  test('to a program', async () => {
    expect((await server.call('POST', '/me/passkeys/options', {})).status).toBe(403);
  });

  test.each<{ what: string; lies: PasskeyLies }>([
    { what: 'from another site’s page', lies: { origin: 'https://evil.example' } },
    { what: 'for another site', lies: { rpId: 'evil.example' } },
    { what: 'where nobody showed a finger or a PIN', lies: { unverified: true } },
    { what: 'with another challenge', lies: { challenge: 'AAAA' } },
    { what: 'that is a sign-in', lies: { type: 'webauthn.get' } },
  ])('$what', async ({ lies }) => {
    const credential = softwarePasskey(place).make(await begin(), lies);
    const answer = await ask('POST', '/me/passkeys', { name: 'laptop', credential });
    expect(answer.error?.code).toBe('account.passkey_refused');
    expect(PasskeyList.parse((await ask('GET', '/me/passkeys')).body).passkeys).toEqual([]);
  });

  test('of what was not asked for, was asked of another session, or too long ago', async () => {
    const key = softwarePasskey(place);
    const credential = key.make(await begin());
    const elsewhere = (await ask('POST', '/session', { name, password }, '')).cookie;
    expect((await ask('POST', '/me/passkeys', { name: 'x', credential }, elsewhere)).error?.code).toBe(
      'account.passkey_refused',
    );
    await server.clock.advance(PENDING_MS);
    expect((await ask('POST', '/me/passkeys', { name: 'x', credential })).error?.code).toBe('account.passkey_refused');
  });

  test('of one that is registered, for whomever', async () => {
    const key = await added();
    const answer = await ask('POST', '/me/passkeys', { name: 'again', credential: key.make(await begin()) });
    expect(answer.error).toMatchObject({
      code: 'account.passkey_refused',
      message: expect.stringContaining('already'),
    });
  });

  test('of the twenty-first', async () => {
    for (let i = 0; i < 20; i++) await added();
    expect((await ask('POST', '/me/passkeys/options', { password })).error?.message).toContain('20');
  });

  test.each(['', 'AAAA', '!!!!', 'oGA', 'x'.repeat(5000)])('of bytes that are nothing: %s', async (garbage) => {
    const made = softwarePasskey(place).make(await begin());
    const response = { ...made.response, attestationObject: garbage };
    const answer = await ask('POST', '/me/passkeys', { name: 'x', credential: { ...made, response } });
    expect(answer.error?.code).toBe('account.passkey_refused');
  });
});

test.each([
  { url: 'https://harp.example', obstacle: null },
  { url: 'https://harp.example:8443/console', obstacle: null },
  { url: 'http://localhost:8420', obstacle: null },
  { url: 'http://harp.localhost', obstacle: null },
  { url: 'http://harp.example', obstacle: 'insecure' },
  { url: 'https://10.1.2.3', obstacle: 'no-name' },
  { url: 'http://[::1]:8420', obstacle: 'no-name' },
])('at $url the obstacle is $obstacle', ({ url, obstacle }) => {
  expect(consoleAddress(url).obstacle).toBe(obstacle);
});
