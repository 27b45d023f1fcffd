import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actions } from '../../api/access-rules.ts';
import { ErrorBody, SessionInfo } from '../../api/schemas.ts';
import { SESSION_IDLE_MS } from '../auth/sessions.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

const password = 'correct horse battery';
const host = 'console.example:8420';
const origin = `http://${host}`;
let server: ServerHarness;
let cookie: string;

/** A browser's request from a page of this server, unless `headers` say otherwise. */
const browse = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.api.request(`http://${host}/api/v1${path}`, {
    method,
    headers: {
      host,
      ...(method === 'GET' ? {} : { origin }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const errorOf = async (response: Response) => ErrorBody.parse(await response.json()).error;
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

beforeAll(async () => {
  server = await serverHarness();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the first administrator', () => {
  test('is asked for as long as there is none', async () => {
    expect(SessionInfo.parse(await (await browse('GET', '/session')).json())).toEqual({
      setupNeeded: true,
      user: null,
    });
  });

  test('needs the code of the last start; an older one is void', async () => {
    const old = await server.auth.newSetupCode();
    const code = await server.auth.newSetupCode();
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
    const wrong = await browse('POST', '/setup', { code: old, name: 'ada', password });
    expect(await errorOf(wrong)).toMatchObject({ code: 'api.unauthorised' });
    const stored = JSON.stringify(await server.database.setting.findMany());
    expect(stored).not.toContain(code?.replace('-', ''));
    // As people type it: lower case, without the hyphen.
    const right = await browse('POST', '/setup', {
      code: code?.toLowerCase().replace('-', ' '),
      name: ' ada ',
      password,
    });
    expect(right.status).toBe(200);
    expect(await right.json()).toEqual({
      setupNeeded: false,
      user: { name: 'ada', role: 'owner', may: [...actions], everywhere: true },
    });
    expect(right.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    expect(right.headers.get('set-cookie')).not.toMatch(/Secure/);
  });

  test('is made once', async () => {
    expect(await server.auth.newSetupCode()).toBeNull();
    const again = await browse('POST', '/setup', { code: 'AAAA-AAAA', name: 'eve', password });
    expect(again.status).toBe(409);
    expect(await errorOf(again)).toMatchObject({ code: 'api.setup_done' });
  });

  test('is made once even when two ask at the same time', async () => {
    await using other = await serverHarness();
    const code = (await other.auth.newSetupCode())!;
    const outcomes = await Promise.allSettled(
      ['ada', 'bob'].map((name) =>
        other.auth.setUp({ code, name, password }, { address: 'somewhere', userAgent: '' }, other.changes),
      ),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await other.database.user.count()).toBe(1);
  });

  test('has a password of twelve characters at least', async () => {
    const short = await browse('POST', '/setup', { code: 'AAAA-AAAA', name: 'eve', password: 'short' });
    expect(await errorOf(short)).toMatchObject({ code: 'api.invalid', problems: [{ field: 'password' }] });
  });
});

describe('a session', () => {
  beforeEach(async () => {
    cookie = cookieOf(await browse('POST', '/session', { name: 'ada', password }));
  });

  test('opens the API until it is signed out', async () => {
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(200);
    const out = await browse('DELETE', '/session', undefined, { cookie });
    expect(out.headers.get('set-cookie')).toMatch(/harp_session=;.*Max-Age=0/);
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(401);
  });

  test('is stored by its hash', async () => {
    const rows = await server.database.session.findMany();
    expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1]);
  });

  test('ends after twelve idle hours, and use prolongs it', async () => {
    await server.clock.advance(SESSION_IDLE_MS - 60_000);
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(200);
    await server.clock.advance(SESSION_IDLE_MS - 60_000);
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(200);
    await server.clock.advance(SESSION_IDLE_MS);
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(401);
  });

  test('ends after seven days, however much it is used', async () => {
    const hours = 6;
    for (let hour = 0; hour < 7 * 24 - hours; hour += hours) {
      await server.clock.advance(hours * 3_600_000);
      expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(200);
    }
    await server.clock.advance(hours * 3_600_000);
    expect((await browse('GET', '/offices', undefined, { cookie })).status).toBe(401);
  });

  test.each([
    { name: 'from a page of this server', headers: { origin }, status: 200 },
    { name: 'from a page of another site', headers: { origin: 'https://evil.example' }, status: 403 },
    { name: 'from a page without an origin', headers: { origin: 'null' }, status: 403 },
    { name: 'from another port of this host', headers: { origin: 'http://console.example:9999' }, status: 403 },
  ])('a change $name → $status', async ({ headers, status }) => {
    const response = await browse('PUT', '/fleet?dryRun=true', {}, { cookie, ...headers });
    expect(response.status).toBe(status);
  });

  test('a change that says nothing of where it comes from → 403', async () => {
    const response = await server.api.request(`http://${host}/api/v1/fleet?dryRun=true`, {
      method: 'PUT',
      headers: { host, cookie, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(await errorOf(response)).toMatchObject({ code: 'api.forbidden' });
  });

  test('nobody signs in from another site’s page', async () => {
    const response = await browse('POST', '/session', { name: 'ada', password }, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
  });
});

describe('guessing', () => {
  test.each(['ada', 'nobody'])('the password of %s is refused alike, then slowed', async (name) => {
    await server.clock.advance(3_600_000);
    const attempt = () => browse('POST', '/session', { name, password: 'wrong wrong wrong' });
    for (let i = 0; i < 5; i++)
      expect(await errorOf(await attempt())).toMatchObject({
        code: 'api.unauthorised',
        message: 'name or password is wrong',
      });
    const locked = await attempt();
    expect(locked.status).toBe(429);
    expect(locked.headers.get('retry-after')).toBe('1');
    expect((await browse('POST', '/session', { name, password })).status).toBe(429);
    await server.clock.advance(1000);
    expect((await browse('POST', '/session', { name, password })).status).toBe(name === 'ada' ? 200 : 401);
  });

  test('an API key is slowed, and right keys go on working', async () => {
    await server.clock.advance(3_600_000);
    const show = (key: string) => browse('GET', '/offices', undefined, { authorization: `Bearer ${key}` });
    const key = await server.auth.keys.create('script', server.changes);
    for (let i = 0; i < 20; i++) expect((await show(`harpkey_${i}`)).status).toBe(401);
    expect((await show('harpkey_20')).status).toBe(429);
    expect((await show(key)).status).toBe(200);
  });

  test('a revoked key is worthless', async () => {
    await server.clock.advance(3_600_000);
    const [old, young] = [
      await server.auth.keys.create('same', server.changes),
      await server.auth.keys.create('same', server.changes),
    ];
    await server.auth.keys.revokeOthers('same', young, server.changes);
    const show = (key: string) => browse('GET', '/offices', undefined, { authorization: `Bearer ${key}` });
    expect((await show(old)).status).toBe(401);
    expect((await show(young)).status).toBe(200);
  });
});
