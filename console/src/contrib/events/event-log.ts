/** The events this page knows: a ring, newest first. Pure; what is read is merged in, whatever order and overlap it comes in. */
import type { EventRow } from '../../api/schemas.ts';

/** Events kept at most. */
export const RING_EVENTS = 10_000;

/** A new object whenever anything in it changed, and the same one when nothing did. */
export interface EventLog {
  /** Newest first; of the same instant, the greater id first, as the server orders them. */
  readonly events: readonly EventRow[];
  readonly ids: ReadonlySet<string>;
  /** Between what was read at two times there are events that were not read. */
  readonly gap: boolean;
  /** Older events fell out of the ring. */
  readonly full: boolean;
}

export const emptyLog: EventLog = { events: [], ids: new Set(), gap: false, full: false };

/** A page as it came: `whole` when it holds everything there is, so nothing can be missing before its first event. */
export interface ReadPage {
  readonly events: readonly EventRow[];
  readonly whole: boolean;
}

/** The log with what was just read. The work is that of the ring once, however many events come. */
export function withPage(log: EventLog, page: ReadPage, capacity = RING_EVENTS): EventLog {
  const fresh = page.events.filter(({ id }) => !log.ids.has(id));
  if (fresh.length === 0) return log;
  const overlaps = fresh.length < page.events.length;
  const gap = log.gap || (log.events.length > 0 && !overlaps && !page.whole);
  const merged = mergeNewestFirst(log.events, fresh.toSorted(newestFirst));
  const events = merged.length > capacity ? merged.slice(0, capacity) : merged;
  return { events, ids: new Set(events.map(({ id }) => id)), gap, full: log.full || merged.length > capacity };
}

/** Whether a page that was cut at its limit connects with what is known: if not, a larger one may. */
export function connects(log: EventLog, page: ReadPage): boolean {
  return page.whole || log.events.length === 0 || page.events.some(({ id }) => log.ids.has(id));
}

/** How many events of `now` are not in `before`, among those that `matches`. */
export function countNew(before: EventLog, now: EventLog, matches: (event: EventRow) => boolean): number {
  if (before === now) return 0;
  let count = 0;
  for (const event of now.events) if (!before.ids.has(event.id) && matches(event)) count += 1;
  return count;
}

function newestFirst(a: EventRow, b: EventRow): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function mergeNewestFirst(known: readonly EventRow[], fresh: readonly EventRow[]): EventRow[] {
  const merged: EventRow[] = [];
  let next = 0;
  for (const event of known) {
    while (next < fresh.length && newestFirst(fresh[next]!, event) < 0) merged.push(fresh[next++]!);
    merged.push(event);
  }
  while (next < fresh.length) merged.push(fresh[next++]!);
  return merged;
}
