/** Query options of what the workbench shows besides the fleet: search, problems, jobs, logs, stored state. Import them from queries.ts. */
import { queryOptions } from '@tanstack/react-query';
import { ask } from './client.ts';
import {
  Job,
  JobList,
  type JobRequest,
  LogPage,
  ProblemList,
  SearchResult,
  ServerSettings,
  UserState,
  type UserStateKey,
} from './schemas.ts';

/** Problems follow from everything else, so nothing announces them. */
const PROBLEMS_REFRESH_MS = 10_000;
const JOBS_REFRESH_MS = 30_000;

/** What the search says; used directly by quick access, which brings its own signal. */
export function search(text: string, limit: number, signal: AbortSignal): Promise<SearchResult> {
  return ask(SearchResult, `/search?${new URLSearchParams({ q: text, limit: String(limit) })}`, { signal });
}

/** What is not right now. */
export const problemsQuery = queryOptions({
  queryKey: ['problems'] as const,
  queryFn: ({ signal }) => ask(ProblemList, '/problems', { signal }),
  refetchInterval: PROBLEMS_REFRESH_MS,
});

/** Running jobs and the newest that ended; the live stream announces their progress. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'] as const,
  queryFn: ({ signal }) => ask(JobList, '/jobs', { signal }),
  refetchInterval: JOBS_REFRESH_MS,
});

/** A job's lines after `after`. */
export const jobLogQuery = (id: string, after = 0) =>
  queryOptions({
    queryKey: ['jobs', id, 'log', after] as const,
    queryFn: ({ signal }) => ask(LogPage, `/jobs/${encodeURIComponent(id)}/log?after=${after}`, { signal }),
  });

/** Starts a job. @throws {ApiError} `api.forbidden` without the role for it */
export function startJob(request: JobRequest): Promise<Job> {
  return ask(Job, '/jobs', { method: 'POST', body: request });
}

/** Asks a job to stop. @throws {ApiError} `job.not_cancellable` */
export function cancelJob(id: string): Promise<Job> {
  return ask(Job, `/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
}

/** Lines of a channel after `after`; the newest ring without it. New lines come through `followLog` of live.tsx. */
export function readLog(channel: string, after: number | undefined, signal: AbortSignal): Promise<LogPage> {
  const query = after === undefined ? '' : `?after=${after}`;
  return ask(LogPage, `/logs/${encodeURIComponent(channel)}${query}`, { signal });
}

/** What the server keeps for the person who is signed in. */
export const userStateQuery = (key: UserStateKey) =>
  queryOptions({
    queryKey: ['me', 'state', key] as const,
    queryFn: ({ signal }) => ask(UserState, `/me/state/${key}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Stores it; the last writer wins. @throws {ApiError} `protocol.too_large` above 64 KiB */
export function storeUserState(key: UserStateKey, value: unknown): Promise<UserState> {
  return ask(UserState, `/me/state/${key}`, { method: 'PUT', body: { value } });
}

/** Replaces them. @throws {ApiError} `api.forbidden` without the role for it */
export function storeServerSettings(settings: Record<string, unknown>): Promise<ServerSettings> {
  return ask(ServerSettings, '/server/settings', { method: 'PUT', body: { settings } });
}
