import { canonicalJson } from '@harp/broker/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutSecrets } from './secrets-out.ts';

const SET = { $secret: 'set' };
const CHANGED = { $secret: 'changed' };

test.each<{
  name: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  shows: unknown;
}>([
  {
    name: 'a password that stays',
    before: { user: 'a', password: 'x1' },
    after: { user: 'b', password: 'x1' },
    shows: { before: { user: 'a', password: SET }, after: { user: 'b', password: SET } },
  },
  {
    name: 'a password that changes',
    before: { password: 'x1' },
    after: { password: 'x2' },
    shows: { before: { password: SET }, after: { password: CHANGED } },
  },
  {
    name: 'a password that comes and one that goes',
    before: { a: { password: 'x1' }, b: { password: null } },
    after: { a: { password: '' }, b: { password: 'x2' } },
    shows: {
      before: { a: { password: SET }, b: { password: null } },
      after: { a: { password: null }, b: { password: CHANGED } },
    },
  },
  {
    name: 'something new',
    before: null,
    after: { url: 'https://c.example', passwordSealed: 'v1.x', caPem: 'PEM' },
    shows: { before: null, after: { url: 'https://c.example', passwordSealed: SET, caPem: 'PEM' } },
  },
  {
    name: 'secrets by their values, in lists too',
    before: { notes: ['harpkey_abc'] },
    after: { notes: ['harpkey_abd', `v1.${'A'.repeat(40)}`], pem: undefined, x: '-----BEGIN PRIVATE KEY-----' },
    shows: { before: { notes: [SET] }, after: { notes: [CHANGED, SET], x: SET } },
  },
  {
    name: 'what has no canonical form',
    before: null,
    after: { half: 0.5, huge: 1e300, text: 'a\ud800', at: new Date(0), big: 5n, list: [undefined] },
    shows: {
      before: null,
      after: {
        half: '0.5',
        huge: '1e+300',
        text: 'a\ufffd',
        at: '1970-01-01T00:00:00.000Z',
        big: '5',
        list: ['undefined'],
      },
    },
  },
])('$name', ({ before, after, shows }) => {
  expect(withoutSecrets(before, after)).toEqual(shows);
});

test.each([
  'password',
  'passwordHash',
  'clientSecret',
  'nextcloud.oauth.clientSecret',
  'client_secret',
  'accessToken',
  'refresh_token',
  'token',
  'tokenHash',
  'apiKey',
  'api-key',
  'privateKey',
  'keyHash',
  'recoveryCodes',
  'totpSecret',
  'Authorization',
  'Cookie',
  'passphrase',
  'sealed',
])('nothing under the name %s ever stands in an entry, however deep', (name) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('settings', 'x', 'list'), { maxLength: 5 }),
      fc.string({ minLength: 8, maxLength: 30 }).map((text) => `s3cr3t${text}`),
      (path, secret) => {
        const nested = path.reduce<Record<string, unknown>>(
          (inner, step) => ({ [step]: step === 'list' ? [inner] : inner }),
          { [name]: secret, other: 1 },
        );
        const shown = withoutSecrets(nested, { ...nested, [name]: [{ deeper: secret }] });
        expect(canonicalJson(shown)).not.toContain('s3cr3t');
      },
    ),
  );
});

test('whatever the fields hold, the entry has a canonical form', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.anything({ withBigInt: true, withDate: true })),
      (fields) => {
        fc.pre(isTree(fields));
        const { after } = withoutSecrets(null, fields);
        expect(() => canonicalJson(after)).not.toThrow();
      },
    ),
  );
});

/** Dates without a time, maps and functions never come: fields are rows and JSON. */
function isTree(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  return Object.values(value).every(isTree);
}
