/** Folders, and how far offices and PCs are with them. One query each. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { FolderCoverage, FolderSummary } from '../../../api/schemas.ts';
import { folderIn, officeIn } from '../../access/in-places.ts';
import { isIn, type Places } from '../../access/rights.ts';
import { atMsOrNull } from './instants.ts';
import { sumOf } from './sums.ts';

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

/** Every folder of the places by name. */
export function listFolders(database: PrismaClient, places: Places): Promise<FolderSummary[]> {
  return foldersWhere(database, Prisma.sql`true`, places);
}

/** One folder; undefined if there is none in the places. */
export async function findFolder(
  database: PrismaClient,
  id: string,
  places: Places,
): Promise<FolderSummary | undefined> {
  return (await foldersWhere(database, Prisma.sql`f."id" = ${id}`, places))[0];
}

/** The ids of the folders that go to these offices. */
export async function visibleFolders(database: PrismaClient, places: ReadonlySet<string>): Promise<Set<string>> {
  const rows = await database.folderOffice.findMany({
    where: { officeId: { in: [...places] } },
    distinct: ['folderId'],
    select: { folderId: true },
  });
  return new Set(rows.map(({ folderId }) => folderId));
}

/** Of the offices a folder goes to, only those of the places are named. */
async function foldersWhere(database: PrismaClient, condition: Prisma.Sql, places: Places): Promise<FolderSummary[]> {
  const rows = await database.$queryRaw<FolderRow[]>`
    SELECT f."id", f."name", f."path", f."seq", f."link", f."fileCount", f."byteCount", f."indexedAt",
      f."errorCode", f."errorDetail", n."id" AS "nextcloudId", n."name" AS "nextcloudName", n."url", n."version",
      n."errorCode" AS "nextcloudErrorCode", n."errorDetail" AS "nextcloudErrorDetail",
      (SELECT count(*)::int FROM "IndexProblem" p WHERE p."folderId" = f."id") AS "problems",
      ARRAY(SELECT fo."officeId" FROM "FolderOffice" fo WHERE fo."folderId" = f."id" ORDER BY 1) AS "officeIds"
    FROM "Folder" f JOIN "Nextcloud" n ON n."id" = f."nextcloudId"
    WHERE ${condition} AND ${folderIn(Prisma.sql`f."id"`, places)} ORDER BY f."name"`;
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
    officeIds: row.officeIds.filter((office) => isIn(places, office)),
  }));
}

type OfficeCoverage = FolderCoverage['offices'][number];

/** PCs that one answer lists at most, shared fairly among the offices: ten thousand would be 2.5 MB that nobody reads. */
const MAX_LISTED_AGENTS = 1000;

type ListedAgents = Pick<OfficeCoverage, 'officeId' | 'agents'>;

/** How far each office of `folder` in the places is; at most `agentsPerOffice` PCs of each, those that are not complete first. */
export async function coverageOf(
  database: PrismaClient,
  folder: FolderSummary,
  agentsPerOffice: number,
  places: Places,
): Promise<FolderCoverage> {
  // Complete means complete at the present entry: a PC that finished an older state and has not heard of the new one is not.
  const isComplete = Prisma.sql`(k."state" = 'complete' AND k."seq" >= ${folder.seq})`;
  const members = Prisma.sql`
    "FolderOffice" fo
    JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
    LEFT JOIN "AgentFolder" k ON k."folderId" = fo."folderId" AND k."agentId" = a."id"
    WHERE fo."folderId" = ${folder.id} AND ${officeIn(Prisma.sql`fo."officeId"`, places)}`;
  const [counted, listed] = await Promise.all([
    database.$queryRaw<Omit<OfficeCoverage, 'agents'>[]>`
      WITH counted AS (
        SELECT a."officeId", count(*)::int AS total, (count(*) FILTER (WHERE ${isComplete}))::int AS complete,
          count(k."agentId")::int AS reporting, ${sumOf('k."bytesTotal"')} AS bytes_total, ${sumOf('k."bytesDone"')} AS bytes_done
        FROM ${members} GROUP BY 1
      )
      SELECT o."id" AS "officeId", o."name" AS "officeName", coalesce(fo."errorDetail", fo."errorCode") AS "shareError",
        fo."shareId" IS NOT NULL AS "shareReady",
        coalesce(c.total, 0) AS "agentsTotal", coalesce(c.complete, 0) AS "agentsComplete",
        coalesce(c.reporting, 0) AS "agentsReporting",
        coalesce(c.bytes_total, 0) AS "bytesTotal", coalesce(c.bytes_done, 0) AS "bytesDone"
      FROM "FolderOffice" fo
      JOIN "Office" o ON o."id" = fo."officeId"
      LEFT JOIN counted c ON c."officeId" = fo."officeId"
      WHERE fo."folderId" = ${folder.id} AND ${officeIn(Prisma.sql`fo."officeId"`, places)}
      ORDER BY o."name"`,
    agentsPerOffice === 0
      ? []
      : database.$queryRaw<ListedAgents[]>`
          WITH placed AS (
            SELECT a."id", row_number() OVER (
              PARTITION BY a."officeId" ORDER BY coalesce(${isComplete}, false), a."hostname", a."id"
            ) AS place FROM ${members}
          ), chosen AS (
            SELECT "id", place FROM placed WHERE place <= ${agentsPerOffice} ORDER BY place, "id" LIMIT ${MAX_LISTED_AGENTS}
          )
          SELECT a."officeId", json_agg(json_build_object(
            'agentId', a."id", 'hostname', a."hostname", 'state', CASE WHEN a."online" THEN 'online' ELSE 'offline' END,
            'sync', k."state", 'reason', k."reason", 'seq', k."seq", 'filesDone', k."filesDone", 'filesTotal', k."filesTotal",
            'bytesDone', k."bytesDone", 'bytesTotal', k."bytesTotal",
            'reportedAtMs', (extract(epoch FROM a."reportedAt") * 1000)::bigint
          ) ORDER BY c.place) AS agents
          FROM chosen c JOIN "Agent" a ON a."id" = c."id"
          LEFT JOIN "AgentFolder" k ON k."folderId" = ${folder.id} AND k."agentId" = c."id" GROUP BY 1`,
  ]);
  const agentsOf = new Map(listed.map(({ officeId, agents }) => [officeId, agents]));
  return {
    folder,
    offices: counted.map((office) => ({ ...office, agents: agentsOf.get(office.officeId) ?? [] })),
  };
}
