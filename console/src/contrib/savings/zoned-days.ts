/** Days in a time zone: when they begin in UTC. Pure; the zone's rules are the browser's. */

const DAY_MS = 86_400_000;
const calendars = new Map<string, Intl.DateTimeFormat>();

/** The zone of whoever reads. */
export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone if this browser knows it, else the reader's. */
export function knownZone(zone: string | null | undefined): string {
  if (zone === null || zone === undefined) return readersZone();
  try {
    calendarOf(zone);
    return zone;
  } catch {
    return readersZone();
  }
}

/** The calendar day of an instant in a zone: `2026-11-23`. */
export function dayOf(atMs: number, zone: string): string {
  return new Date(wallClock(atMs, zone)).toISOString().slice(0, 10);
}

/** When a calendar day begins in a zone; where clocks jump over midnight, the first instant that belongs to it. Undefined for what is no day. */
export function startOfDay(day: string, zone: string): number | undefined {
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  // The offset before midnight decides, unless the clock changed between that and the day's beginning.
  const before = midnight - offsetAt(midnight - DAY_MS, zone);
  const start = midnight - offsetAt(before, zone);
  if (dayOf(start, zone) === day && dayOf(start - 1, zone) !== day) return start;
  return [before, start].find((atMs) => dayOf(atMs, zone) === day) ?? before;
}

/** The day after, or before. */
export function dayAfter(day: string, by = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);
}

function offsetAt(atMs: number, zone: string): number {
  return wallClock(atMs, zone) - Math.floor(atMs / 1000) * 1000;
}

/** What a clock in the zone shows, as if it were UTC; to the second. */
function wallClock(atMs: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of calendarOf(zone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function calendarOf(zone: string): Intl.DateTimeFormat {
  let calendar = calendars.get(zone);
  if (calendar === undefined) {
    calendar = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    calendars.set(zone, calendar);
  }
  return calendar;
}
