/** Stretches of time that charts show, and days as offices have them. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A range that ends now. `stepMs` gives at most 300 slots: what every chart draws without stutter. */
export interface RecentRange {
  id: '1h' | '24h' | '7d' | '30d';
  lengthMs: number;
  stepMs: number;
}

export const recentRanges = [
  { id: '1h', lengthMs: HOUR_MS, stepMs: MINUTE_MS },
  { id: '24h', lengthMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  { id: '7d', lengthMs: 7 * DAY_MS, stepMs: HOUR_MS },
  { id: '30d', lengthMs: 30 * DAY_MS, stepMs: 6 * HOUR_MS },
] as const satisfies readonly RecentRange[];
export type RangeId = (typeof recentRanges)[number]['id'];

/** What a chart shows: a range that moves on with the clock, or one that stands still because a link says so. */
export interface ShownRange {
  /** `fixed` when the address has times. */
  id: RangeId | 'fixed';
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** Steps people can read off an axis. */
const steps = [1, 2, 5, 10, 30]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 6, 12, 24, 168].map((hours) => hours * HOUR_MS));
const MAX_SLOTS = 300;

/**
 * The range that an address asks for: `from` and `to` (UTC milliseconds), or `range`. What cannot be is ignored. A range that ends now ends with the
 * present slot, so that it stays the same for as long as the slot lasts.
 */
export function rangeOf(
  params: Readonly<Record<string, string>>,
  nowMs: number,
  fallback: RangeId = '24h',
): ShownRange {
  const fromMs = instantOf(params.from);
  const toMs = instantOf(params.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs < toMs) {
    const stepMs = steps.find((step) => (toMs - fromMs) / step <= MAX_SLOTS) ?? steps.at(-1)!;
    if ((toMs - fromMs) / stepMs <= MAX_SLOTS) return { id: 'fixed', fromMs, toMs, stepMs };
  }
  const { id, lengthMs, stepMs } =
    recentRanges.find((range) => range.id === params.range) ?? recentRanges.find((range) => range.id === fallback)!;
  const endMs = Math.ceil((nowMs + 1) / stepMs) * stepMs;
  return { id, fromMs: endMs - lengthMs, toMs: endMs, stepMs };
}

function instantOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The params with another range: names of ranges replace times. */
export function withRange(params: Readonly<Record<string, string>>, id: string): Record<string, string> {
  const { from: _from, to: _to, range: _range, ...rest } = params;
  return { ...rest, range: id };
}

/** The params with the times that are shown now: what a link for others needs. */
export function withTimes(
  params: Readonly<Record<string, string>>,
  { fromMs, toMs }: ShownRange,
): Record<string, string> {
  const { range: _range, ...rest } = params;
  return { ...rest, from: String(fromMs), to: String(toMs) };
}

/**
 * When the day of `atMs` began in a zone (an IANA name; the reader's without one, or when the browser does not know it). Days with a change of
 * clocks begin when they begin, even if not at midnight.
 */
export function startOfDay(atMs: number, zone: string | undefined): number {
  const format = dayFormat(zone);
  const day = wallClock(format, atMs).slice(0, 3);
  const [year, month, date] = day as [number, number, number];
  const midnight = Date.UTC(year, month - 1, date);
  const candidates = [midnight - DAY_MS / 2, midnight + DAY_MS / 2]
    .map((near) => midnight - offsetAt(format, near))
    .filter((each) => wallClock(format, each).slice(0, 3).join() === day.join());
  return candidates.length === 0 ? midnight - offsetAt(format, atMs) : Math.min(...candidates);
}

/** How far the clocks of a zone are before UTC. */
function offsetAt(format: Intl.DateTimeFormat, atMs: number): number {
  const [year, month, date, hour, minute, second] = wallClock(format, atMs) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, date, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}

/** Year, month, day, hour, minute, second of a zone. */
function wallClock(format: Intl.DateTimeFormat, atMs: number): number[] {
  return format
    .formatToParts(atMs)
    .filter(({ type }) => type !== 'literal')
    .map(({ value }) => Number(value));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dayFormat(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? '';
  let format = formats.get(key);
  if (format === undefined) {
    format = makeFormat(zone);
    formats.set(key, format);
  }
  return format;
}

function makeFormat(zone: string | undefined): Intl.DateTimeFormat {
  // Sweden writes year, month, day, hour, minute, second in this order.
  const options = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  } as const;
  try {
    return new Intl.DateTimeFormat('sv-SE', { ...options, ...(zone === undefined ? {} : { timeZone: zone }) });
  } catch {
    return new Intl.DateTimeFormat('sv-SE', options);
  }
}
