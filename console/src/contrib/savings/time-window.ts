/** Which stretch of time is looked at, and in which steps. Pure. */
import { dayAfter, dayOf, startOfDay } from './zoned-days.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What the chart draws well. */
const MOST_SLOTS = 300;
/** Steps people can read off an axis. */
const STEPS_MS = [1, 5, 10, 30]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 6, 12].map((hours) => hours * HOUR_MS))
  .concat([1, 7, 30].map((days) => days * DAY_MS));

/** Ranges that end now, each with its length and step. `today` begins with the office's day. */
const rolling = {
  '24h': { lengthMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  '7d': { lengthMs: 7 * DAY_MS, stepMs: HOUR_MS },
  '30d': { lengthMs: 30 * DAY_MS, stepMs: 6 * HOUR_MS },
} as const;
const TODAY_STEP_MS = 5 * MINUTE_MS;

export const rangeIds = ['today', '24h', '7d', '30d', 'custom'] as const;
export type RangeId = (typeof rangeIds)[number];

/** A stretch of time, UTC milliseconds; `toMs` is not included. */
export interface TimeWindow {
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** What an editor's params say about time: a rolling range, or a fixed stretch. */
export interface RangeParams {
  range?: string;
  /** Instants as `toISOString` writes them. */
  from?: string;
  to?: string;
}

/** The range that params choose: a rolling one by name, a stretch that is given, or the first. */
export function rangeOf({ range, from, to }: RangeParams, first: RangeId): RangeId {
  const named = rangeIds.find((id) => id === range);
  if (named !== undefined && named !== 'custom') return named;
  return instantOf(from) !== undefined && instantOf(to) !== undefined
    ? 'custom'
    : named === 'custom'
      ? 'custom'
      : first;
}

/** The window of a range now, in the days of a zone. A stretch that is not one is the present day. */
export function windowOf(range: RangeId, params: RangeParams, nowMs: number, zone: string): TimeWindow {
  if (range === 'custom') {
    const fromMs = instantOf(params.from);
    const toMs = instantOf(params.to);
    if (fromMs !== undefined && toMs !== undefined && toMs > fromMs)
      return { fromMs, toMs, stepMs: stepFor(fromMs, toMs) };
  } else if (range !== 'today') {
    const { lengthMs, stepMs } = rolling[range];
    const toMs = Math.ceil(nowMs / stepMs) * stepMs;
    return { fromMs: toMs - lengthMs, toMs, stepMs };
  }
  const fromMs = startOfDay(dayOf(nowMs, zone), zone) ?? nowMs - DAY_MS;
  const toMs = Math.max(fromMs + TODAY_STEP_MS, Math.ceil(nowMs / TODAY_STEP_MS) * TODAY_STEP_MS);
  return { fromMs, toMs, stepMs: TODAY_STEP_MS };
}

/** The finest step that gives no more slots than can be drawn, and that the start stands on if one does. */
export function stepFor(fromMs: number, toMs: number): number {
  const fitting = STEPS_MS.filter((stepMs) => (toMs - fromMs) / stepMs <= MOST_SLOTS);
  return fitting.find((stepMs) => fromMs % stepMs === 0) ?? fitting[0] ?? STEPS_MS.at(-1)!;
}

/** Params of whole days in a zone, both included; undefined when they are not days or the wrong way round. */
export function daysRange(
  firstDay: string,
  lastDay: string,
  zone: string,
): Required<Omit<RangeParams, 'range'>> | undefined {
  const fromMs = startOfDay(firstDay, zone);
  const lastMs = startOfDay(lastDay, zone);
  if (fromMs === undefined || lastMs === undefined || lastMs < fromMs) return undefined;
  const toMs = startOfDay(dayAfter(lastDay), zone) ?? lastMs + DAY_MS;
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The days of a window in a zone, both included; what a form for days shows. */
export function daysOf(
  { fromMs, toMs }: Pick<TimeWindow, 'fromMs' | 'toMs'>,
  zone: string,
): { first: string; last: string } {
  return { first: dayOf(fromMs, zone), last: dayOf(Math.max(fromMs, toMs - 1), zone) };
}

/** The slots of a window begin where the server's do: at whole steps since 1970. */
export function slotGrid({ fromMs, toMs, stepMs }: TimeWindow): TimeWindow {
  const start = Math.floor(fromMs / stepMs) * stepMs;
  return { fromMs: start, toMs: start + Math.max(1, Math.ceil((toMs - start) / stepMs)) * stepMs, stepMs };
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const atMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(atMs) && atMs >= 0 && atMs <= 8.64e15 ? atMs : undefined;
}
