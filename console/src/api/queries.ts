/**
 * All server state of the console as query options; no component writes a key by hand. The first element of a key is one of the live stream's keys,
 * so a change there makes exactly these old. What concerns one folder or file is in content-queries.ts, what the workbench itself shows in
 * workbench-queries.ts.
 */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { withKnown } from './agent-list.ts';
import { QuickAgentPage } from './agent-page.ts';
import { createAgentReadings } from './agent-readings.ts';
import { ask } from './client.ts';
import {
  AgentDetail,
  type AgentPage,
  type AgentSummary,
  HitRatios,
  OfficeDetail,
  OfficeList,
  Throughput,
  TrafficSeries,
  TransferPage,
  VersionSeries,
} from './schemas.ts';

export * from './content-queries.ts';
export * from './workbench-queries.ts';

/** The live stream says when something changes; this is the safety net, and how charts move on. */
const SLOW_REFRESH_MS = 30_000;
/** Agents come as rows through the live stream; four megabytes are not read again for less. */
const AGENTS_REFRESH_MS = 600_000;

/** A range of time, UTC milliseconds; `toMs` is not included. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

export const officesQuery = queryOptions({
  queryKey: ['offices'] as const,
  queryFn: ({ signal }) => ask(OfficeList, '/offices', { signal }),
  refetchInterval: SLOW_REFRESH_MS,
});

/** One office with its folders, coverage and last day. */
export const officeQuery = (id: string) =>
  queryOptions({
    queryKey: ['offices', id] as const,
    queryFn: ({ signal }) => ask(OfficeDetail, `/offices/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

/** live.tsx notes in it what the live stream says. */
export const agentReadings = createAgentReadings();

/** Every agent of the fleet, page after page. Components take `useAgents` or `useAgent` of live.tsx, which share this. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'] as const,
  queryFn: ({ signal }) => agentReadings.during(() => readAgents(signal)),
  // React Query's own comparison walks every field of four megabytes.
  structuralSharing: (before, read) =>
    withKnown(before as readonly AgentSummary[] | undefined, read as readonly AgentSummary[]),
  staleTime: AGENTS_REFRESH_MS,
  refetchInterval: AGENTS_REFRESH_MS,
  refetchOnWindowFocus: false,
});

async function readAgents(signal: AbortSignal): Promise<readonly AgentSummary[]> {
  const agents: AgentSummary[] = [];
  let cursor: string | null = null;
  do {
    const path: string = `/agents?limit=1000${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page: AgentPage = await ask(QuickAgentPage, path, { signal });
    for (const agent of page.agents) agents.push(agent);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return agents;
}

/** One agent with its report, its certificate's end, its last day and its last events. */
export const agentDetailQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id, 'detail'] as const,
    queryFn: ({ signal }) => ask(AgentDetail, `/agents/${encodeURIComponent(id)}/detail`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

export const transfersQuery = (filter: { folder?: string; office?: string }) =>
  queryOptions({
    queryKey: ['transfers', filter] as const,
    queryFn: ({ signal }) =>
      ask(TransferPage, `/transfers?${new URLSearchParams({ ...filter, limit: '200' })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Verified bytes by source over a range that stands still: what a link with a time range shows. */
export const trafficRangeQuery = ({ office, fromMs, toMs, stepMs }: TimeRange & { office?: string; stepMs: number }) =>
  queryOptions({
    queryKey: ['traffic', office ?? 'all', 'range', fromMs, toMs, stepMs] as const,
    queryFn: ({ signal }) =>
      ask(TrafficSeries, `/traffic?${rangeOf({ fromMs, toMs }, { office, step: String(stepMs) })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Bytes per office and slot: the heat map. All offices, or one. */
export const throughputQuery = ({ office, fromMs, toMs, stepMs }: TimeRange & { office?: string; stepMs: number }) =>
  queryOptions({
    queryKey: ['traffic', 'throughput', office ?? 'all', fromMs, toMs, stepMs] as const,
    queryFn: ({ signal }) =>
      ask(Throughput, `/throughput?${rangeOf({ fromMs, toMs }, { office, step: String(stepMs) })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Deliveries by source per office: which office is not sharing. */
export const hitRatiosQuery = (range: TimeRange) =>
  queryOptions({
    queryKey: ['transfers', 'hit-ratios', range.fromMs, range.toMs] as const,
    queryFn: ({ signal }) => ask(HitRatios, `/hit-ratios?${rangeOf(range)}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Agents per version over time. */
export const versionsQuery = (range: TimeRange) =>
  queryOptions({
    queryKey: ['versions', range.fromMs, range.toMs] as const,
    queryFn: ({ signal }) => ask(VersionSeries, `/versions?${rangeOf(range)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_REFRESH_MS,
  });

function rangeOf({ fromMs, toMs }: TimeRange, more: Record<string, string | undefined> = {}): URLSearchParams {
  const query = new URLSearchParams({ from: String(fromMs), to: String(toMs) });
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, value);
  return query;
}
