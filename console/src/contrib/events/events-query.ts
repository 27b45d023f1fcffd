/** Reads events into the log. */
import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { EventPage } from '../../api/schemas.ts';
import { connects, type EventLog, emptyLog, type ReadPage, withPage } from './event-log.ts';

/** What one reading takes at most; the server gives no more. */
const MOST_EVENTS = 1000;
/** Enough for what happens between two readings on most days. */
const FEW_EVENTS = 200;

const queryKey = ['events', 'log'] as const;

/** The log of events. A change that the live stream announces reads the newest few, and more when these do not reach what is known. */
export const eventLogQuery = queryOptions({
  queryKey,
  queryFn: async ({ signal, client }): Promise<EventLog> => {
    const known = client.getQueryData<EventLog>(queryKey) ?? emptyLog;
    const few = known.events.length === 0 ? undefined : await readPage(FEW_EVENTS, signal);
    const page = few !== undefined && connects(known, few) ? few : await readPage(MOST_EVENTS, signal);
    return withPage(known, page);
  },
  // Ten thousand rows need no comparison: an unchanged log is the same object already.
  structuralSharing: false,
  gcTime: Number.POSITIVE_INFINITY,
  staleTime: 1000,
});

async function readPage(limit: number, signal: AbortSignal): Promise<ReadPage> {
  const { events } = await ask(EventPage, `/events?limit=${limit}`, { signal });
  return { events, whole: events.length < limit };
}
