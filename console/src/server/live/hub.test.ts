import { expect, test } from 'vitest';
import type { AgentSummary } from '../../api/schemas.ts';
import { silentLogger } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { type ChangeKey, createLiveHub, FLUSH_EVERY_MS, type LiveEvent } from './hub.ts';

const everything: ChangeKey[] = [
  'offices',
  'agents',
  'folders',
  'transfers',
  'traffic',
  'events',
  'jobs',
  'audit',
  'enrolments',
];

const agent = (id: string, peers = 0): AgentSummary => ({
  id,
  officeId: 'off',
  hostname: id,
  platform: 'linux',
  version: '1',
  state: 'online',
  lastSeenAtMs: null,
  enrolledAtMs: 0,
  addresses: [],
  peers,
  folders: [],
});

function harness() {
  const clock = fakeClock();
  /** The rows there are. */
  const rows = new Map<string, AgentSummary>();
  const reads: string[][] = [];
  const database = { fails: false };
  const hub = createLiveHub({
    clock,
    life: 'a',
    logger: silentLogger,
    readAgents: async (ids) => {
      reads.push([...ids]);
      if (database.fails) throw new Error('away');
      return ids.flatMap((id) => rows.get(id) ?? []);
    },
  });
  const client = () => {
    const events: LiveEvent[] = [];
    return { events, send: async (event: LiveEvent) => void events.push(event) };
  };
  /** A client that takes nothing more until `next` is called. */
  const slowClient = () => {
    const events: LiveEvent[] = [];
    const waiting: (() => void)[] = [];
    const send = (event: LiveEvent) => {
      events.push(event);
      return new Promise<void>((resolve) => waiting.push(resolve));
    };
    return { events, send, next: () => waiting.shift()?.() };
  };
  return { clock, rows, reads, database, hub, client, slowClient };
}

test('a thousand changes in a second reach a client as four events at most', async () => {
  const { clock, hub, client } = harness();
  const one = client();
  hub.subscribe(one);
  for (let i = 0; i < 1000; i++) {
    hub.changed([i % 2 === 0 ? 'folders' : 'traffic']);
    await clock.advance(1);
  }
  expect(one.events.length).toBeGreaterThanOrEqual(3);
  expect(one.events.length).toBeLessThanOrEqual(5);
  expect(new Set(one.events.flatMap(({ keys }) => keys))).toEqual(new Set(['folders', 'traffic']));
});

test('the first change after a quiet time is sent at once, whole', async () => {
  const { clock, hub, client } = harness();
  const one = client();
  hub.subscribe(one);
  hub.changed(['folders']);
  hub.changed(['agents', 'folders']);
  await clock.advance(0);
  expect(one.events).toEqual([{ id: 'a.1', keys: ['agents', 'folders'] }]);
});

test('changed agents come as rows, read once for all clients, and those that are gone by their ids', async () => {
  const { clock, hub, rows, reads, client } = harness();
  const [one, two] = [client(), client()];
  hub.subscribe(one);
  hub.subscribe(two);
  rows.set('x', agent('x'));
  hub.agentsChanged(['x', 'gone']);
  hub.agentsChanged(['x']);
  await clock.advance(0);
  const event = { id: 'a.1', keys: [], agents: { changed: [agent('x')], removed: ['gone'] } };
  expect([one.events, two.events]).toEqual([[event], [event]]);
  expect(reads).toEqual([['x', 'gone']]);
});

test('a thousand changes a second of many agents are four reads, and the last state of each agent arrives', async () => {
  const { clock, hub, rows, reads, client } = harness();
  const one = client();
  hub.subscribe(one);
  for (let i = 0; i < 1000; i++) {
    const id = `pc-${i % 300}`;
    rows.set(id, agent(id, i));
    hub.agentsChanged([id]);
    await clock.advance(1);
  }
  await clock.advance(FLUSH_EVERY_MS);
  expect(reads.length).toBeLessThanOrEqual(6);
  const seen = new Map(one.events.flatMap(({ agents }) => agents?.changed ?? []).map((row) => [row.id, row]));
  expect(seen).toEqual(rows);
});

test('changes that are not named, or too many to be, are told as a list to read', async () => {
  const { clock, hub, reads, client } = harness();
  const one = client();
  hub.subscribe(one);
  hub.agentsChanged('all');
  await clock.advance(FLUSH_EVERY_MS);
  hub.agentsChanged(Array.from({ length: 2001 }, (_, index) => `pc-${index}`));
  await clock.advance(FLUSH_EVERY_MS);
  expect(one.events.map(({ keys, agents }) => ({ keys, agents }))).toEqual([
    { keys: ['agents'], agents: undefined },
    { keys: ['agents'], agents: undefined },
  ]);
  expect(reads).toEqual([]);
});

test('rows that cannot be read are told as a list to read', async () => {
  const { clock, hub, database, client } = harness();
  const one = client();
  hub.subscribe(one);
  database.fails = true;
  hub.agentsChanged(['x']);
  await clock.advance(0);
  expect(one.events).toEqual([{ id: 'a.1', keys: ['agents'] }]);
});

test('nothing is read while nobody listens', async () => {
  const { clock, hub, reads } = harness();
  hub.agentsChanged(['x']);
  await clock.advance(FLUSH_EVERY_MS);
  expect(reads).toEqual([]);
  expect(hub.lastId).toBe('a.1');
});

test('what waits for a slow client is merged, and nobody else waits for it', async () => {
  const { clock, hub, client, slowClient } = harness();
  const [quick, slow] = [client(), slowClient()];
  hub.subscribe(slow);
  hub.subscribe(quick);
  for (const key of ['folders', 'traffic', 'events', 'traffic'] satisfies ChangeKey[]) {
    hub.changed([key]);
    await clock.advance(FLUSH_EVERY_MS);
  }
  expect(quick.events).toHaveLength(4);
  expect(slow.events).toEqual([{ id: 'a.1', keys: ['folders'] }]);
  slow.next();
  await clock.advance(0);
  await clock.advance(FLUSH_EVERY_MS);
  expect(slow.events[1]).toEqual({ id: 'a.4', keys: ['traffic', 'events'] });
});

test('rows that wait for a slow client are one an agent, the newest', async () => {
  const { clock, hub, rows, slowClient } = harness();
  const slow = slowClient();
  hub.subscribe(slow);
  for (let peers = 1; peers <= 5; peers++) {
    rows.set('x', agent('x', peers));
    hub.agentsChanged(['x']);
    await clock.advance(FLUSH_EVERY_MS);
  }
  slow.next();
  await clock.advance(0);
  await clock.advance(FLUSH_EVERY_MS);
  expect(slow.events.map(({ agents }) => agents?.changed.map(({ peers }) => peers))).toEqual([[1], [5]]);
});

test('more rows than the list would be are dropped for the list', async () => {
  const { clock, hub, rows, slowClient } = harness();
  const slow = slowClient();
  hub.subscribe(slow);
  hub.changed(['folders']);
  await clock.advance(FLUSH_EVERY_MS);
  for (let batch = 0; batch < 3; batch++) {
    const ids = Array.from({ length: 1000 }, (_, index) => `pc-${batch}-${index}`);
    for (const id of ids) rows.set(id, agent(id));
    hub.agentsChanged(ids);
    await clock.advance(FLUSH_EVERY_MS);
  }
  slow.next();
  await clock.advance(0);
  await clock.advance(FLUSH_EVERY_MS);
  expect(slow.events.at(-1)).toEqual({ id: 'a.4', keys: ['agents'] });
});

test.each<{ name: string; lastEventId: string | undefined; keys: ChangeKey[] }>([
  { name: 'nothing, for a client that never had an event', lastEventId: undefined, keys: [] },
  { name: 'nothing, for a client that has seen all', lastEventId: 'a.2', keys: [] },
  { name: 'what changed since its last event', lastEventId: 'a.1', keys: ['traffic'] },
  { name: 'everything, after a restart of the server', lastEventId: 'b.7', keys: everything },
  { name: 'everything, for an id that is none', lastEventId: 'nonsense', keys: everything },
  { name: 'everything, for an empty id', lastEventId: '', keys: everything },
  { name: 'everything, for an id of the future', lastEventId: 'a.999', keys: everything },
  { name: 'everything, for a number that is none', lastEventId: 'a.1e3', keys: everything },
  { name: 'everything, for a very long id', lastEventId: `a.${'1'.repeat(5000)}`, keys: everything },
])('a client that comes back is told $name', async ({ lastEventId, keys }) => {
  const { clock, hub, client } = harness();
  hub.changed(['agents']);
  await clock.advance(FLUSH_EVERY_MS);
  hub.changed(['traffic']);
  await clock.advance(FLUSH_EVERY_MS);
  const back = client();
  hub.subscribe(back, lastEventId);
  await clock.advance(FLUSH_EVERY_MS);
  expect(back.events.flatMap((event) => event.keys)).toEqual(keys);
});

test('a client that comes back gets the rows it missed, as they are now', async () => {
  const { clock, hub, rows, client } = harness();
  for (const id of ['x', 'y']) {
    rows.set(id, agent(id));
    hub.agentsChanged([id]);
    await clock.advance(FLUSH_EVERY_MS);
  }
  rows.set('y', agent('y', 7));
  const back = client();
  hub.subscribe(back, 'a.1');
  await clock.advance(FLUSH_EVERY_MS);
  expect(back.events).toEqual([{ id: 'a.2', keys: [], agents: { changed: [agent('y', 7)], removed: [] } }]);
});

test('a client whose connection breaks is forgotten', async () => {
  const { clock, hub } = harness();
  hub.subscribe({ send: () => Promise.reject(new Error('gone')) });
  hub.changed(['agents']);
  await clock.advance(FLUSH_EVERY_MS);
  expect(hub.size).toBe(0);
});
