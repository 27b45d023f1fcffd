import { expect, test } from 'vitest';
import { dayAfter, dayOf, knownZone, readersZone, startOfDay } from './zoned-days.ts';

const iso = (atMs: number | undefined) => (atMs === undefined ? undefined : new Date(atMs).toISOString());

test.each([
  ['2026-11-23', 'Europe/Paris', '2026-11-22T23:00:00.000Z'],
  ['2026-07-01', 'Europe/Paris', '2026-06-30T22:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  ['2026-11-23', 'Asia/Kolkata', '2026-11-22T18:30:00.000Z'],
  ['2026-11-23', 'America/Los_Angeles', '2026-11-23T08:00:00.000Z'],
  ['2026-11-23', 'Pacific/Kiritimati', '2026-11-22T10:00:00.000Z'],
  ['2026-11-23', 'UTC', '2026-11-23T00:00:00.000Z'],
])('%s begins in %s at %s', (day, zone, start) => {
  expect(iso(startOfDay(day, zone))).toBe(start);
});

test('where midnight is jumped over, the day begins right after it', () => {
  // Lebanon turns its clocks from 00:00 to 01:00.
  const start = startOfDay('2026-03-29', 'Asia/Beirut') ?? 0;
  expect(dayOf(start, 'Asia/Beirut')).toBe('2026-03-29');
  expect(dayOf(start - 1, 'Asia/Beirut')).toBe('2026-03-28');
});

test('an instant is on another day elsewhere', () => {
  const atMs = Date.parse('2026-11-23T23:30:00Z');
  expect(dayOf(atMs, 'Europe/Paris')).toBe('2026-11-24');
  expect(dayOf(atMs, 'America/New_York')).toBe('2026-11-23');
});

test('what is no day has no beginning', () => {
  for (const day of ['', 'today', '2026-13-01', '2026-02-30']) expect(startOfDay(day, 'UTC')).toBeUndefined();
});

test('the day after the last of a month is the first of the next', () => {
  expect(dayAfter('2026-02-28')).toBe('2026-03-01');
  expect(dayAfter('2026-03-01', -1)).toBe('2026-02-28');
});

test('a zone nobody knows is the reader’s', () => {
  expect(knownZone('Mars/Olympus')).toBe(readersZone());
  expect(knownZone(null)).toBe(readersZone());
  expect(knownZone('Europe/Paris')).toBe('Europe/Paris');
});
