/** Offices as the API shows them. What they moved is added up apart: it is the one thing here that grows with traffic. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { OfficeDetail, OfficeFolder, OfficeSummary } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import { isIn, type Places } from '../../access/rights.ts';
import { deliveriesByOffice } from './deliveries.ts';
import { atMsOrNull } from './instants.ts';
import { sumOf } from './sums.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Agents' clocks may be a day ahead; what they deliver then is of the last day too. */
const AHEAD_MS = 2 * DAY_MS;

/** Verified content delivered in the last 24 hours, by office. */
export type LastDay = Map<string, OfficeSummary['last24h']>;

/** Adds up a day's deliveries. */
export async function deliveredLastDay(database: PrismaClient, nowMs: number, office?: string): Promise<LastDay> {
  const range = { fromMs: nowMs - DAY_MS + 1, toMs: nowMs + AHEAD_MS };
  const rows = await deliveriesByOffice(database, { office, ...range }, 'everywhere');
  return new Map(rows.map(({ officeId, files: _, ...bytes }) => [officeId, bytes]));
}

/** Every office of the places by name. */
export function listOffices(
  database: PrismaClient,
  lastDay: () => Promise<LastDay>,
  places: Places,
): Promise<OfficeSummary[]> {
  return officesWhere(database, officeIn(Prisma.sql`o."id"`, places), lastDay);
}

async function officesWhere(
  database: PrismaClient,
  condition: Prisma.Sql,
  lastDay: () => Promise<LastDay>,
): Promise<OfficeSummary[]> {
  const [delivered, offices] = await Promise.all([
    lastDay(),
    database.$queryRaw<Omit<OfficeSummary, 'last24h'>[]>`
      WITH agents AS (
        SELECT "officeId", count(*)::int AS total, (count(*) FILTER (WHERE "online"))::int AS online
        FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY "officeId"
      ), folders AS (
        SELECT "officeId", array_agg("folderId" ORDER BY "folderId") AS ids FROM "FolderOffice" GROUP BY "officeId"
      )
      SELECT o."id", o."name", o."region", o."timeZone", o."subnets", coalesce(agents.total, 0) AS "agentsTotal",
        coalesce(agents.online, 0) AS "agentsOnline", coalesce(folders.ids, '{}') AS "folderIds"
      FROM "Office" o
      LEFT JOIN agents ON agents."officeId" = o."id"
      LEFT JOIN folders ON folders."officeId" = o."id"
      WHERE ${condition} ORDER BY o."name"`,
  ]);
  const nothing = { fromPeers: 0, fromOrigin: 0, fromLocal: 0 };
  return offices.map((office) => ({ ...office, last24h: delivered.get(office.id) ?? nothing }));
}

/** One office with folders and hours; undefined if there is none in the places. */
export async function detailOfOffice(
  database: PrismaClient,
  id: string,
  nowMs: number,
  places: Places,
): Promise<OfficeDetail | undefined> {
  if (!isIn(places, id)) return undefined;
  const [offices, folders, hours, reports] = await Promise.all([
    officesWhere(database, Prisma.sql`o."id" = ${id}`, () => deliveredLastDay(database, nowMs, id)),
    foldersOf(database, id),
    hoursOf(database, id, nowMs),
    database.$queryRaw<{ newest: Date | null; count: number }[]>`
      SELECT max("reportedAt") AS "newest", count("reportedAt")::int AS "count" FROM "Agent"
      WHERE "officeId" = ${id} AND "revokedAt" IS NULL`,
  ]);
  const [office] = offices;
  if (office === undefined) return undefined;
  return {
    office,
    newestReportAtMs: atMsOrNull(reports[0]?.newest ?? null),
    agentsReporting: reports[0]?.count ?? 0,
    folders,
    hours,
  };
}

/** Complete means complete at the present entry. */
function foldersOf(database: PrismaClient, office: string): Promise<OfficeFolder[]> {
  return database.$queryRaw<OfficeFolder[]>`
    SELECT f."id" AS "folderId", f."name", f."seq" AS "headSeq", fo."shareId" IS NOT NULL AS "shareReady",
      coalesce(fo."errorDetail", fo."errorCode") AS "shareError", count(a."id")::int AS "agentsTotal",
      (count(*) FILTER (WHERE k."state" = 'complete' AND k."seq" >= f."seq"))::int AS "agentsComplete",
      count(k."agentId")::int AS "agentsReporting",
      (count(*) FILTER (WHERE k."state" = 'blocked'))::int AS "agentsBlocked",
      ${sumOf('k."bytesTotal"')} AS "bytesTotal", ${sumOf('k."bytesDone"')} AS "bytesDone"
    FROM "FolderOffice" fo JOIN "Folder" f ON f."id" = fo."folderId"
    LEFT JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
    LEFT JOIN "AgentFolder" k ON k."folderId" = f."id" AND k."agentId" = a."id"
    WHERE fo."officeId" = ${office}
    GROUP BY f."id", fo."folderId", fo."officeId" ORDER BY f."name"`;
}

/** The hour that has begun and the 23 before it. */
async function hoursOf(database: PrismaClient, office: string, nowMs: number): Promise<OfficeDetail['hours']> {
  const from = new Date((Math.floor(nowMs / HOUR_MS) - 23) * HOUR_MS);
  const rows = await database.$queryRaw<(Omit<OfficeDetail['hours'][number], 'atMs'> & { at: Date })[]>`
    WITH delivered AS (
      SELECT "at", "fromPeers", "fromOrigin", "fromLocal" FROM "OfficeDelivered"
      WHERE "stepMinutes" = 60 AND "officeId" = ${office} AND "at" >= ${from}
    ), counted AS (
      SELECT "at", "online" FROM "OfficeCensus" WHERE "stepMinutes" = 60 AND "officeId" = ${office} AND "at" >= ${from}
    )
    SELECT "at", coalesce(d."fromPeers", 0)::float8 AS "fromPeers", coalesce(d."fromOrigin", 0)::float8 AS "fromOrigin",
      coalesce(d."fromLocal", 0)::float8 AS "fromLocal", c."online" AS "agentsOnline"
    FROM delivered d FULL JOIN counted c USING ("at") WHERE d."at" IS NOT NULL OR c."online" > 0 ORDER BY 1`;
  return rows.map(({ at, ...hour }) => ({ atMs: at.getTime(), ...hour }));
}
