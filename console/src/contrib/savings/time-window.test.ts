import { expect, test } from 'vitest';
import { daysOf, daysRange, rangeOf, slotGrid, stepFor, windowOf } from './time-window.ts';

const now = Date.parse('2026-11-23T13:02:30Z');
const iso = (atMs: number) => new Date(atMs).toISOString();

test('today begins with the day of the office, not of the reader', () => {
  const paris = windowOf('today', {}, now, 'Europe/Paris');
  expect(iso(paris.fromMs)).toBe('2026-11-22T23:00:00.000Z');
  expect(iso(paris.toMs)).toBe('2026-11-23T13:05:00.000Z');
  expect(iso(windowOf('today', {}, now, 'Pacific/Auckland').fromMs)).toBe('2026-11-23T11:00:00.000Z');
});

test('right after midnight today has one step', () => {
  const midnight = Date.parse('2026-11-22T23:00:00Z');
  const { fromMs, toMs, stepMs } = windowOf('today', {}, midnight, 'Europe/Paris');
  expect(toMs - fromMs).toBe(stepMs);
});

test.each(['today', '24h', '7d', '30d'] as const)('%s has slots enough to read and few enough to draw', (range) => {
  const { fromMs, toMs, stepMs } = windowOf(range, {}, now, 'Europe/Paris');
  expect((toMs - fromMs) / stepMs).toBeLessThanOrEqual(300);
  expect((toMs - fromMs) / stepMs).toBeGreaterThan(100);
  expect(fromMs % stepMs).toBe(0);
});

test('the day of 25 hours can still be drawn', () => {
  const late = Date.parse('2026-10-25T22:59:00Z');
  const { fromMs, toMs, stepMs } = windowOf('today', {}, late, 'Europe/Berlin');
  expect((toMs - fromMs) / stepMs).toBe(300);
});

test('a stretch in the address is kept as it is', () => {
  const params = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' };
  expect(rangeOf(params, 'today')).toBe('custom');
  const { fromMs, toMs, stepMs } = windowOf('custom', params, now, 'UTC');
  expect([iso(fromMs), iso(toMs)]).toEqual([params.from, params.to]);
  expect(stepMs).toBe(10 * 60_000);
});

test.each([
  [{}, 'today'],
  [{ range: '7d' }, '7d'],
  [{ range: '7d', from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z' }, '7d'],
  [{ range: 'forever' }, 'today'],
  [{ from: 'soon', to: 'later' }, 'today'],
  [{ range: 'custom' }, 'custom'],
])('%j chooses %s', (params, range) => {
  expect(rangeOf(params, 'today')).toBe(range);
});

test('a stretch that ends before it begins is today', () => {
  const params = { from: '2026-11-03T00:00:00Z', to: '2026-11-01T00:00:00Z' };
  expect(windowOf('custom', params, now, 'UTC')).toEqual(windowOf('today', {}, now, 'UTC'));
});

test('whole days become a stretch and back, in the zone of the office', () => {
  const range = daysRange('2026-10-24', '2026-10-25', 'Europe/Berlin');
  expect(range).toEqual({ from: '2026-10-23T22:00:00.000Z', to: '2026-10-25T23:00:00.000Z' });
  const [fromMs, toMs] = [Date.parse(range?.from ?? ''), Date.parse(range?.to ?? '')];
  expect(daysOf({ fromMs, toMs }, 'Europe/Berlin')).toEqual({ first: '2026-10-24', last: '2026-10-25' });
  expect(daysRange('2026-10-25', '2026-10-24', 'Europe/Berlin')).toBeUndefined();
  expect(daysRange('', '2026-10-24', 'Europe/Berlin')).toBeUndefined();
});

test('slots stand where the server’s do', () => {
  const stepMs = 3_600_000;
  const grid = slotGrid({ fromMs: 1_800_000, toMs: 9_000_000, stepMs });
  expect(grid).toEqual({ fromMs: 0, toMs: 10_800_000, stepMs });
});

test('years are drawn in steps of days', () => {
  expect(stepFor(0, 365 * 86_400_000)).toBe(7 * 86_400_000);
});
