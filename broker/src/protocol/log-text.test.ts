import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { LogFacts } from './log.ts';
import { shortText, shownFacts, withoutSecrets } from './log-text.ts';

const pem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----';

describe('withoutSecrets', () => {
  test.each([
    [
      'a share’s address',
      'GET https://cloud.example/public.php/dav/files/aB3dE5/x failed',
      'GET https://cloud.example/… failed',
    ],
    ['a password in an address', 'postgres://harp:pa:ss@db:5432/harp', 'postgres://db:5432/…'],
    ['the address of a file', 'at file:///home/ann/harp/main.js:1:2', 'at file:///…'],
    ['a query', 'https://cloud.example?token=x', 'https://cloud.example/…'],
    ['Basic', 'authorization: Basic YWxpY2U6c2VjcmV0', 'authorization: Basic …'],
    ['Bearer', 'Bearer eyJhbGciOiJIUzI1', 'Bearer …'],
    ['an enrolment token', 'token harp1.eyJ1IjoiaHR0cHM6Ly8ifQ is used up', 'token … is used up'],
    ['an API key', 'key harpkey_Q29ycmVjdEhvcnNlQmF0dGVyeQ refused', 'key … refused'],
    ['an assignment', 'login(user=ann&password=hunter2&x=1)', 'login(user=ann&password=…&x=1)'],
    ['JSON', '{"shareToken":"aB3dE5","size":3}', '{"shareToken":"…","size":3}'],
    ['a key in PEM', `read ${pem} from disk`, 'read … from disk'],
    ['half a key in PEM', pem.slice(0, 40), '…'],
  ])('takes out %s', (_, text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
    expect(withoutSecrets(clean)).toBe(clean);
  });

  test.each([
    'connected to the broker',
    'Basic authentication is off',
    'the broker at mqtts://harp.example:8422 does not answer',
    'Nextcloud refused this folder’s share link: it is not used again',
    'Lyon/Pläne/Grundriss.dwg',
  ])('leaves %j as it is', (text) => expect(withoutSecrets(text)).toBe(text));
});

describe('shownFacts', () => {
  test('scalars stay, structures become JSON, errors their text, and secrets are hidden by name at any depth', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(
      shownFacts({
        folder: 'fld-a',
        seq: 3,
        ok: true,
        none: null,
        gone: undefined,
        infinite: Number.POSITIVE_INFINITY,
        error: new TypeError('no https://cloud.example/s/aB3dE5'),
        origin: { url: 'https://cloud.example', token: 'aB3dE5', inner: [{ password: 'x' }] },
        token: 'aB3dE5',
        caPem: pem,
        setupCode: '123',
        circle,
      }),
    ).toEqual({
      folder: 'fld-a',
      seq: 3,
      ok: true,
      none: null,
      infinite: 'Infinity',
      error: 'TypeError: no https://cloud.example/…',
      origin: '{"url":"https://cloud.example","token":"…","inner":[{"password":"…"}]}',
      token: '…',
      caPem: '…',
      setupCode: '…',
      circle: '…',
    });
    expect(shownFacts({})).toBeUndefined();
  });

  test('a secret at the very edge of the limit is recognised before it is cut', () => {
    const text = `${'x'.repeat(limits.logTextMaxChars - 12)} harp1.${'s'.repeat(50)}`;
    expect(shownFacts({ text })?.text).not.toContain('harp1');
  });

  test('whatever is logged fits the protocol', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 100 }), fc.anything({ withBigInt: true })),
        (facts) => {
          LogFacts.parse(shownFacts(facts) ?? {});
        },
      ),
    );
  });
});

test('a text is cut by whole characters and holds no control characters', () => {
  expect(shortText('a\0b\u001b[31m\n\tc')).toBe('a\uFFFDb\uFFFD[31m\n\tc');
  expect(shortText('ab🙂', 4)).toBe('ab🙂');
  expect(shortText('ab🙂d', 4)).toBe('ab\uFFFD…');
});
