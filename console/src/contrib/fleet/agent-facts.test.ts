import { expect, test } from 'vitest';
import { certificateTone, diskTone, freeBytesOf, isFollowing, peersOf } from './agent-facts.ts';

test.each([
  [null, null, null],
  [{}, null, null],
  [{ freeBytes: '7', peers: 'x' }, null, null],
  [{ freeBytes: 7, peers: ['a', 3] }, 7, ['a']],
])('of a report %o only what has the right form counts', (reported, free, peers) => {
  expect([freeBytesOf({ reported }), peersOf({ reported })]).toEqual([free, peers]);
});

test('who has not said which instructions it follows is unknown, not behind', () => {
  expect(isFollowing({ reported: null, desiredRevision: 3 })).toBeNull();
  expect(isFollowing({ reported: { desiredRevision: 2 }, desiredRevision: 3 })).toBe(false);
  expect(isFollowing({ reported: { desiredRevision: 3 }, desiredRevision: 3 })).toBe(true);
});

test('certificates and disks become urgent in time', () => {
  const day = 86_400_000;
  expect([45 * day, 10 * day, -1].map((left) => certificateTone(1e12 + left, 1e12))).toEqual([
    'ok',
    'warning',
    'error',
  ]);
  expect([100e9, 10e9, 1e9].map(diskTone)).toEqual(['ok', 'warning', 'error']);
});
