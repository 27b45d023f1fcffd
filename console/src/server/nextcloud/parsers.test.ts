import { HarpError } from '@harp/broker/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { SharePolicy } from './capabilities.ts';
import { parseStatus } from './capabilities.ts';
import { type Answer, failureOf, THROTTLE_MS } from './failures.ts';
import { createConnectionGate } from './gate.ts';
import { createMultistatusReader, type DavNode, parseMultistatus, unquoteEtag } from './multistatus.ts';
import { ocsData } from './ocs.ts';
import { childName, davFilePath, trimPath } from './paths.ts';
import { chooseShare, isReadOnlyLink, needsRenewal, type ShareRecord, sharePassword, wantedExpiry } from './shares.ts';
import { parseXml } from './xml.ts';

const answer = (status: number, text = '', headers: Record<string, string> = {}): Answer => ({
  status,
  text,
  header: (name) => headers[name],
});
const davError = (exception: string, message = '') =>
  `<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>${exception}</s:exception><s:message>${message}</s:message></d:error>`;

describe('what a failure means', () => {
  test.each([
    { name: 'a refused login', given: answer(401), code: 'origin.unauthorised' },
    { name: 'too many failures', given: answer(429), code: 'origin.throttled' },
    {
      name: 'maintenance, told by DAV',
      given: answer(503, davError('OCA\\DAV\\Exception\\ServerMaintenanceMode')),
      code: 'origin.maintenance',
    },
    {
      name: 'maintenance, told by a header',
      given: answer(503, '{}', { 'x-nextcloud-maintenance-mode': '1' }),
      code: 'origin.maintenance',
    },
    {
      name: 'a disabled user',
      given: answer(
        503,
        davError('Sabre\\DAV\\Exception\\ServiceUnavailable', 'OC\\User\\LoginException: User disabled'),
      ),
      code: 'origin.unauthorised',
    },
    {
      name: 'a dead public link on 29',
      given: answer(503, davError('Sabre\\DAV\\Exception\\ServiceUnavailable', 'Sabre\\DAV\\Exception\\NotFound: ')),
      code: 'origin.not_found',
    },
    {
      name: 'an absent external storage',
      given: answer(503, davError('OCP\\Files\\StorageNotAvailableException')),
      code: 'origin.unreachable',
    },
    {
      name: 'a wrong If-Match',
      given: answer(412, davError('Sabre\\DAV\\Exception\\PreconditionFailed')),
      code: 'origin.changed',
    },
    {
      name: 'a forgotten OCS header',
      given: answer(412, '{"message":"CSRF check failed"}'),
      code: 'origin.unexpected',
    },
    { name: 'a redirect', given: answer(302, '', { location: 'https://elsewhere' }), code: 'origin.unexpected' },
    { name: 'a proxy without its server', given: answer(502, '<html>'), code: 'origin.unreachable' },
  ])('$name → $code', ({ given, code }) => expect(failureOf(given, 'test').code).toBe(code));

  test('OCS failures carry the words of Nextcloud', () => {
    const text = '{"ocs":{"meta":{"statuscode":403,"message":"Passwords are enforced"},"data":[]}}';
    expect(() => ocsData(answer(403, text), z.unknown(), 'test')).toThrow(/Passwords are enforced/);
  });
});

describe('the gate of a connection', () => {
  const failure = (
    code: 'origin.unauthorised' | 'origin.throttled' | 'origin.maintenance' | 'origin.changed',
    retryAfterMs?: number,
  ) => new HarpError(code, 'x', { facts: retryAfterMs === undefined ? {} : { retryAfterMs } });

  test.each([
    { name: 'a refused credential', error: failure('origin.unauthorised'), closedForMs: Number.POSITIVE_INFINITY },
    { name: 'a blocked address', error: failure('origin.throttled'), closedForMs: THROTTLE_MS },
    {
      name: 'a block that says how long',
      error: failure('origin.throttled', 2 * THROTTLE_MS),
      closedForMs: 2 * THROTTLE_MS,
    },
    { name: 'a block that claims to be short', error: failure('origin.throttled', 1000), closedForMs: THROTTLE_MS },
    { name: 'maintenance', error: failure('origin.maintenance'), closedForMs: 30_000 },
    { name: 'a changed file', error: failure('origin.changed'), closedForMs: 0 },
  ])('$name closes it for $closedForMs ms', ({ error, closedForMs }) => {
    const gate = createConnectionGate();
    gate.note(error, 1000);
    if (closedForMs > 0) expect(() => gate.check(1000 + Math.min(closedForMs, 1e15) - 1)).toThrow(error);
    if (Number.isFinite(closedForMs)) expect(() => gate.check(1000 + closedForMs)).not.toThrow();
  });

  test('what stopped it before a restart stops it after', () => {
    const gate = createConnectionGate({ past: { error: failure('origin.throttled'), atMs: 0 } });
    expect(() => gate.check(THROTTLE_MS - 1)).toThrow();
    expect(() => gate.check(THROTTLE_MS)).not.toThrow();
  });
});

const listing = (prefix: string, names: readonly string[]) =>
  `<?xml version="1.0"?><${prefix}multistatus xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="DAV:" xmlns:o="http://owncloud.org/ns">` +
  names
    .map(
      (name) =>
        `<${prefix}response><${prefix}href>/dav/${name}</${prefix}href><${prefix}propstat><${prefix}prop><${prefix}getetag>&quot;e&amp;${name}&quot;</${prefix}getetag><o:fileid>7</o:fileid></${prefix}prop><${prefix}status>HTTP/1.1 200 OK</${prefix}status></${prefix}propstat></${prefix}response>`,
    )
    .join('') +
  `</${prefix}multistatus>`;

describe('listings', () => {
  test.each(['d:', 'D:', 'lp1:', ''])('are read by namespace, whatever the prefix (%j)', (prefix) => {
    expect(parseMultistatus(listing(prefix, ['a', 'b']))).toMatchObject([
      { href: '/dav/a', etag: 'e&a', fileId: '7' },
      { href: '/dav/b', etag: 'e&b' },
    ]);
  });

  test('give the same nodes however the body is split', () => {
    const text = listing('d:', ['a', 'b', 'c']);
    const whole = parseMultistatus(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const reader = createMultistatusReader();
        const points = [0, ...cuts.sort((a, b) => a - b), text.length];
        const nodes = points.slice(1).flatMap((end, index) => reader.push(text.slice(points[index], end)));
        reader.end();
        expect(nodes).toEqual(whole);
      }),
    );
  });

  test('that break off, expand entities or never end an entry are refused', () => {
    const text = listing('d:', ['a', 'b']);
    expect(() => parseMultistatus(text.slice(0, -10))).toThrow(expect.objectContaining({ code: 'origin.short_body' }));
    expect(() => parseMultistatus(`<!DOCTYPE x [<!ENTITY e "boom">]>${text}`)).toThrow();
    expect(() => createMultistatusReader(100).push(text.replaceAll('</d:response>', ''))).toThrow();
  });

  test('no entity is expanded but those of XML', () => {
    expect(parseXml('<a>&lt;&#228;&#xe4;&boom;</a>').text).toBe('<ää&boom;');
    expect(() => parseXml('<x:a/>')).toThrow();
  });
});

test.each([
  ['"abc"', 'abc'],
  ['"abc-gzip"', 'abc'],
  ['W/"abc"', 'abc'],
  ['abc', 'abc'],
])('the ETag %s is %s', (sent, etag) => expect(unquoteEtag(sent)).toBe(etag));

describe('paths', () => {
  const node = (href: string) => ({ href }) as DavNode;
  test.each([
    {
      folder: '/nc/remote.php/dav/files/u/P/',
      href: '/nc/remote.php/dav/files/u/P/Gr%c3%b6%c3%9fe%20%26',
      expected: { name: 'Größe &' },
    },
    { folder: '/dav/P', href: 'https://cloud/dav/P/x/', expected: { name: 'x' } },
    { folder: '/dav/P/', href: '/dav/P/a/b', expected: undefined },
    { folder: '/dav/P/', href: '/elsewhere/x', expected: undefined },
    { folder: '/dav/P/', href: '/dav/P/a%2Fb', expected: { damaged: 'a%2Fb', why: 'holds a slash' } },
    { folder: '/dav/P/', href: '/dav/P/%ff', expected: { damaged: '%ff', why: 'is not UTF-8' } },
  ])('$href in $folder', ({ folder, href, expected }) => expect(childName(node(folder), node(href))).toEqual(expected));

  test('are encoded name by name', () => {
    expect(davFilePath('a b', 'x/y #?')).toBe('/remote.php/dav/files/a%20b/x/y%20%23%3F');
    expect(['/', '/P/', 'P//Q/'].map(trimPath)).toEqual(['', 'P', 'P/Q']);
  });
});

test.each([
  { name: 'a server in use', text: '{"installed":true,"maintenance":false,"version":"31.0.2.1"}', pause: false },
  { name: 'maintenance', text: '{"installed":true,"maintenance":true,"version":"31.0.2.1"}', pause: true },
  {
    name: 'a pending upgrade',
    text: '{"installed":true,"maintenance":false,"needsDbUpgrade":true,"version":"31.0"}',
    pause: true,
  },
])('$name: pause $pause', ({ text, pause }) => expect(parseStatus(text)).toMatchObject({ major: 31, pause }));

describe('shares', () => {
  const share = (changes: Partial<ShareRecord> = {}): ShareRecord => ({
    id: '1',
    share_type: 3,
    uid_owner: 'u',
    permissions: 17,
    label: 'North',
    path: '/P',
    item_type: 'folder',
    token: 't',
    ...changes,
  });
  const wanted = { davUser: 'u', path: 'P', label: 'North', givenUp: new Set(['9']) };
  test.each([
    { name: 'ours with the label', list: [share()], id: '1' },
    { name: 'the known one before the label', list: [share(), share({ id: '2', label: 'renamed' })], id: '2' },
    { name: 'one that was given up', list: [share({ id: '9' }), share({ id: '3' })], id: '3' },
    { name: 'one that can be written to', list: [share({ permissions: 31 })], id: undefined },
    { name: 'somebody else’s', list: [share({ uid_owner: 'v' })], id: undefined },
    { name: 'of a folder above', list: [share({ path: '/' })], id: undefined },
    { name: 'not a link', list: [share({ share_type: 0 })], id: undefined },
  ])('reuse: $name → $id', ({ list, id }) => {
    expect(chooseShare(list, wanted, { id: '2', password: undefined })?.id).toBe(id);
  });

  test.each([1, 17])('permissions %i only read', (permissions) =>
    expect(isReadOnlyLink(share({ permissions }))).toBe(true),
  );
  test.each([2, 3, 5, 9, 16, 31])('permissions %i do not', (permissions) =>
    expect(isReadOnlyLink(share({ permissions }))).toBe(false),
  );

  const nowMs = Date.UTC(2026, 10, 22, 12);
  const policy = (expiresWithinDays: number | null): SharePolicy => ({
    allowed: true,
    passwordEnforced: false,
    expiresWithinDays,
    federationOutgoing: true,
  });
  test.each([
    { name: 'no end and none wanted', days: null, expiration: null, renew: false },
    { name: 'an end far away that nobody asked for', days: null, expiration: '2027-06-30 00:00:00', renew: false },
    { name: 'an end next week that nobody asked for', days: null, expiration: '2026-11-25 00:00:00', renew: true },
    { name: 'no end where one is enforced', days: 30, expiration: null, renew: true },
    { name: 'three weeks of thirty days left', days: 30, expiration: '2026-12-13 00:00:00', renew: false },
    { name: 'ten days of thirty left', days: 30, expiration: '2026-12-02 00:00:00', renew: true },
  ])('$name: renew $renew', ({ days, expiration, renew }) => {
    expect(needsRenewal(expiration, policy(days), nowMs)).toBe(renew);
  });
  test('an enforced expiry is used to its full length', () => {
    expect(wantedExpiry(policy(30), nowMs)).toBe('2026-12-22');
    expect(wantedExpiry(policy(null), nowMs)).toBeUndefined();
  });
  test('passwords are long, mixed and different', () => {
    const made = Array.from({ length: 50 }, () =>
      sharePassword((count) => crypto.getRandomValues(new Uint8Array(count))),
    );
    expect(new Set(made).size).toBe(50);
    for (const password of made) expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*-).{32}$/);
  });
});
