/** Numbers, bytes and times for people, through Intl, in the reader's language. What is not known is `—`, never 0. */
import { intlLocales, type Locale } from './translate.ts';

/** What stands where nothing is known. */
export const UNKNOWN = '—';

/** Decimal units (as line rates are: 1 kB = 1 000 B) or binary ones (1 KiB = 1 024 B). */
export type ByteUnits = 'si' | 'iec';

/** A number that may be missing. */
type Known = number | null | undefined;

/** Numbers and times in words of one language. Every function says `—` when it is given nothing, and none throws. */
export interface Format {
  readonly locale: Locale;
  /** The language for `Intl`, such as `de-DE`. */
  readonly intlLocale: string;
  /** `40.3 MB`, or `38.4 MiB`. */
  bytes(bytes: Known): string;
  /** `40.3 MB/s` */
  rate(bytesPerSecond: Known): string;
  /** `1,234` */
  count(count: Known): string;
  /** `83%` of a whole; unknown without one. Neither 100 for what is not all nor 0 for what is something. */
  share(part: Known, total: Known): string;
  /** `14:02:07`, in the reader's zone or in the IANA zone `zone`. */
  time(atMs: Known, zone?: string): string;
  /** `14:02`, for axes. */
  clock(atMs: Known, zone?: string): string;
  /** `Sun 22`, for axes over days. */
  day(atMs: Known, zone?: string): string;
  /** `22 Nov 2026, 14:02:07` */
  dateTime(atMs: Known, zone?: string): string;
  /** `22 Nov 2026, 14:02`, for ranges: they begin and end with the minute. */
  minute(atMs: Known, zone?: string): string;
  /** `12 secs`, `3 mins`: how long something lasted. */
  duration(ms: Known): string;
  /** `3 min ago`, `in 2 hr` */
  ago(atMs: Known): string;
  readonly UNKNOWN: typeof UNKNOWN;
}

export interface FormatOptions {
  locale: Locale;
  byteUnits?: ByteUnits;
  /** The reader's zone; the machine's when it is not given. */
  timeZone?: string;
  now?: () => number;
}

const units = {
  si: { step: 1000, names: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] },
  iec: { step: 1024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
} as const;

/** Between a number and its unit: no line break there. */
const NO_BREAK_SPACE = '\u00a0';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const clocks = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  clock: { hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric' },
  dateTime: { dateStyle: 'medium', timeStyle: 'medium' },
  minute: { dateStyle: 'medium', timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** The formats of one language. Costs some milliseconds: made once per language, not per row. */
export function createFormat({ locale, byteUnits = 'si', timeZone, now = Date.now }: FormatOptions): Format {
  const intlLocale = intlLocales[locale];
  const whole = new Intl.NumberFormat(intlLocale, { maximumFractionDigits: 0 });
  const oneDecimal = new Intl.NumberFormat(intlLocale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(intlLocale, { style: 'percent' });
  const relative = new Intl.RelativeTimeFormat(intlLocale, { style: 'short', numeric: 'always' });
  const durations = new Map<string, Intl.NumberFormat>();
  const moments = new Map<string, Intl.DateTimeFormat>();

  const known = (value: Known): value is number => typeof value === 'number' && Number.isFinite(value);

  const bytes = (value: Known): string => {
    if (!known(value)) return UNKNOWN;
    const { step, names } = units[byteUnits];
    let amount = Math.abs(value);
    let unit = 0;
    // What would be shown as 1000.0 is 1.0 of the next unit.
    while (amount >= step - 0.05 && unit < names.length - 1) {
      amount /= step;
      unit += 1;
    }
    const signed = Math.sign(value) * amount;
    return `${(unit === 0 ? whole : oneDecimal).format(signed)}${NO_BREAK_SPACE}${names[unit]}`;
  };

  const moment = (kind: keyof typeof clocks, zone: string | undefined): Intl.DateTimeFormat => {
    const key = `${kind} ${zone ?? ''}`;
    let format = moments.get(key);
    if (format === undefined) {
      format = dateTimeFormat(intlLocale, clocks[kind], zone ?? timeZone);
      moments.set(key, format);
    }
    return format;
  };
  const at =
    (kind: keyof typeof clocks) =>
    (atMs: Known, zone?: string): string =>
      known(atMs) && Math.abs(atMs) <= 8.64e15 ? moment(kind, zone).format(atMs) : UNKNOWN;

  const inUnit = (
    value: number,
    unit: 'second' | 'minute' | 'hour' | 'day',
    digits: 0 | 1,
    leastDigits = digits,
  ): string => {
    const key = `${unit} ${digits} ${leastDigits}`;
    let format = durations.get(key);
    if (format === undefined) {
      format = new Intl.NumberFormat(intlLocale, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        minimumFractionDigits: leastDigits,
        maximumFractionDigits: digits,
      });
      durations.set(key, format);
    }
    return format.format(value);
  };

  return {
    locale,
    intlLocale,
    UNKNOWN,
    bytes,
    rate: (value) => (known(value) ? `${bytes(value)}/s` : UNKNOWN),
    count: (value) => (known(value) ? whole.format(value) : UNKNOWN),
    share(part, total) {
      if (!known(part) || !known(total) || total <= 0) return UNKNOWN;
      const share = part / total;
      if (share > 0 && share < 0.01) return `<${percent.format(0.01)}`;
      return percent.format(share < 1 && share > 0.99 ? 0.99 : share);
    },
    time: at('time'),
    clock: at('clock'),
    day: at('day'),
    dateTime: at('dateTime'),
    minute: at('minute'),
    duration(ms) {
      if (!known(ms)) return UNKNOWN;
      const length = Math.max(0, ms);
      if (length < 10 * SECOND_MS) return inUnit(length / SECOND_MS, 'second', 1, 0);
      if (length < 90 * SECOND_MS) return inUnit(length / SECOND_MS, 'second', 0);
      if (length < 90 * MINUTE_MS) return inUnit(length / MINUTE_MS, 'minute', 0);
      // Half an hour matters for some hours; then no more.
      if (length < 10 * HOUR_MS) return inUnit(length / HOUR_MS, 'hour', 1, 0);
      if (length < 48 * HOUR_MS) return inUnit(length / HOUR_MS, 'hour', 0);
      return inUnit(length / DAY_MS, 'day', 0);
    },
    ago(atMs) {
      if (!known(atMs)) return UNKNOWN;
      const ms = atMs - now();
      const length = Math.abs(ms);
      // Two clocks never agree to the second: what was "in 0 seconds" just happened.
      if (length < 90 * SECOND_MS) return relative.format(Math.min(-0, Math.round(ms / SECOND_MS)), 'second');
      if (length < 90 * MINUTE_MS) return relative.format(Math.round(ms / MINUTE_MS), 'minute');
      if (length < 48 * HOUR_MS) return relative.format(Math.round(ms / HOUR_MS), 'hour');
      return relative.format(Math.round(ms / DAY_MS), 'day');
    },
  };
}

/** A zone that this browser does not know is ignored: a time in the reader's zone is better than none. */
function dateTimeFormat(locale: string, options: Intl.DateTimeFormatOptions, timeZone: string | undefined) {
  if (timeZone === undefined) return new Intl.DateTimeFormat(locale, options);
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat(locale, options);
  }
}
