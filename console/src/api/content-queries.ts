/** Query options of folders, where they come from, their files and their chains. Import them from queries.ts. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask } from './client.ts';
import {
  ChainAgents,
  ChainEntries,
  FileDetail,
  FilePage,
  FolderCoverage,
  FolderList,
  FolderProblems,
  ManifestChunks,
  Nextcloud,
  TimeToOffice,
} from './schemas.ts';

const SLOW_REFRESH_MS = 30_000;

const at = (id: string) => `/folders/${encodeURIComponent(id)}`;

export const foldersQuery = queryOptions({
  queryKey: ['folders'] as const,
  queryFn: ({ signal }) => ask(FolderList, '/folders', { signal }),
  refetchInterval: SLOW_REFRESH_MS,
});

/** How far the offices are with a folder, without their PCs: those are in the list of agents. */
export const folderQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', id] as const,
    queryFn: ({ signal }) => ask(FolderCoverage, `${at(id)}?agents=0`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

/** One connection to Nextcloud. */
export const nextcloudQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', 'nextcloud', id] as const,
    queryFn: ({ signal }) => ask(Nextcloud, `/nextclouds/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

/** Why files of a folder are not distributed; the first thousand by path. */
export const folderProblemsQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', id, 'problems'] as const,
    queryFn: ({ signal }) => ask(FolderProblems, `${at(id)}/problems?limit=1000`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

/** One directory of a folder, a page at a time; `prefix` is the directory's path, empty for the root. */
export const directoryQuery = (id: string, prefix: string) =>
  infiniteQueryOptions({
    queryKey: ['folders', id, 'directory', prefix] as const,
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ prefix, limit: '500' });
      if (pageParam !== null) query.set('cursor', pageParam);
      return ask(FilePage, `${at(id)}/files?${query}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** One file: versions, chunks, who has it. */
export const fileQuery = (id: string, path: string) =>
  queryOptions({
    queryKey: ['folders', id, 'file', path] as const,
    queryFn: ({ signal }) => ask(FileDetail, `${at(id)}/file?${new URLSearchParams({ path })}`, { signal }),
  });

/**
 * The chunks behind the name of a manifest, which never change. With `seq`, the entry that named it, versions of one chunk are known as well: their
 * manifests are in the chain only.
 */
export const manifestQuery = (id: string, manifest: string, seq?: number) =>
  queryOptions({
    queryKey: ['folders', id, 'manifest', manifest, seq ?? 'unknown'] as const,
    queryFn: ({ signal }) =>
      ask(
        ManifestChunks,
        `${at(id)}/manifests/${encodeURIComponent(manifest)}${seq === undefined ? '' : `?seq=${seq}`}`,
        { signal },
      ),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** How long until the offices had a change; the newest one unless `seq` names another. */
export const timeToOfficeQuery = (id: string, seq?: number) =>
  queryOptions({
    queryKey: ['folders', id, 'time-to-office', seq ?? 'newest'] as const,
    queryFn: ({ signal }) =>
      ask(TimeToOffice, `${at(id)}/time-to-office${seq === undefined ? '' : `?seq=${seq}`}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_REFRESH_MS,
  });

/** Whose chain is right: agents ok, behind, broken and silent. */
export const chainAgentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', id, 'chain-agents'] as const,
    queryFn: ({ signal }) => ask(ChainAgents, `${at(id)}/chain/agents`, { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });

/** A page of raw entries with head and keys; not a query, because who checks a chain reads each page once. */
export function readChainEntries(
  id: string,
  { from, limit }: { from: number; limit: number },
  signal: AbortSignal,
): Promise<ChainEntries> {
  return ask(ChainEntries, `${at(id)}/chain/entries?from=${from}&limit=${limit}`, { signal });
}
