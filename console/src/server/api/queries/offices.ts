/** Offices as the API shows them. What they moved is added up apart: it is the one thing here that grows with traffic. */
import type { PrismaClient } from '@harp/prisma';
import type { OfficeSummary } from '../../../api/schemas.ts';

const DAY_MS = 86_400_000;

/** Verified content delivered in the last 24 hours, by office. */
export type LastDay = Map<string, OfficeSummary['last24h']>;

/** Adds up a day's deliveries. Sums are cast to float8, which is exact below 2^53 and arrives as a number. */
export async function deliveredLastDay(database: PrismaClient, nowMs: number): Promise<LastDay> {
  const since = new Date(nowMs - DAY_MS);
  const rows = await database.$queryRaw<({ officeId: string } & OfficeSummary['last24h'])[]>`
    WITH by_agent AS (
      SELECT "agentId", sum("fromPeers") AS peers, sum("fromOrigin") AS origin, sum("fromLocal") AS local
      FROM "Delivery" WHERE "at" > ${since} GROUP BY "agentId"
    )
    SELECT a."officeId", sum(d.peers)::float8 AS "fromPeers", sum(d.origin)::float8 AS "fromOrigin",
      sum(d.local)::float8 AS "fromLocal"
    FROM by_agent d JOIN "Agent" a ON a."id" = d."agentId" GROUP BY a."officeId"`;
  return new Map(rows.map(({ officeId, ...bytes }) => [officeId, bytes]));
}

/** Every office by name. */
export async function listOffices(database: PrismaClient, lastDay: () => Promise<LastDay>): Promise<OfficeSummary[]> {
  const [delivered, offices] = await Promise.all([
    lastDay(),
    database.$queryRaw<Omit<OfficeSummary, 'last24h'>[]>`
      WITH agents AS (
        SELECT "officeId", count(*)::int AS total, (count(*) FILTER (WHERE "online"))::int AS online
        FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY "officeId"
      ), folders AS (
        SELECT "officeId", array_agg("folderId" ORDER BY "folderId") AS ids FROM "FolderOffice" GROUP BY "officeId"
      )
      SELECT o."id", o."name", o."subnets", coalesce(agents.total, 0) AS "agentsTotal",
        coalesce(agents.online, 0) AS "agentsOnline", coalesce(folders.ids, '{}') AS "folderIds"
      FROM "Office" o
      LEFT JOIN agents ON agents."officeId" = o."id"
      LEFT JOIN folders ON folders."officeId" = o."id"
      ORDER BY o."name"`,
  ]);
  const nothing = { fromPeers: 0, fromOrigin: 0, fromLocal: 0 };
  return offices.map((office) => ({ ...office, last24h: delivered.get(office.id) ?? nothing }));
}
