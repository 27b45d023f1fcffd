/** Folders: as rows of a list, how far everybody is, and what they hold, level by level. */
import { z } from 'zod';
import { AgentState, SyncState } from './agents.ts';
import { bytes, count, instant } from './scalars.ts';

export const FolderSummary = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  nextcloud: z.object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    version: z.string().nullable(),
    error: z.string().nullable(),
  }),
  seq: z.int(),
  link: z.string(),
  fileCount: z.int(),
  byteCount: bytes,
  indexedAtMs: instant.nullable(),
  /** Error code and words when indexing does not work. */
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  problems: z.int(),
  officeIds: z.array(z.string()),
});
export type FolderSummary = z.infer<typeof FolderSummary>;
export const FolderList = z.object({ folders: z.array(FolderSummary) });
export type FolderList = z.infer<typeof FolderList>;

/** How far each office and PC is with a folder. Agents that never reported have null progress: unknown is not zero. */
export const FolderCoverage = z.object({
  folder: FolderSummary,
  offices: z.array(
    z.object({
      officeId: z.string(),
      officeName: z.string(),
      shareError: z.string().nullable(),
      /** The office's own read-only share exists in Nextcloud. */
      shareReady: z.boolean(),
      agentsTotal: z.int(),
      agentsComplete: z.int(),
      agentsReporting: z.int(),
      bytesTotal: bytes,
      bytesDone: bytes,
      /** Those that are not complete come first. At most the request's `agents` (default 200) an office; `agentsTotal` counts all. */
      agents: z.array(
        z.object({
          agentId: z.string(),
          hostname: z.string(),
          state: AgentState,
          sync: SyncState.nullable(),
          reason: z.string().nullable(),
          seq: z.int().nullable(),
          filesDone: z.int().nullable(),
          filesTotal: z.int().nullable(),
          bytesDone: bytes.nullable(),
          bytesTotal: bytes.nullable(),
          reportedAtMs: instant.nullable(),
        }),
      ),
    }),
  ),
});
export type FolderCoverage = z.infer<typeof FolderCoverage>;

export const FileRow = z.object({
  path: z.string(),
  sizeBytes: bytes,
  mtimeMs: instant,
  seq: z.int(),
  chunksInline: z.boolean(),
});
export type FileRow = z.infer<typeof FileRow>;

/** A directory of a level: its whole path and its last name. */
export const DirectoryRow = z.object({ path: z.string(), name: z.string() });
export type DirectoryRow = z.infer<typeof DirectoryRow>;

/**
 * Files of a folder. With `prefix` one directory level: `dirs` below it and `files` in it, together in the order of their paths. Without, all files
 * of the folder by path, and `dirs` is empty.
 */
export const FilePage = z.object({
  dirs: z.array(DirectoryRow),
  files: z.array(FileRow),
  nextCursor: z.string().nullable(),
});
export type FilePage = z.infer<typeof FilePage>;

/** What the indexer could not take from a folder: at most the request's `limit`, by path; `total` counts all. */
export const FolderProblems = z.object({
  total: count,
  problems: z.array(z.object({ path: z.string(), code: z.string(), detail: z.string(), sinceMs: instant.nullable() })),
});
export type FolderProblems = z.infer<typeof FolderProblems>;

/** One piece of a file and where in the file it stands. */
const ChunkRow = z.object({ id: z.string(), offset: bytes, size: bytes });

/** What one version of a file consists of. */
export const ManifestChunks = z.object({
  manifest: z.string(),
  sizeBytes: bytes,
  chunksTotal: count,
  /** The first 10 000 chunks in order. */
  chunks: z.array(ChunkRow),
});
export type ManifestChunks = z.infer<typeof ManifestChunks>;

/** One version of a file: an entry of the chain. `from` is where a moved file was before. */
export const FileVersionRow = z.object({
  seq: count,
  op: z.enum(['put', 'move', 'delete']),
  atMs: instant,
  path: z.string(),
  from: z.string().nullable(),
  sizeBytes: bytes.nullable(),
  mtimeMs: instant.nullable(),
  etag: z.string().nullable(),
  manifest: z.string().nullable(),
  link: z.string(),
});
export type FileVersionRow = z.infer<typeof FileVersionRow>;

/** One PC's part in a file. `holds` is null when nothing says whether it has the present version. */
export const FileHolder = z.object({
  agentId: z.string(),
  hostname: z.string(),
  officeId: z.string(),
  officeName: z.string(),
  state: AgentState,
  holds: z.boolean().nullable(),
  /** Its delivery of the present version; null when none is known. */
  delivery: z
    .object({ atMs: instant, fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes, tookMs: count })
    .nullable(),
});
export type FileHolder = z.infer<typeof FileHolder>;

/** One file: its versions (newest first, at most 200), its chunks, and who has it. Null `file`: it was deleted, its versions stay. */
export const FileDetail = z.object({
  folderId: z.string(),
  path: z.string(),
  file: FileRow.extend({ etag: z.string(), fileId: z.string(), manifest: z.string() }).nullable(),
  versions: z.array(FileVersionRow),
  chunksTotal: count,
  /** The first 10 000 chunks in order. */
  chunks: z.array(ChunkRow),
  holdersTotal: count,
  /** At most 1000 PCs: those that hold it come first. */
  holders: z.array(FileHolder),
});
export type FileDetail = z.infer<typeof FileDetail>;

/** How long until the offices had a change: per office, how many PCs had it when. */
export const TimeToOffice = z.object({
  folderId: z.string(),
  /** The change looked at: the newest that put a file, unless one was asked for. Null when there is none. */
  change: z.object({ seq: count, path: z.string(), atMs: instant, sizeBytes: bytes }).nullable(),
  offices: z.array(
    z.object({
      officeId: z.string(),
      officeName: z.string(),
      agentsTotal: count,
      /** Rises from the first delivery; at most 200 points, the last with all that have it. */
      points: z.array(z.object({ atMs: instant, agentsDone: count, agentsTotal: count })),
    }),
  ),
});
export type TimeToOffice = z.infer<typeof TimeToOffice>;
