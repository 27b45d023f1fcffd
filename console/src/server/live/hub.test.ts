import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { type ChangeKey, createLiveHub, FLUSH_EVERY_MS, type LiveEvent } from './hub.ts';

function harness() {
  const clock = fakeClock();
  const hub = createLiveHub({ clock, life: 'a' });
  const client = () => {
    const events: LiveEvent[] = [];
    return { events, send: async (event: LiveEvent) => void events.push(event) };
  };
  return { clock, hub, client };
}

test('a thousand changes in a second reach a client as four events at most', async () => {
  const { clock, hub, client } = harness();
  const one = client();
  hub.subscribe(one);
  for (let i = 0; i < 1000; i++) {
    hub.changed([i % 2 === 0 ? 'agents' : 'traffic']);
    await clock.advance(1);
  }
  expect(one.events.length).toBeGreaterThanOrEqual(3);
  expect(one.events.length).toBeLessThanOrEqual(5);
  expect(new Set(one.events.flatMap(({ keys }) => keys))).toEqual(new Set(['agents', 'traffic']));
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

test('what waits for a slow client is merged, and nobody else waits for it', async () => {
  const { clock, hub, client } = harness();
  const quick = client();
  const received: LiveEvent[] = [];
  const open: (() => void)[] = [];
  const slow = {
    send: (event: LiveEvent) => {
      received.push(event);
      return new Promise<void>((resolve) => open.push(resolve));
    },
  };
  hub.subscribe(slow);
  hub.subscribe(quick);
  for (const key of ['agents', 'traffic', 'events', 'traffic'] satisfies ChangeKey[]) {
    hub.changed([key]);
    await clock.advance(FLUSH_EVERY_MS);
  }
  expect(quick.events).toHaveLength(4);
  expect(received).toEqual([{ id: 'a.1', keys: ['agents'] }]);
  open[0]?.();
  await clock.advance(0);
  await clock.advance(FLUSH_EVERY_MS);
  expect(received[1]).toEqual({ id: 'a.4', keys: ['traffic', 'events'] });
});

test.each<{ name: string; lastEventId: string | undefined; keys: ChangeKey[] }>([
  { name: 'nothing, for a client that never had an event', lastEventId: undefined, keys: [] },
  { name: 'nothing, for a client that has seen all', lastEventId: 'a.2', keys: [] },
  { name: 'what changed since its last event', lastEventId: 'a.1', keys: ['traffic'] },
  {
    name: 'everything, after a restart of the server',
    lastEventId: 'b.7',
    keys: ['offices', 'agents', 'folders', 'transfers', 'traffic', 'events'],
  },
  {
    name: 'everything, for an id that is none',
    lastEventId: 'nonsense',
    keys: ['offices', 'agents', 'folders', 'transfers', 'traffic', 'events'],
  },
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

test('a client whose connection breaks is forgotten', async () => {
  const { clock, hub } = harness();
  hub.subscribe({ send: () => Promise.reject(new Error('gone')) });
  hub.changed(['agents']);
  await clock.advance(FLUSH_EVERY_MS);
  expect(hub.size).toBe(0);
});
