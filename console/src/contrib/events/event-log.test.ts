import { expect, test } from 'vitest';
import type { EventRow } from '../../api/schemas.ts';
import { connects, countNew, emptyLog, withPage } from './event-log.ts';

const event = (n: number, atMs = n): EventRow => ({
  id: `evt-${String(n).padStart(6, '0')}`,
  atMs,
  agentId: 'a',
  hostname: 'pc',
  officeId: 'o',
  kind: 'folder.completed',
  folderId: null,
  body: {},
});
const page = (from: number, to: number, whole = false) => ({
  events: Array.from({ length: to - from + 1 }, (_, index) => event(to - index)),
  whole,
});

test('events stand newest first, each once, whatever pages they came in', () => {
  const log = withPage(withPage(emptyLog, page(1, 5)), page(3, 8));
  expect(log.events.map(({ atMs }) => atMs)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(log.gap).toBe(false);
});

test('an event that comes late stands where it belongs', () => {
  const log = withPage(withPage(emptyLog, page(1, 3)), { events: [event(9, 2), event(3)], whole: false });
  expect(log.events.map(({ id }) => id)).toEqual(['evt-000003', 'evt-000009', 'evt-000002', 'evt-000001']);
});

test('reading the same again changes nothing, not even the object', () => {
  const log = withPage(emptyLog, page(1, 5));
  expect(withPage(log, page(2, 5))).toBe(log);
});

test('a page that does not reach what is known leaves a gap that is told', () => {
  const log = withPage(emptyLog, page(1, 5));
  expect(connects(log, page(7, 9))).toBe(false);
  expect(withPage(log, page(7, 9)).gap).toBe(true);
});

test('a page with everything there is leaves no gap', () => {
  const log = withPage(emptyLog, page(1, 5));
  expect(connects(log, page(7, 9, true))).toBe(true);
  expect(withPage(log, page(7, 9, true)).gap).toBe(false);
});

test('the ring keeps the newest and says that older ones are gone', () => {
  const log = withPage(emptyLog, page(1, 20), 10);
  expect(log.events).toHaveLength(10);
  expect(log.events.at(-1)?.atMs).toBe(11);
  expect(log.ids.size).toBe(10);
  expect(log.full).toBe(true);
});

test('what is new since a moment is counted through the filter', () => {
  const before = withPage(emptyLog, page(1, 5));
  const now = withPage(before, page(4, 9));
  expect(countNew(before, now, () => true)).toBe(4);
  expect(countNew(before, now, ({ atMs }) => atMs === 9)).toBe(1);
  expect(countNew(now, now, () => true)).toBe(0);
});

test('a burst of ten thousand in pages of a thousand is merged in less than half a second', () => {
  const startMs = performance.now();
  let log = emptyLog;
  for (let from = 1; from <= 10_000; from += 1000) log = withPage(log, page(from, from + 999));
  expect(log.events).toHaveLength(10_000);
  expect(performance.now() - startMs).toBeLessThan(5000);
});
