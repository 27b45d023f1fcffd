/** Where a time axis has its ticks: at whole minutes, hours and days of the clocks on the wall of its zone. */
import type { Format } from '../../i18n/format.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** From tick to tick, in minutes: what people read at a glance. From a day on, whole days. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, ...[1, 2, 7, 14, 28].map((days) => days * DAY_MINUTES)];

/** A moment as the clocks of a zone show it, in minutes. */
export type WallClock = (atMs: number) => number;

/** The clocks of an IANA zone; of the reader's without one, or when this browser does not know it. */
export function wallClockOf(zone: string | undefined): WallClock {
  const parts = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const format = formatOf(parts, zone);
  return (atMs) => {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = (format.format(atMs).match(/\d+/g) ?? []).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS;
  };
}

function formatOf(parts: Intl.DateTimeFormatOptions, zone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('sv-SE', zone === undefined ? parts : { ...parts, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat('sv-SE', parts);
  }
}

/** Those of the moments (in order of time) that begin a step, at most `most` of them: the finest step that gives no more. */
export function timeTicks(moments: readonly number[], most: number, wall: WallClock): number[] {
  const minutes = moments.map(wall);
  for (const step of STEPS) {
    const ticks = moments.filter((_, index) => {
      const [at, before] = [minutes[index]!, minutes[index - 1]];
      return before === undefined ? at % step === 0 : Math.floor(at / step) !== Math.floor(before / step);
    });
    if (ticks.length <= Math.max(1, most)) return ticks;
  }
  return moments.slice(0, 1);
}

/** What a tick says: the time of day, or the day where one begins on an axis longer than a day. */
export function tickLabel(
  atMs: number,
  { spanMs, stepMs, wall, format, zone }: TickLook & { format: Format; wall: WallClock },
): string {
  const isLong = spanMs > DAY_MINUTES * MINUTE_MS;
  const beginsDay = wall(atMs) % DAY_MINUTES < Math.max(1, stepMs / MINUTE_MS);
  return isLong && beginsDay ? format.day(atMs, zone) : format.clock(atMs, zone);
}

interface TickLook {
  /** How long the axis is. */
  spanMs: number;
  /** How far what it shows stands apart: a day of six-hour slots may begin at two o'clock. */
  stepMs: number;
  zone?: string | undefined;
}
