import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PersonInvited, RecoveryCodes, TwoFactorSecret, TwoFactorState } from '../../api/schemas.ts';
import { STEP_MS } from '../auth/totp.ts';
import { codeShown } from '../testing/authenticator.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

const password = 'correct horse battery';
const host = 'console.example:8420';
let server: ServerHarness;
let name: string;
let cookie: string;
let count = 0;

async function ask(method: string, path: string, body?: unknown, withCookie = cookie) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await server.api.request(`http://${host}/api/v1${path}`, {
    method,
    headers: {
      host,
      origin: `http://${host}`,
      cookie: withCookie,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    },
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = (await response.json()) as { error?: { code: string } };
  return {
    status: response.status,
    body: answer,
    code: answer.error?.code,
    cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
  };
}
const signIn = (code?: string) =>
  ask('POST', '/session', { name, password, ...(code === undefined ? {} : { code }) }, '');

/** The code that the app shows now. */
const shown = (secret: string) => codeShown(secret, server.clock.nowMs());
const nextStep = () => server.clock.advance(STEP_MS);

async function turnedOn() {
  const { secret } = TwoFactorSecret.parse((await ask('POST', '/me/two-factor', { password })).body);
  const confirmed = await ask('PUT', '/me/two-factor', { code: shown(secret) });
  cookie = confirmed.cookie;
  await nextStep();
  return { secret, recoveryCodes: RecoveryCodes.parse(confirmed.body).recoveryCodes };
}

beforeAll(async () => {
  server = await serverHarness();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  const owner = await server.person(`owner ${count}`, [{ role: 'owner' }]);
  const grants = [{ role: 'viewer', everywhere: true }];
  const invited = PersonInvited.parse((await owner.call('POST', '/people', { name: `ada ${count}`, grants })).body);
  name = invited.person.name;
  cookie = (await ask('POST', '/invitation', { invitation: invited.invitation, password }, '')).cookie;
});

describe('the second factor', () => {
  test('is not on before the app has given its first code', async () => {
    expect((await ask('POST', '/me/two-factor', { password: 'wrong horse battery' })).status).toBe(403);
    await ask('POST', '/me/two-factor', { password });
    expect((await ask('PUT', '/me/two-factor', { code: '000000' })).status).toBe(403);
    expect(TwoFactorState.parse((await ask('GET', '/me/two-factor')).body)).toEqual({
      on: false,
      recoveryLeft: 0,
      password: true,
    });
    expect((await signIn()).status).toBe(200);
  });

  test('is asked for once it is on, and its codes are good once', async () => {
    const { secret } = await turnedOn();
    expect(TwoFactorState.parse((await ask('GET', '/me/two-factor')).body)).toEqual({
      on: true,
      recoveryLeft: 10,
      password: true,
    });
    const without = await signIn();
    expect([without.status, without.code, without.cookie]).toEqual([401, 'api.second_factor', '']);
    const code = shown(secret);
    expect((await signIn(code)).status).toBe(200);
    expect((await signIn(code)).code).toBe('api.second_factor');
    await nextStep();
    expect((await signIn(shown(secret))).status).toBe(200);
  });

  test('shown twice at the same moment lets one in', async () => {
    const { secret } = await turnedOn();
    const code = shown(secret);
    const statuses = (await Promise.all([signIn(code), signIn(code), signIn(code)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401, 401]);
  });

  test('says nothing of itself to whoever does not know the password', async () => {
    const { secret } = await turnedOn();
    const guess = await ask('POST', '/session', { name, password: 'wrong horse battery', code: shown(secret) }, '');
    expect([guess.status, guess.code]).toEqual([401, 'api.unauthorised']);
  });

  test('cannot be guessed: wrong codes are slowed, and the right password does not forgive them', async () => {
    await turnedOn();
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) codes.push((await signIn('000000')).code, (await signIn()).code);
    expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'api.second_factor'));
    expect(codes.slice(5)).toEqual(Array.from({ length: 3 }, () => 'api.rate_limited'));
  });

  test('has ten recovery codes, each good once, however they are typed', async () => {
    const { recoveryCodes } = await turnedOn();
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await signIn(recoveryCodes[0]!.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
    expect((await signIn(recoveryCodes[0])).code).toBe('api.second_factor');
    expect((await signIn(recoveryCodes[1])).status).toBe(200);
    expect((await ask('GET', '/me/two-factor')).body).toEqual({ on: true, recoveryLeft: 8, password: true });
  });

  test('ends every other session when it is turned on', async () => {
    const other = await signIn();
    const before = cookie;
    await turnedOn();
    for (const old of [other.cookie, before]) expect((await ask('GET', '/offices', undefined, old)).status).toBe(401);
    expect((await ask('GET', '/offices')).status).toBe(200);
  });

  test('is turned off with password and code, not with a session alone', async () => {
    const { secret } = await turnedOn();
    expect((await ask('POST', '/me/two-factor/end', { password, code: '000000' })).status).toBe(403);
    expect(
      (await ask('POST', '/me/two-factor/end', { password: 'wrong horse battery', code: shown(secret) })).status,
    ).toBe(403);
    expect((await ask('POST', '/me/two-factor', { password })).code).toBe('account.two_factor_on');
    expect((await ask('POST', '/me/two-factor/end', { password, code: shown(secret) })).status).toBe(200);
    expect((await signIn()).status).toBe(200);
  });

  test('of somebody who lost telephone and codes is turned off by an owner only', async () => {
    await turnedOn();
    const { id } = await server.database.user.findUniqueOrThrow({ where: { name } });
    const manager = await server.person(`manager ${count}`, [{ role: 'manager' }]);
    const owner = await server.person(`other ${count}`, [{ role: 'owner' }]);
    expect((await manager.call('DELETE', `/people/${id}/two-factor`)).status).toBe(403);
    expect((await signIn()).code).toBe('api.second_factor');
    expect((await owner.call('DELETE', `/people/${id}/two-factor`)).status).toBe(200);
    expect((await signIn()).status).toBe(200);
  });

  test('leaves neither its secret nor its recovery codes in the database in clear', async () => {
    const { secret, recoveryCodes } = await turnedOn();
    const stored = JSON.stringify(await server.database.twoFactor.findMany()).toLowerCase();
    expect(stored).not.toContain(secret.toLowerCase());
    for (const code of recoveryCodes) expect(stored).not.toContain(code.replaceAll('-', ''));
  });
});
