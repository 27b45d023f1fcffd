/** What the audit asks the server. The first element of every key is the live stream's, so a new entry makes exactly these old. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { AuditChainPage, AuditDetail, type AuditGrouping, AuditGroups, AuditPage } from '../../api/schemas.ts';
import { type AuditFilterParams, rangeOfDay } from './inputs.ts';

const PAGE_ENTRIES = 200;

/** The log, newest first, a page at a time. */
export const auditLogQuery = ({ actor, action, object, day }: AuditFilterParams) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'log', { actor, action, object, day }] as const,
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(PAGE_ENTRIES) });
      const range = rangeOfDay(day);
      const asked = { actor, action, object, from: range?.from, to: range?.to, cursor: pageParam };
      for (const [name, value] of Object.entries(asked))
        if (value !== undefined && value !== null) query.set(name, String(value));
      return ask(AuditPage, `/audit?${query}`, { signal });
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });

/** Entries counted. */
export const auditGroupsQuery = (by: AuditGrouping) =>
  queryOptions({
    queryKey: ['audit', 'groups', by] as const,
    queryFn: ({ signal }) => ask(AuditGroups, `/audit/groups?by=${by}`, { signal }),
  });

/** One entry, which never changes. */
export const auditEntryQuery = (seq: string) =>
  queryOptions({
    queryKey: ['audit-entry', seq] as const,
    queryFn: ({ signal }) => ask(AuditDetail, `/audit/${encodeURIComponent(seq)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Raw entries from number `from` on. */
export function readAuditChain(from: number, limit: number, signal: AbortSignal): Promise<AuditChainPage> {
  return ask(AuditChainPage, `/audit/chain?from=${from}&limit=${limit}`, { signal });
}
