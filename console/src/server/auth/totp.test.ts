import { expect, test } from 'vitest';
import { stepOfCode, totpAddress, totpCode } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

// RFC 6238, appendix B, SHA-1, the last six of its eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i s the code is %s', (seconds, code) => {
  expect(totpCode(secret, Math.floor(seconds / 30))).toBe(code);
  expect(stepOfCode(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
});

test('a clock may be one step off, not two', () => {
  const code = totpCode(secret, 1000);
  const accepted = [998, 999, 1000, 1001, 1002].map((step) => stepOfCode(secret, code, step * 30_000));
  expect(accepted).toEqual([undefined, 1000, 1000, 1000, undefined]);
});

test.each(['', '12345', '1234567', '28708a', '２８７０８２'])('%j is no code', (code) => {
  expect(stepOfCode(secret, code, 59_000)).toBeUndefined();
});

test('an app reads name, issuer and secret', () => {
  const address = new URL(totpAddress(secret, 'Zoë & co'));
  expect(decodeURIComponent(address.pathname)).toContain('Harp:Zoë & co');
  expect(Object.fromEntries(address.searchParams)).toEqual({
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    issuer: 'Harp',
  });
});
