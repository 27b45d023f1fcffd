/** Numbers, bytes and times for people. English for now; one place, so that other languages have one place to go. */

const locale = 'en-GB';
const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const whole = new Intl.NumberFormat(locale);
const oneDecimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric' });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });

/** What stands where nothing is known: never 0. */
export const UNKNOWN = '—';

/** `40.3 MB`: decimal units, as line rates are. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : oneDecimal.format(value)} ${units[unit]}`;
}

/** `1 234` */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** `1 file`, `2 files` */
export function formatAmount(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `83 %`, of a whole; unknown when there is no whole. Never rounds up to 100 what is not all. */
export function formatShare(part: number, total: number): string {
  if (total <= 0) return UNKNOWN;
  const percent = (100 * part) / total;
  return `${percent < 100 && percent > 99 ? 99 : Math.round(percent)} %`;
}

/** `14:02:07` in the reader's time zone. */
export function formatTime(atMs: number): string {
  return time.format(atMs);
}

/** `14:02`, for axes. */
export function formatClock(atMs: number): string {
  return clock.format(atMs);
}

/** `Sun 22`, for axes over days. */
export function formatDay(atMs: number): string {
  return day.format(atMs);
}

/** Date and time, for titles. */
export function formatDateTime(atMs: number): string {
  return dateTime.format(atMs);
}

/** `12 s`, `3 min`, `2 h`, `5 d`: how long something lasted or is ago. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 10) return `${oneDecimal.format(seconds)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
