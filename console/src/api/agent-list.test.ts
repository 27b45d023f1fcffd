import { describe, expect, test } from 'vitest';
import { fleetOf, withDelta, withKnown } from './agent-list.ts';
import { QuickAgentPage, QuickAgentsDelta } from './agent-page.ts';
import { AgentPage, type AgentSummary } from './schemas.ts';

const agent = (number: number, peers = 0): AgentSummary => ({
  id: String(number).padStart(6, '0'),
  officeId: `off-${number % 50}`,
  hostname: `pc-${number}`,
  platform: 'linux',
  version: '1.0.0',
  state: 'online',
  lastSeenAtMs: 1,
  enrolledAtMs: 1,
  addresses: ['10.0.0.1:7000'],
  peers,
  folders: [
    { id: 'fld-1', state: 'complete', reason: null, seq: 1, filesTotal: 1, filesDone: 1, bytesTotal: 1, bytesDone: 1 },
  ],
});
const agents = (count: number) => Array.from({ length: count }, (_, number) => agent(number));
const none = { changed: [], removed: [] };

describe('a list after a delta', () => {
  test('holds the changed agent in its place and every other as the object it was', () => {
    const before = agents(5);
    const after = withDelta(before, { changed: [agent(2, 9)], removed: [] });
    expect(after.map(({ peers }) => peers)).toEqual([0, 0, 9, 0, 0]);
    expect(after.filter((each, index) => each === before[index])).toHaveLength(4);
    expect(fleetOf(after).byId.get(agent(2).id)).toBe(after[2]);
    expect(fleetOf(after).version).toBeGreaterThan(fleetOf(before).version);
  });

  test('is the same list when the delta says nothing new', () => {
    const before = agents(3);
    expect(withDelta(before, none)).toBe(before);
    expect(withDelta(before, { changed: [agent(1)], removed: ['nobody'] })).toBe(before);
  });

  test('has new agents in order and lacks those that are gone', () => {
    const before = [agent(1), agent(3), agent(5)];
    const after = withDelta(before, { changed: [agent(4), agent(0)], removed: [agent(3).id] });
    expect(after.map(({ hostname }) => hostname)).toEqual(['pc-0', 'pc-1', 'pc-4', 'pc-5']);
    expect([...fleetOf(after).byId.keys()]).toEqual(after.map(({ id }) => id));
  });

  test('costs little with 10 000 agents, 250 of them changed (budget: 10 ms, measured by bench:console)', () => {
    let list: readonly AgentSummary[] = agents(10_000);
    fleetOf(list);
    const took = Array.from({ length: 21 }, (_, round) => {
      const changed = Array.from({ length: 250 }, (_, index) => agent(index * 40, round + 1));
      const started = performance.now();
      list = withDelta(list, { changed, removed: [] });
      fleetOf(list);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    if (process.env.HARP_LARGE_FLEET === '1') process.stderr.write(`delta: median ${took[10]?.toFixed(2)} ms\n`);
    expect(took[10]).toBeLessThan(100);
  });
});

describe('a list that is read again', () => {
  test('keeps the agents that are as before, and itself if all are', () => {
    const before = agents(4);
    expect(withKnown(before, agents(4))).toBe(before);
    const after = withKnown(before, [agent(0), agent(1, 7), agent(2)]);
    expect(after.map((each, index) => each === before[index])).toEqual([true, false, true]);
  });
});

describe('the quick check of pages', () => {
  const page = { agents: [agent(1)], nextCursor: null };

  test('takes what the schema takes', () => {
    expect(QuickAgentPage.parse(page)).toEqual(AgentPage.parse(page));
    expect(QuickAgentsDelta.safeParse({ changed: [agent(1)], removed: ['x'] }).success).toBe(true);
  });

  /** Every field of an agent, each with a value of another type. */
  const wrong = Object.keys(agent(1)).flatMap((field) => [
    { field, value: { ...agent(1), [field]: { odd: true } } },
    { field: `no ${field}`, value: Object.fromEntries(Object.entries(agent(1)).filter(([name]) => name !== field)) },
  ]);
  const wrongFolders = Object.keys(agent(1).folders[0]!).map((field) => ({
    field: `folders.${field}`,
    value: { ...agent(1), folders: [{ ...agent(1).folders[0], [field]: { odd: true } }] },
  }));
  test.each([...wrong, ...wrongFolders])('refuses $field as the schema does', ({ value }) => {
    const bad = { agents: [value], nextCursor: null };
    expect([QuickAgentPage.safeParse(bad).success, AgentPage.safeParse(bad).success]).toEqual([false, false]);
  });

  test('reads 10 000 agents at once (about 60 ms on a quiet machine)', () => {
    const pages = Array.from({ length: 10 }, (_, index) => ({
      agents: agents(10_000).slice(index * 1000, (index + 1) * 1000),
      nextCursor: 'x',
    }));
    const took = Array.from({ length: 5 }, () => {
      const started = performance.now();
      for (const each of pages) QuickAgentPage.parse(each);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    if (process.env.HARP_LARGE_FLEET === '1') process.stderr.write(`pages: median ${took[2]?.toFixed(2)} ms\n`);
    expect(took[2]).toBeLessThan(600);
  });
});
