/** Questions to the API that only this feature asks. */
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { ask } from '../../api/client.ts';

const instant = z.int().min(0);

/** A connection to Nextcloud: as whom, and what the last check found. */
const Nextcloud = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  version: z.string().nullable(),
  user: z.string(),
  davUser: z.string().nullable(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  checkedAtMs: instant.nullable(),
});
export type Nextcloud = z.infer<typeof Nextcloud>;

/** What the indexer could not take from a folder; the first thousand by path. */
const FolderProblems = z.object({
  total: z.int().min(0),
  problems: z.array(z.object({ path: z.string(), code: z.string(), detail: z.string(), sinceMs: instant.nullable() })),
});
export type FolderProblems = z.infer<typeof FolderProblems>;

/** The chunks of one version of a file; the first 10 000. */
const ManifestChunks = z.object({
  manifest: z.string(),
  sizeBytes: z.int().min(0),
  chunksTotal: z.int().min(0),
  chunks: z.array(z.object({ id: z.string(), offset: z.int().min(0), size: z.int().min(0) })),
});
export type ManifestChunks = z.infer<typeof ManifestChunks>;

const REFRESH_MS = 30_000;
const folder = (id: string) => `/folders/${encodeURIComponent(id)}`;

/** One connection to Nextcloud. */
export const nextcloudQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', 'nextcloud', id] as const,
    queryFn: ({ signal }) => ask(Nextcloud, `/nextclouds/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: REFRESH_MS,
  });

/** Why files of a folder are not distributed. */
export const folderProblemsQuery = (id: string) =>
  queryOptions({
    queryKey: ['folders', id, 'problems'] as const,
    queryFn: ({ signal }) => ask(FolderProblems, `${folder(id)}/problems?limit=1000`, { signal }),
    refetchInterval: REFRESH_MS,
  });

/** The chunks behind the name of a manifest, which never change. */
export const manifestQuery = (id: string, manifest: string) =>
  queryOptions({
    queryKey: ['folders', id, 'manifest', manifest] as const,
    queryFn: ({ signal }) => ask(ManifestChunks, `${folder(id)}/manifests/${encodeURIComponent(manifest)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** Has the indexer look for changes in Nextcloud now instead of at its next turn. */
export function reindexFolder(id: string): Promise<{ folder: string }> {
  return ask(z.object({ folder: z.string() }), `${folder(id)}/reindex`, { method: 'POST' });
}
