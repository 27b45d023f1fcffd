'use client';
import { useQuery } from '@tanstack/react-query';
import { useContextKey } from '../../workbench/services.tsx';
import { countNew, type EventLog } from './event-log.ts';
import { eventLogQuery } from './events-query.ts';
import { eventContext } from './keys.ts';

/** More are not worth a wider tab. */
const MOST = 99;

/** How many events came since the panel was last in front; nothing before the first reading, and nothing when there are none. */
export function useEventsBadge(): number | string | undefined {
  const log = useQuery(eventLogQuery).data;
  const seen = useContextKey(eventContext.seen) as EventLog | undefined;
  if (log === undefined || seen === undefined) return undefined;
  const count = countNew(seen, log, () => true);
  return count === 0 ? undefined : count > MOST ? `${MOST}+` : count;
}
