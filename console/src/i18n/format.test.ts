import { describe, expect, test } from 'vitest';
import { createFormat, UNKNOWN } from './format.ts';

const NOW = Date.UTC(2026, 10, 22, 14, 2, 7);
const english = createFormat({ locale: 'en', timeZone: 'UTC', now: () => NOW });
const german = createFormat({ locale: 'de', timeZone: 'UTC', now: () => NOW });
const binary = createFormat({ locale: 'en', byteUnits: 'iec' });
/** Spaces of all kinds as plain ones, to be read here. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('bytes', () => {
  test.each([
    { bytes: 0, en: '0 B', de: '0 B' },
    { bytes: 999, en: '999 B', de: '999 B' },
    { bytes: 1000, en: '1.0 kB', de: '1,0 kB' },
    { bytes: 40_300_000, en: '40.3 MB', de: '40,3 MB' },
    { bytes: 999_999, en: '1.0 MB', de: '1,0 MB' },
    { bytes: 2.5e15, en: '2.5 PB', de: '2,5 PB' },
    { bytes: 7.25e18, en: '7,250.0 PB', de: '7.250,0 PB' },
    { bytes: -2_000_000, en: '-2.0 MB', de: '-2,0 MB' },
  ])('$bytes is $en and $de', ({ bytes, en, de }) => {
    expect(plain(english.bytes(bytes))).toBe(en);
    expect(plain(german.bytes(bytes))).toBe(de);
  });

  test('are in powers of 1 024 on request', () => {
    expect(plain(binary.bytes(1024))).toBe('1.0 KiB');
    expect(plain(binary.bytes(1023))).toBe('1,023 B');
    expect(plain(binary.bytes(1024 ** 3))).toBe('1.0 GiB');
  });

  test('per second', () => {
    expect(plain(english.rate(12_500_000))).toBe('12.5 MB/s');
  });
});

describe('what is not known is a dash, never 0', () => {
  test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])('%s', (nothing) => {
    const { bytes, rate, count, share, time, clock, day, dateTime, minute, duration, ago } = english;
    for (const say of [bytes, rate, count, time, clock, day, dateTime, minute, duration, ago])
      expect(say(nothing)).toBe(UNKNOWN);
    expect(share(nothing, 10)).toBe(UNKNOWN);
    expect(share(10, nothing)).toBe(UNKNOWN);
  });
});

test.each([
  { part: 0, total: 10, shown: '0%' },
  { part: 1, total: 1000, shown: '<1%' },
  { part: 83, total: 100, shown: '83%' },
  { part: 999, total: 1000, shown: '99%' },
  { part: 10, total: 10, shown: '100%' },
  { part: 0, total: 0, shown: UNKNOWN },
])('$part of $total is $shown', ({ part, total, shown }) => {
  expect(english.share(part, total)).toBe(shown);
});

describe('times', () => {
  test('are in the zone that is asked for', () => {
    expect(english.time(NOW)).toBe('14:02:07');
    expect(english.time(NOW, 'Europe/Paris')).toBe('15:02:07');
    expect(english.clock(NOW, 'America/New_York')).toBe('09:02');
    expect(german.dateTime(NOW)).toBe('22.11.2026, 14:02:07');
    expect(german.minute(NOW, 'Europe/Paris')).toBe('22.11.2026, 15:02');
  });

  test('ignore a zone that does not exist', () => {
    expect(english.time(NOW, 'Mars/Olympus')).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  test.each([
    { ms: 1500, en: '1.5 sec', de: '1,5 Sek.' },
    { ms: 12_000, en: '12 sec', de: '12 Sek.' },
    { ms: 180_000, en: '3 min', de: '3 Min.' },
    { ms: 7_200_000, en: '2 h', de: '2 Std.' },
    { ms: 5_700_000, en: '1.6 h', de: '1,6 Std.' },
    { ms: 5 * 86_400_000, en: '5 day', de: '5 Tg' },
  ])('$ms ms last $en', ({ ms, en, de }) => {
    expect(plain(english.duration(ms)).startsWith(en.split(' ')[0] ?? '')).toBe(true);
    expect(plain(german.duration(ms)).startsWith(de.split(' ')[0] ?? '')).toBe(true);
  });

  test('ago', () => {
    expect(plain(english.ago(NOW - 180_000))).toMatch(/^3 mins? ago$/);
    expect(plain(german.ago(NOW - 180_000))).toMatch(/^vor 3 /);
    expect(plain(english.ago(NOW + 3 * 3_600_000))).toMatch(/^in 3 h/);
  });

  test('what another clock says is a second ahead has just happened', () => {
    expect(plain(english.ago(NOW + 1000))).toMatch(/^0 secs? ago$/);
  });
});
