/** Ten failed tries lock an account for a quarter of an hour: for strangers, not for who is signed in already, and not for the browser they always use. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditDetail, AuditPage, PersonInvited, PersonList, ProblemList, TwoFactorSecret } from '../../api/schemas.ts';
import { STEP_MS } from '../auth/totp.ts';
import { codeShown } from '../testing/authenticator.ts';
import { type Person, PROXY, type ServerHarness, serverHarness } from '../testing/server-harness.ts';

const password = 'correct horse battery';
const wrong = 'wrong horse battery';
const host = 'console.example:8420';
const LOCK_MS = 15 * 60_000;
let server: ServerHarness;
let owner: Person;
let name: string;
let id: string;
/** As the browser keeps them. */
let cookies: string;
let count = 0;

async function ask(method: string, path: string, body?: unknown, cookie = '', address?: string, forwarded?: string) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await server.api.request(
    `http://${host}/api/v1${path}`,
    {
      method,
      headers: {
        host,
        origin: `http://${host}`,
        ...(cookie === '' ? {} : { cookie }),
        ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      },
      ...(text === undefined ? {} : { body: text }),
    },
    { incoming: { socket: { remoteAddress: address ?? `10.9.${count}.1` } } } as never,
  );
  const answer = (await response.json()) as { error?: { code: string; message: string } };
  return {
    status: response.status,
    body: answer,
    error: answer.error,
    cookies: response.headers
      .getSetCookie()
      .map((each) => each.split(';')[0] ?? '')
      .join('; '),
  };
}
const signIn = (
  given: { name?: string; password?: string; code?: string } = {},
  cookie = '',
  address?: string,
  forwarded?: string,
) => ask('POST', '/session', { name, password, ...given }, cookie, address, forwarded);
const deviceIn = (kept: string) => kept.split('; ').find((each) => each.startsWith('harp_device=')) ?? '';
/** Made-up names that fail, of which no two are alike. */
const guesses = async (times: number, addressOf: (i: number) => string, forwardedOf?: (i: number) => string) => {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++)
    statuses.push(
      (await signIn({ name: `made up ${count} ${i}`, password: wrong }, '', addressOf(i), forwardedOf?.(i))).status,
    );
  return statuses;
};
/** Fails as often, each time as soon as it may, from one address after another. */
async function failing(
  times: number,
  given: { name?: string; password?: string; code?: string } = { password: wrong },
) {
  const answers: Awaited<ReturnType<typeof signIn>>[] = [];
  for (let i = 0; i < times; i++) {
    answers.push(await signIn(given, '', `10.8.${count}.${i}`));
    await server.clock.advance(60_000);
  }
  return answers;
}
const problemsOf = async (person: Person) =>
  ProblemList.parse((await person.call('GET', '/problems')).body).problems.filter(
    ({ code }) => code === 'people.locked',
  );

beforeAll(async () => {
  server = await serverHarness();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  // What one test has locked must not stand in the next one's lists.
  await server.clock.advance(LOCK_MS);
  owner = await server.person(`owner ${count}`, [{ role: 'owner' }]);
  const grants = [{ role: 'viewer', everywhere: true }];
  const invited = PersonInvited.parse((await owner.call('POST', '/people', { name: `ada ${count}`, grants })).body);
  ({ name, id } = invited.person);
  ({ cookies } = await ask('POST', '/invitation', { invitation: invited.invitation, password }));
});

describe('an account', () => {
  test.each([
    { failures: 9, status: 200 },
    { failures: 10, status: 429 },
  ])('lets its owner in after $failures failures: $status', async ({ failures, status }) => {
    const answers = await failing(failures);
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: failures }, () => 401));
    expect((await signIn()).status).toBe(status);
  });

  test('is locked for a quarter of an hour and no longer, however often somebody knocks', async () => {
    await failing(10);
    await server.clock.advance(LOCK_MS - 61_000);
    expect((await signIn()).error?.code).toBe('api.rate_limited');
    await server.clock.advance(1000);
    expect((await signIn()).status).toBe(200);
  });

  test('that nobody has is locked with the same words', async () => {
    const real = [...(await failing(11)), await signIn()];
    const made = [
      ...(await failing(11, { name: `nobody ${count}`, password: wrong })),
      await signIn({ name: `nobody ${count}` }),
    ];
    const said = (answers: typeof real) => answers.map(({ status, error }) => [status, error?.code, error?.message]);
    expect(said(made)).toEqual(said(real));
    expect(said(real).at(-1)?.[0]).toBe(429);
    expect(PersonList.parse((await owner.call('GET', '/people')).body).people.map((each) => each.name)).not.toContain(
      `nobody ${count}`,
    );
  });

  test('counts wrong codes too, and a right password does not forgive them', async () => {
    const { secret } = TwoFactorSecret.parse((await ask('POST', '/me/two-factor', { password }, cookies)).body);
    const shown = () => codeShown(secret, server.clock.nowMs());
    await ask('PUT', '/me/two-factor', { code: shown() }, cookies);
    await server.clock.advance(STEP_MS);
    const answers = await failing(10, { code: '000000' });
    expect(answers.map(({ error }) => error?.code)).toEqual(Array.from({ length: 10 }, () => 'api.second_factor'));
    expect((await signIn({ code: shown() })).error?.code).toBe('api.rate_limited');
  });

  test('is not locked for who is signed in, nor in a browser that they have signed in with', async () => {
    await failing(10);
    expect((await signIn()).status).toBe(429);
    expect((await ask('GET', '/me/sessions', undefined, cookies)).status).toBe(200);
    expect((await ask('PUT', '/me/password', { current: password, next: `${password}!` }, cookies)).status).toBe(200);
    const own = await server.person(`other ${count}`, [{ role: 'owner' }]);
    expect((await own.call('DELETE', `/people/${id}/lock`)).status).toBe(200);
    const device = (await signIn({ password: `${password}!` })).cookies;
    await failing(10);
    expect((await signIn({ password: `${password}!` })).status).toBe(429);
    expect((await signIn({ password: `${password}!` }, device)).status).toBe(200);
  });

  test('is locked in a known browser as well, if that is where somebody guesses', async () => {
    const device = cookies.split('; ').find((each) => each.startsWith('harp_device='))!;
    for (let i = 0; i < 10; i++) {
      expect((await signIn({ password: wrong }, device, `10.7.${count}.${i}`)).status).toBe(401);
      await server.clock.advance(60_000);
    }
    expect((await signIn({}, device)).status).toBe(429);
    // Elsewhere nothing has counted.
    expect((await signIn()).status).toBe(200);
  });

  test.each([
    { what: 'made up', cookie: () => 'harp_device=dev-aaaaaaaaaaaaaaaa.v1.aaaa' },
    { what: 'of somebody else', cookie: (theirs: string) => theirs },
  ])('takes a cookie $what for a stranger’s', async ({ cookie }) => {
    const other = await owner.call('POST', '/people', { name: `bob ${count}`, grants: [] });
    const { invitation } = PersonInvited.parse(other.body);
    const theirs = (await ask('POST', '/invitation', { invitation, password })).cookies;
    await failing(10);
    const device = cookie(theirs.split('; ').find((each) => each.startsWith('harp_device='))!);
    expect((await signIn({}, device)).status).toBe(429);
  });

  test('that changes its password knows no browser of before', async () => {
    const changed = await ask('PUT', '/me/password', { current: password, next: `${password}!` }, cookies);
    await failing(10);
    expect((await signIn({ password: `${password}!` }, cookies)).status).toBe(429);
    expect((await signIn({ password: `${password}!` }, changed.cookies)).status).toBe(200);
  });

  test('that is locked is told to owners, and unlocked by them', async () => {
    await failing(10);
    const viewer = await server.person(`viewer ${count}`, [{ role: 'viewer' }]);
    const listed = PersonList.parse((await owner.call('GET', '/people')).body).people.find((each) => each.id === id);
    // The last of ten failures was a minute ago.
    expect(listed?.lockedUntilMs).toBe(server.clock.nowMs() - 60_000 + LOCK_MS);
    expect(await problemsOf(owner)).toMatchObject([{ severity: 'warning', subject: { kind: 'person', id, name } }]);
    expect(await problemsOf(viewer)).toEqual([]);
    expect((await viewer.call('DELETE', `/people/${id}/lock`)).status).toBe(403);
    expect((await signIn()).status).toBe(429);
    expect((await owner.call('DELETE', `/people/${id}/lock`)).body).toMatchObject({ id, lockedUntilMs: null });
    expect((await signIn()).status).toBe(200);
    expect(await problemsOf(owner)).toEqual([]);
    const { items } = AuditPage.parse((await owner.call('GET', '/audit?limit=20')).body);
    const ofThem = items.filter(({ object, action }) => object.id === id && action.startsWith('session.'));
    expect(ofThem.map(({ action, by }) => [action, by.name])).toEqual([
      ['session.begin', name],
      ['session.unlock', `owner ${count}`],
      ['session.lock', 'nobody'],
    ]);
    const locking = AuditDetail.parse((await owner.call('GET', `/audit/${ofThem.at(-1)?.seq}`)).body);
    expect(locking.address).toBe(`10.8.${count}.9`);
  });

  test('whose owner is deleted is no lock that stays', async () => {
    await failing(10);
    await owner.call('DELETE', `/people/${id}`);
    expect((await owner.call('DELETE', `/people/${id}/lock`)).status).toBe(404);
  });
});

describe('one address', () => {
  test('locks three accounts in half an hour, not all there are', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `victim ${count} ${i}`);
    for (const each of names)
      await server.database.user.create({ data: { id: `usr-${each}`, name: each, passwordHash: 'none' } });
    const everLocked = new Set<string>();
    const endMs = server.clock.nowMs() + 30 * 60_000;
    while (server.clock.nowMs() < endMs) {
      for (const lock of server.auth.locks.list()) everLocked.add(lock.name);
      await signIn({ name: names.find((each) => !everLocked.has(each))!, password: wrong }, '', '10.6.6.6');
      await server.clock.advance(4000);
    }
    expect([...everLocked]).toEqual(names.slice(0, 3));
  });

  test.each([
    { what: 'as a stranger', cookie: () => '' },
    { what: 'in a browser it knows', cookie: () => deviceIn(cookies) },
  ])('locks no fourth for somebody who signs in between $what', async ({ cookie }) => {
    const names = Array.from({ length: 12 }, (_, i) => `prey ${count} ${i}`);
    for (const each of names)
      await server.database.user.create({ data: { id: `usr-${each}`, name: each, passwordHash: 'none' } });
    const everLocked = new Set<string>();
    const endMs = server.clock.nowMs() + 30 * 60_000;
    let entered = 0;
    for (let tries = 1; server.clock.nowMs() < endMs; tries++) {
      for (const lock of server.auth.locks.list()) everLocked.add(lock.name);
      const next = names.find((each) => !everLocked.has(each))!;
      if (tries % 20 === 0) entered += (await signIn({}, cookie(), `10.6.7.${count}`)).status === 200 ? 1 : 0;
      else await signIn({ name: next, password: wrong }, '', `10.6.7.${count}`);
      await server.clock.advance(4000);
    }
    expect(entered).toBeGreaterThan(0);
    expect(everLocked.size).toBeGreaterThan(0);
    expect(everLocked.size).toBeLessThanOrEqual(3);
  });

  test('takes back what a person has mistyped when they come in, and nothing of others', async () => {
    const at = `10.6.8.${count}`;
    expect(await guesses(15, () => at)).not.toContain(429);
    for (let i = 0; i < 4; i++) expect((await signIn({ password: wrong }, '', at)).status).toBe(401);
    expect((await signIn({}, '', at)).status).toBe(200);
    expect(await guesses(6, () => at)).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('does not keep a known browser out that shares it with somebody who guesses', async () => {
    const at = `10.6.5.${count}`;
    expect(await guesses(25, () => at)).toContain(429);
    expect((await signIn({}, '', at)).status).toBe(429);
    expect((await signIn({}, deviceIn(cookies), at)).status).toBe(200);
    // A cookie of somebody else's, or made up, is a stranger's.
    expect((await signIn({}, 'harp_device=dev-aaaaaaaaaaaaaaaa.v1.aaaa', at)).status).toBe(429);
  });

  test('is a whole network of IPv6, and the same in either writing of IPv4', async () => {
    const hex = (i: number) => i.toString(16);
    expect(await guesses(25, (i) => `2001:db8:${hex(count)}::${hex(i + 1)}`)).toContain(429);
    expect((await signIn({}, '', `2001:db8:${hex(count)}::ff`)).status).toBe(429);
    expect((await signIn({}, '', `2001:db8:${hex(count)}:1::1`)).status).toBe(200);
    expect(await guesses(25, (i) => (i % 2 === 0 ? `10.6.9.${count}` : `::ffff:10.6.9.${count}`))).toContain(429);
  });

  test('behind a proxy that is trusted is the browser’s, and elsewhere what was heard', async () => {
    const of = (last: string) => `192.0.${count}.${last}`;
    expect(
      await guesses(
        25,
        () => PROXY,
        () => of('1'),
      ),
    ).toContain(429);
    expect((await signIn({}, '', PROXY, of('1'))).status).toBe(429);
    expect((await signIn({}, '', PROXY, of('2'))).status).toBe(200);
    expect(
      await guesses(
        25,
        () => `10.6.10.${count}`,
        (i) => of(String(i)),
      ),
    ).toContain(429);
  });
});

describe('a stolen session', () => {
  test('guesses the password ten times, and locks nobody out', async () => {
    for (let i = 0; i < 10; i++) {
      expect((await ask('POST', '/me/two-factor', { password: wrong }, cookies)).status).toBe(403);
      await server.clock.advance(60_000);
    }
    expect((await ask('POST', '/me/two-factor', { password }, cookies)).error?.code).toBe('api.rate_limited');
    expect((await signIn()).status).toBe(200);
  });
});
