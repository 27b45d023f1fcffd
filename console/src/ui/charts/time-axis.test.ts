import { describe, expect, test } from 'vitest';
import { createFormat } from '../../i18n/format.ts';
import { tickLabel, timeTicks, wallClockOf } from './time-axis.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const slots = (from: string, stepMs: number, count: number) =>
  Array.from({ length: count }, (_, index) => Date.parse(from) + index * stepMs);
const timesIn = (zone: string, moments: readonly number[]) =>
  moments.map((atMs) => createFormat({ locale: 'de', timeZone: zone }).clock(atMs));

describe('ticks', () => {
  test('stand at whole hours of the zone, not of UTC', () => {
    const day = slots('2026-11-22T18:30:00Z', 15 * MINUTE_MS, 96);
    const ticks = timeTicks(day, 8, wallClockOf('Asia/Kolkata'));
    expect(timesIn('Asia/Kolkata', ticks)).toEqual([
      '00:00',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
      '15:00',
      '18:00',
      '21:00',
    ]);
  });

  test('of a week stand where its days begin', () => {
    const week = slots('2026-11-16T00:00:00Z', HOUR_MS, 168);
    const ticks = timeTicks(week, 10, wallClockOf('Europe/Paris'));
    expect(timesIn('Europe/Paris', ticks)).toEqual(Array(7).fill('00:00'));
  });

  test('stand on the first slot of a day whose midnight is inside of one', () => {
    const ticks = timeTicks(slots('2026-11-20T00:00:00Z', 6 * HOUR_MS, 12), 4, wallClockOf('Europe/Paris'));
    expect(timesIn('Europe/Paris', ticks)).toEqual(['01:00', '01:00']);
  });

  test('are never more than asked for', () => {
    for (const most of [1, 2, 5]) {
      expect(
        timeTicks(slots('2026-01-01T00:00:00Z', 6 * HOUR_MS, 300), most, wallClockOf('UTC')).length,
      ).toBeLessThanOrEqual(most);
    }
  });

  test('of no slots are none', () => {
    expect(timeTicks([], 5, wallClockOf('UTC'))).toEqual([]);
  });
});

test('a day is named where it begins, on axes longer than one', () => {
  const format = createFormat({ locale: 'de' });
  const look = { stepMs: HOUR_MS, zone: 'Europe/Paris', format, wall: wallClockOf('Europe/Paris') };
  const midnight = Date.parse('2026-11-22T23:00:00Z');
  expect(tickLabel(midnight, { ...look, spanMs: 48 * HOUR_MS })).toBe(format.day(midnight, 'Europe/Paris'));
  expect(tickLabel(midnight + 6 * HOUR_MS, { ...look, spanMs: 48 * HOUR_MS })).toBe('06:00');
  expect(tickLabel(midnight, { ...look, spanMs: 12 * HOUR_MS })).toBe('00:00');
});

test('a zone that the browser does not know is as good as none', () => {
  expect(wallClockOf('Mars/Olympus')(0)).toBe(wallClockOf(undefined)(0));
});
