/**
 * All server state of the console as query options; no component writes a key by hand. The first element of a key is one of the live stream's keys,
 * so a change there makes exactly these old.
 */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask } from './client.ts';
import {
  AgentPage,
  type AgentSummary,
  AgentSummary as AgentSummarySchema,
  EventPage,
  FolderCoverage,
  FolderList,
  OfficeList,
  TrafficSeries,
  TransferPage,
} from './schemas.ts';

/** The live stream says when something changes; this is the safety net, and how charts move on. */
const SLOW_REFRESH_MS = 30_000;

export const officesQuery = queryOptions({
  queryKey: ['offices'] as const,
  queryFn: ({ signal }) => ask(OfficeList, '/offices', { signal }),
  refetchInterval: SLOW_REFRESH_MS,
});

/** Every agent of the fleet, page after page. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'] as const,
  queryFn: async ({ signal }) => {
    const agents: AgentSummary[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/agents?limit=1000${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: AgentPage = await ask(AgentPage, path, { signal });
      agents.push(...page.agents);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return agents;
  },
  refetchInterval: SLOW_REFRESH_MS,
});

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id] as const,
    queryFn: ({ signal }) => ask(AgentSummarySchema, `/agents/${encodeURIComponent(id)}`, { signal }),
  });

export const foldersQuery = queryOptions({
  queryKey: ['folders'] as const,
  queryFn: ({ signal }) => ask(FolderList, '/folders', { signal }),
  refetchInterval: SLOW_REFRESH_MS,
});

export const folderQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', id] as const,
    queryFn: ({ signal }) => ask(FolderCoverage, `/folders/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

export const transfersQuery = (filter: { folder?: string; office?: string }) =>
  queryOptions({
    queryKey: ['transfers', filter] as const,
    queryFn: ({ signal }) =>
      ask(TransferPage, `/transfers?${new URLSearchParams({ ...filter, limit: '200' })}`, { signal }),
    placeholderData: keepPreviousData,
  });

export const eventsQuery = queryOptions({
  queryKey: ['events'] as const,
  queryFn: ({ signal }) => ask(EventPage, '/events?limit=200', { signal }),
});

/** Verified bytes by source over the last `rangeMs`, in steps of `stepMs`. */
export const trafficQuery = ({ office, rangeMs, stepMs }: { office?: string; rangeMs: number; stepMs: number }) =>
  queryOptions({
    queryKey: ['traffic', office ?? 'all', rangeMs, stepMs] as const,
    queryFn: ({ signal }) => {
      const to = Math.ceil(Date.now() / stepMs) * stepMs;
      const query = new URLSearchParams({ from: String(to - rangeMs), to: String(to), step: String(stepMs) });
      if (office !== undefined) query.set('office', office);
      return ask(TrafficSeries, `/traffic?${query}`, { signal });
    },
    placeholderData: keepPreviousData,
    refetchInterval: stepMs,
  });
