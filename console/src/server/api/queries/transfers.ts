/** The newest deliveries, one row per file and office, with the bytes of all its PCs by source. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { TransferRow } from '../../../api/schemas.ts';
import { atMs } from './instants.ts';

type Row = Omit<TransferRow, 'firstAtMs' | 'lastAtMs'> & { firstAt: Date; lastAt: Date };

/**
 * So many of the newest deliveries are looked at for each row asked for, to find which files were delivered last: bounds the work whatever the
 * history. Where many PCs of an office finish the same files, fewer rows than asked for may come back.
 */
const DELIVERIES_PER_ROW = 100;

/** The `limit` files delivered last. */
export async function newestTransfers(
  database: PrismaClient,
  { office, folder, limit }: { office?: string | undefined; folder?: string | undefined; limit: number },
): Promise<TransferRow[]> {
  const rows = await database.$queryRaw<Row[]>`
    WITH recent AS (
      SELECT d."folderId", d."seq", a."officeId", d."at" FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId"
      WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`}
        AND ${folder === undefined ? Prisma.sql`true` : Prisma.sql`d."folderId" = ${folder}`}
      ORDER BY d."at" DESC LIMIT ${limit * DELIVERIES_PER_ROW}
    ), newest AS (
      SELECT "folderId", "seq", "officeId" FROM recent GROUP BY 1, 2, 3 ORDER BY max("at") DESC, 1, 2, 3 LIMIT ${limit}
    ), delivered AS (
      SELECT n."folderId", n."seq", n."officeId", count(*)::int AS "agentsDone", sum(d."fromPeers")::float8 AS "fromPeers",
        sum(d."fromOrigin")::float8 AS "fromOrigin", sum(d."fromLocal")::float8 AS "fromLocal",
        min(d."at") AS "firstAt", max(d."at") AS "lastAt", max(d."tookMs") AS "tookMsMax"
      FROM newest n
      JOIN "Agent" a ON a."officeId" = n."officeId"
      JOIN "Delivery" d ON d."agentId" = a."id" AND d."folderId" = n."folderId" AND d."seq" = n."seq"
      GROUP BY 1, 2, 3
    ), members AS (
      SELECT "officeId", count(*)::int AS total FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY 1
    )
    SELECT t.*, f."name" AS "folderName", o."name" AS "officeName", coalesce(e."path", '') AS "path",
      coalesce((e."body"::jsonb->>'size')::float8, 0) AS "sizeBytes", coalesce(m.total, 0) AS "agentsTotal"
    FROM delivered t
    JOIN "Folder" f ON f."id" = t."folderId"
    JOIN "Office" o ON o."id" = t."officeId"
    LEFT JOIN "Entry" e ON e."folderId" = t."folderId" AND e."seq" = t."seq"
    LEFT JOIN members m ON m."officeId" = t."officeId"
    ORDER BY t."lastAt" DESC, t."folderId", t."seq", t."officeId"`;
  return rows.map(({ firstAt, lastAt, ...row }) => ({ ...row, firstAtMs: atMs(firstAt), lastAtMs: atMs(lastAt) }));
}
