import { describe, expect, test } from 'vitest';
import { rangeOf, recentRanges, startOfDay, withRange, withTimes } from './time-ranges.ts';

describe('the day of an office', () => {
  test.each([
    ['2026-11-22T23:30:00Z', 'UTC', '2026-11-22T00:00:00Z'],
    ['2026-11-22T23:30:00Z', 'Europe/Paris', '2026-11-22T23:00:00Z'],
    ['2026-11-22T23:30:00Z', 'America/Los_Angeles', '2026-11-22T08:00:00Z'],
    ['2026-11-22T20:00:00Z', 'Asia/Kathmandu', '2026-11-22T18:15:00Z'],
    // Clocks go forward at two o'clock, and back at three.
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-10-25T22:30:00Z', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
    // Here clocks go forward at midnight: the day begins at one.
    ['2026-03-29T12:00:00Z', 'Asia/Beirut', '2026-03-28T22:00:00Z'],
  ])('at %s in %s began at %s', (at, zone, start) => {
    expect(new Date(startOfDay(Date.parse(at), zone)).toISOString()).toBe(start.replace('Z', '.000Z'));
  });

  test('of a zone nobody knows is the reader’s', () => {
    const at = Date.parse('2026-11-22T12:00:00Z');
    expect(startOfDay(at, 'Mars/Olympus')).toBe(startOfDay(at, undefined));
  });
});

describe('ranges', () => {
  const now = Date.parse('2026-11-22T12:34:56Z');

  test('end with the present slot and have at most 300 slots', () => {
    for (const { id } of recentRanges) {
      const range = rangeOf({ range: id }, now);
      expect(range.id).toBe(id);
      expect(range.toMs).toBeGreaterThan(now);
      expect(range.toMs - now).toBeLessThanOrEqual(range.stepMs);
      expect((range.toMs - range.fromMs) / range.stepMs).toBeLessThanOrEqual(300);
    }
  });

  test('of a link stand still', () => {
    const shown = rangeOf({ range: '7d', tab: 'throughput' }, now);
    const params = withTimes({ range: '7d', tab: 'throughput' }, shown);
    expect(rangeOf(params, now + 1e9)).toMatchObject({ id: 'fixed', fromMs: shown.fromMs, toMs: shown.toMs });
    expect(withRange(params, '1h')).toEqual({ tab: 'throughput', range: '1h' });
  });

  test.each([
    { from: '5', to: '4' },
    { from: 'x', to: '9' },
    { from: '0', to: '999999999999999' },
    { range: 'forever' },
    {},
  ])('%o asks for nothing that can be shown', (params) => {
    expect(rangeOf(params, now).id).toBe('24h');
  });
});
