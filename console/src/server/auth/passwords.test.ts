import { expect, test } from 'vitest';
import { systemRandom } from '../ports.ts';
import { createPasswordHasher } from './passwords.ts';

test('a real hash takes 100 ms or more, names its parameters, and is checked', async () => {
  const hasher = createPasswordHasher(systemRandom);
  const startedAt = performance.now();
  const stored = await hasher.hash('correct horse battery');
  expect(performance.now() - startedAt).toBeGreaterThan(100);
  expect(stored).toMatch(/^scrypt\$16\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(await hasher.verify('correct horse battery', stored)).toBe(true);
  expect(await hasher.verify('correct horse batterz', stored)).toBe(false);
});

test('a hash made with other parameters is still checked', async () => {
  const stored = await createPasswordHasher(systemRandom, 10).hash('correct horse battery');
  expect(await createPasswordHasher(systemRandom, 11).verify('correct horse battery', stored)).toBe(true);
});

test('how a letter was composed does not matter', async () => {
  const hasher = createPasswordHasher(systemRandom, 10);
  const stored = await hasher.hash('caf\u00e9 caf\u00e9');
  expect(await hasher.verify('cafe\u0301 cafe\u0301', stored)).toBe(true);
});

test.each([undefined, '', 'plain', 'scrypt$10$8$1$x'])('nothing fits the stored hash %j', async (stored) => {
  expect(await createPasswordHasher(systemRandom, 10).verify('', stored)).toBe(false);
});

test('a flood is turned away instead of queueing without end', async () => {
  const hasher = createPasswordHasher(systemRandom, 10);
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.verify('x', undefined)));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(40 - 18);
  expect(refused[0]).toMatchObject({ reason: { code: 'api.rate_limited' } });
});
