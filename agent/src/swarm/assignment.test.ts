import type { AgentId, FolderId } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { holderFor, type Office, officeOf, ownerOf } from './assignment.ts';

const agents = Array.from('abcdefghij', (letter) => letter.repeat(52) as AgentId);
const office = (count: number, weights: number[] = []): Office =>
  officeOf(
    'fld-aaaaaaaaaaaaaaaa' as FolderId,
    agents.slice(0, count).map((agent, index) => ({ agent, weight: weights[index] ?? 1 })),
    4,
  );
const runs = Array.from({ length: 200 }, (_, index) => `m/${index}`);
const nobody = new Set<AgentId>();

test.each([
  { count: 1, fetchers: 1, streamsEach: 4 },
  { count: 2, fetchers: 2, streamsEach: 2 },
  { count: 3, fetchers: 3, streamsEach: 1 },
  { count: 10, fetchers: 4, streamsEach: 1 },
])('$count agents: $fetchers fetch, $streamsEach streams each', ({ count, fetchers, streamsEach }) => {
  const elected = office(count).fetchers;
  expect(elected.agents).toHaveLength(fetchers);
  expect(elected.streamsEach).toBe(streamsEach);
  expect(new Set(runs.map((run) => ownerOf(run, office(count), nobody)))).toEqual(new Set(elected.agents));
});

test('a run passes to the next in rank, every other run stays where it is', () => {
  const before = runs.map((run) => ownerOf(run, office(4), nobody)!);
  const dead = before[0]!;
  runs.forEach((run, index) => {
    const after = ownerOf(run, office(4), new Set([dead]));
    if (before[index] === dead) expect(after).not.toBe(dead);
    else expect(after).toBe(before[index]);
  });
});

test('when every elected fetcher has failed, the others are asked; when all have, nobody is', () => {
  const elected = office(10).fetchers.agents;
  expect(elected).not.toContain(ownerOf('m/0', office(10), new Set(elected)));
  expect(ownerOf('m/0', office(10), new Set(agents))).toBeUndefined();
});

test('weight 0 fetches only when nobody else can', () => {
  const mixed = office(3, [0, 1, 1]);
  expect(runs.some((run) => ownerOf(run, mixed, nobody) === agents[0])).toBe(false);
  expect(ownerOf('m/0', mixed, new Set(agents.slice(1, 3)))).toBe(agents[0]);
});

test('the holder that owes least is asked, equals by rank so that all are', () => {
  expect(holderFor('x', agents.slice(0, 3), (agent) => (agent === agents[1] ? 0 : 5))).toBe(agents[1]);
  const asked = runs.map((run) => holderFor(run, agents.slice(0, 3), () => 0));
  expect(new Set(asked).size).toBe(3);
  expect(holderFor('x', [], () => 0)).toBeUndefined();
});
