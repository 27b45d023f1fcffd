import { type AgentEvent, type ErrorCode, HarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { folderA } from '../../test/fakes/files-side.ts';
import { backOffMs } from './back-off.ts';
import { createTroubles } from './troubles.ts';

function setUp() {
  const clock = fakeClock();
  const events: AgentEvent[] = [];
  const troubles = createTroubles({
    folder: folderA,
    clock,
    seed: 'pc',
    record: async (event) => void events.push(event),
    onRecordFailed: (error) => expect.unreachable(String(error)),
  });
  const fail = (path: string, code: ErrorCode, facts = {}) =>
    troubles.failed(path, new HarpError(code, code, { facts }));
  return { clock, events, troubles, fail, kinds: () => events.map(({ kind }) => kind) };
}

test.each<{ code: ErrorCode; waitsForHead: boolean }>([
  { code: 'origin.changed', waitsForHead: true },
  { code: 'origin.not_found', waitsForHead: true },
  { code: 'manifest.malformed', waitsForHead: true },
  { code: 'name.refused', waitsForHead: true },
  { code: 'origin.unreachable', waitsForHead: false },
  { code: 'origin.throttled', waitsForHead: false },
  { code: 'origin.unauthorised', waitsForHead: false },
  { code: 'chunk.absent', waitsForHead: false },
  { code: 'disk.failed', waitsForHead: false },
  { code: 'internal.unexpected', waitsForHead: false },
])('$code stops one file only; a newer head is needed: $waitsForHead', async ({ code, waitsForHead }) => {
  const { clock, troubles, fail } = setUp();
  fail('a', code);
  expect([troubles.mayTry('a'), troubles.mayTry('b'), troubles.reason]).toEqual([false, true, code]);
  expect(troubles.nextTryMs === undefined).toBe(waitsForHead);
  await clock.advance(60_000);
  expect(troubles.mayTry('a')).toBe(!waitsForHead);
  troubles.newHead();
  expect(troubles.mayTry('a')).toBe(true);
});

test('a full disk stops everything, then one file finds out whether it has passed', async () => {
  const { clock, events, troubles, fail } = setUp();
  for (const path of ['a', 'b', 'c']) fail(path, 'disk.full');
  expect([troubles.mayTry('other'), troubles.triesMax, troubles.reason]).toEqual([false, 1, 'disk.full']);
  expect(events).toMatchObject([{ kind: 'folder.blocked', code: 'disk.full' }]);
  await clock.advance(1500);
  expect(troubles.mayTry('other')).toBe(true);
  fail('other', 'disk.full');
  expect(troubles.nextTryMs).toBeGreaterThan(1400);
  await clock.advance(3000);
  troubles.succeeded('other');
  expect([troubles.mayTry('a'), troubles.triesMax, troubles.reason]).toEqual([true, 2, undefined]);
  for (let count = 0; count < 10; count++) troubles.succeeded('other');
  expect(troubles.triesMax).toBe(Number.POSITIVE_INFINITY);
  expect(events.map(({ kind }) => kind)).toEqual(['folder.blocked']);
  await clock.advance(20_000);
  troubles.succeeded('other');
  expect(events.map(({ kind }) => kind)).toEqual(['folder.blocked', 'folder.unblocked']);
});

test('a disk that takes a file now and then is announced as full once', async () => {
  const { clock, troubles, fail, kinds } = setUp();
  for (let round = 0; round < 20; round++) {
    fail('a', 'disk.full');
    await clock.advance(5000);
    troubles.succeeded('b');
  }
  expect(kinds()).toEqual(['folder.blocked']);
  troubles.allDone();
  expect(kinds()).toEqual(['folder.blocked', 'folder.unblocked']);
});

test('a file larger than the space left stops only itself', () => {
  const { troubles, fail } = setUp();
  fail('huge', 'disk.full', { neededBytes: 10, freeBytes: 5 });
  expect([troubles.mayTry('huge'), troubles.mayTry('small'), troubles.reason]).toEqual([false, true, 'disk.full']);
  troubles.succeeded('small');
  expect(troubles.reason).toBe('disk.full');
});

test('other troubles are announced when they were there twice, and once', async () => {
  const { clock, troubles, fail, kinds } = setUp();
  fail('a', 'origin.unauthorised');
  expect(kinds()).toEqual([]);
  await clock.advance(60_000);
  fail('a', 'origin.unauthorised');
  fail('a', 'origin.unauthorised');
  fail('b', 'origin.unauthorised');
  expect(kinds()).toEqual(['folder.blocked']);
  troubles.succeeded('a');
  expect(kinds()).toEqual(['folder.blocked']);
  troubles.succeeded('b');
  expect(kinds()).toEqual(['folder.blocked', 'folder.unblocked']);
});

test('what the indexer hears of as well is not announced', () => {
  const { troubles, fail, kinds } = setUp();
  for (let head = 0; head < 5; head++) {
    fail('a', 'origin.changed');
    troubles.newHead();
  }
  expect(kinds()).toEqual([]);
});

test('a refused name is told once, head after head', () => {
  const { troubles, fail, events } = setUp();
  for (let head = 0; head < 5; head++) {
    fail('a', 'name.refused');
    troubles.newHead();
  }
  expect(events).toMatchObject([{ kind: 'name.refused', path: 'a' }]);
});

test('very many files in trouble are a trouble of the folder, and are not all remembered', () => {
  const { troubles, fail } = setUp();
  for (let index = 0; index < 5000; index++) fail(`f${index}`, 'origin.unreachable');
  expect(troubles.triesMax).toBe(1);
  expect(troubles.mayTry('f4999')).toBe(false);
});

test('files that are not pending any more are forgotten', () => {
  const { troubles, fail } = setUp();
  fail('a', 'disk.failed');
  troubles.keepOnly(() => false);
  expect([troubles.reason, troubles.nextTryMs]).toEqual([undefined, undefined]);
});

test('pauses double up to 30 s, a quarter more or less', () => {
  for (const seed of ['a', 'b', 'c']) {
    for (let attempt = 1; attempt < 50; attempt++) {
      const pause = Math.min(30_000, 1000 * 2 ** (attempt - 1));
      expect(backOffMs(attempt, seed)).toBeGreaterThanOrEqual(pause * 0.75);
      expect(backOffMs(attempt, seed)).toBeLessThanOrEqual(pause * 1.25);
    }
  }
  expect(backOffMs(3, 'a')).toBe(backOffMs(3, 'a'));
  expect(backOffMs(3, 'a')).not.toBe(backOffMs(3, 'b'));
});
