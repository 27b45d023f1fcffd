/** Folders, and how far offices and PCs are with them. One query each. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { FolderCoverage, FolderSummary } from '../../../api/schemas.ts';
import { atMsOrNull } from './instants.ts';

interface FolderRow {
  id: string;
  name: string;
  path: string;
  seq: number;
  link: string;
  fileCount: number;
  byteCount: bigint;
  indexedAt: Date | null;
  errorCode: string | null;
  errorDetail: string | null;
  nextcloudId: string;
  nextcloudName: string;
  url: string;
  version: string | null;
  nextcloudErrorCode: string | null;
  nextcloudErrorDetail: string | null;
  problems: number;
  officeIds: string[];
}

/** Every folder by name. */
export function listFolders(database: PrismaClient): Promise<FolderSummary[]> {
  return foldersWhere(database, Prisma.sql`true`);
}

/** One folder; undefined if there is none. */
export async function findFolder(database: PrismaClient, id: string): Promise<FolderSummary | undefined> {
  return (await foldersWhere(database, Prisma.sql`f."id" = ${id}`))[0];
}

async function foldersWhere(database: PrismaClient, condition: Prisma.Sql): Promise<FolderSummary[]> {
  const rows = await database.$queryRaw<FolderRow[]>`
    SELECT f."id", f."name", f."path", f."seq", f."link", f."fileCount", f."byteCount", f."indexedAt",
      f."errorCode", f."errorDetail", n."id" AS "nextcloudId", n."name" AS "nextcloudName", n."url", n."version",
      n."errorCode" AS "nextcloudErrorCode", n."errorDetail" AS "nextcloudErrorDetail",
      (SELECT count(*)::int FROM "IndexProblem" p WHERE p."folderId" = f."id") AS "problems",
      ARRAY(SELECT fo."officeId" FROM "FolderOffice" fo WHERE fo."folderId" = f."id" ORDER BY 1) AS "officeIds"
    FROM "Folder" f JOIN "Nextcloud" n ON n."id" = f."nextcloudId"
    WHERE ${condition} ORDER BY f."name"`;
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    path: row.path,
    nextcloud: {
      id: row.nextcloudId,
      name: row.nextcloudName,
      url: row.url,
      version: row.version,
      error: row.nextcloudErrorDetail ?? row.nextcloudErrorCode,
    },
    seq: row.seq,
    link: row.link,
    fileCount: row.fileCount,
    byteCount: Number(row.byteCount),
    indexedAtMs: atMsOrNull(row.indexedAt),
    error: row.errorCode === null ? null : { code: row.errorCode, detail: row.errorDetail ?? '' },
    problems: row.problems,
    officeIds: row.officeIds,
  }));
}

type OfficeCoverage = FolderCoverage['offices'][number];

/** PCs that one answer lists at most, shared fairly among the offices: ten thousand would be 2.5 MB that nobody reads. */
const MAX_LISTED_AGENTS = 2000;

/** How far each office of `folder` is; at most `agentsPerOffice` PCs of each, those that are not complete first. */
export async function coverageOf(
  database: PrismaClient,
  folder: FolderSummary,
  agentsPerOffice: number,
): Promise<FolderCoverage> {
  // Complete means complete at the present entry: a PC that finished an older state and has not heard of the new one is not.
  const offices = await database.$queryRaw<OfficeCoverage[]>`
    WITH report AS MATERIALIZED (
      SELECT a."id", a."officeId", a."hostname", a."online", a."reportedAt", r.x->>'state' AS sync, r.x->>'reason' AS reason,
        (r.x->>'seq')::int AS seq, (r.x->>'filesDone')::int AS "filesDone", (r.x->>'filesTotal')::int AS "filesTotal",
        (r.x->>'bytesDone')::float8 AS "bytesDone", (r.x->>'bytesTotal')::float8 AS "bytesTotal",
        coalesce(r.x->>'state' = 'complete' AND (r.x->>'seq')::int >= ${folder.seq}, false) AS complete
      FROM "FolderOffice" fo
      JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
      LEFT JOIN LATERAL (
        SELECT x FROM jsonb_array_elements(a."reported"->'folders') x WHERE x->>'id' = ${folder.id} LIMIT 1
      ) r ON true
      WHERE fo."folderId" = ${folder.id}
    ), placed AS (
      SELECT *, row_number() OVER (PARTITION BY "officeId" ORDER BY complete, "hostname", "id") AS place FROM report
    ), listed AS (
      SELECT "officeId", json_agg(json_build_object(
        'agentId', l."id", 'hostname', l."hostname", 'state', CASE WHEN l."online" THEN 'online' ELSE 'offline' END,
        'sync', l.sync, 'reason', l.reason, 'seq', l.seq, 'filesDone', l."filesDone", 'filesTotal', l."filesTotal",
        'bytesDone', l."bytesDone", 'bytesTotal', l."bytesTotal",
        'reportedAtMs', (extract(epoch FROM l."reportedAt") * 1000)::bigint
      ) ORDER BY l.place) AS agents
      FROM (
        SELECT * FROM placed WHERE place <= ${agentsPerOffice} ORDER BY place, "officeId" LIMIT ${MAX_LISTED_AGENTS}
      ) l GROUP BY "officeId"
    ), counted AS (
      SELECT "officeId", count(*)::int AS total, (count(*) FILTER (WHERE complete))::int AS complete,
        (count(*) FILTER (WHERE sync IS NOT NULL))::int AS reporting,
        coalesce(sum("bytesTotal"), 0) AS bytes_total, coalesce(sum("bytesDone"), 0) AS bytes_done
      FROM report GROUP BY "officeId"
    )
    SELECT o."id" AS "officeId", o."name" AS "officeName", coalesce(fo."errorDetail", fo."errorCode") AS "shareError",
      fo."shareId" IS NOT NULL AS "shareReady",
      coalesce(c.total, 0) AS "agentsTotal", coalesce(c.complete, 0) AS "agentsComplete",
      coalesce(c.reporting, 0) AS "agentsReporting",
      coalesce(c.bytes_total, 0) AS "bytesTotal", coalesce(c.bytes_done, 0) AS "bytesDone",
      coalesce(l.agents, '[]') AS "agents"
    FROM "FolderOffice" fo
    JOIN "Office" o ON o."id" = fo."officeId"
    LEFT JOIN counted c ON c."officeId" = fo."officeId"
    LEFT JOIN listed l ON l."officeId" = fo."officeId"
    WHERE fo."folderId" = ${folder.id}
    ORDER BY o."name"`;
  return { folder, offices };
}
