import { expect, test } from 'vitest';
import { createAgentReadings } from './agent-readings.ts';
import type { AgentSummary } from './schemas.ts';

const agent = (id: string, hostname = id): AgentSummary => ({
  id,
  officeId: 'off-1',
  hostname,
  platform: 'linux',
  version: '1.0.0',
  state: 'online',
  lastSeenAtMs: 1,
  enrolledAtMs: 1,
  addresses: [],
  peers: 0,
  folders: [],
});

/** A promise that is settled from outside. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test('what was said while the list was read is in it: changed, new and gone', async () => {
  const readings = createAgentReadings();
  const answer = later<readonly AgentSummary[]>();
  const read = readings.during(() => answer.promise);
  readings.note({ changed: [agent('b', 'first'), agent('d')], removed: ['a'] });
  readings.note({ changed: [agent('b', 'last')], removed: [] });
  answer.resolve([agent('a'), agent('b'), agent('c')]);
  expect((await read).map(({ hostname }) => hostname)).toEqual(['last', 'c', 'd']);
});

test('what was said before or after is not', async () => {
  const readings = createAgentReadings();
  readings.note({ changed: [agent('a', 'before')], removed: [] });
  const list = [agent('a')];
  expect(await readings.during(async () => list)).toBe(list);
});

test('two readings at once each hold what was said during them', async () => {
  const readings = createAgentReadings();
  const [one, two] = [later<AgentSummary[]>(), later<AgentSummary[]>()];
  const first = readings.during(() => one.promise);
  readings.note({ changed: [agent('a', 'early')], removed: [] });
  const second = readings.during(() => two.promise);
  one.resolve([agent('a')]);
  expect((await first)[0]?.hostname).toBe('early');
  readings.note({ changed: [], removed: ['a'] });
  two.resolve([agent('a'), agent('b')]);
  expect((await second).map(({ id }) => id)).toEqual(['b']);
});

test('a reading that failed is forgotten', async () => {
  const readings = createAgentReadings();
  await expect(readings.during(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  const list = [agent('a')];
  expect(await readings.during(async () => list)).toBe(list);
});
