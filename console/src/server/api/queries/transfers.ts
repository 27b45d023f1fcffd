/** The newest deliveries, one row per file and office, with the bytes of all its PCs by source: sums that the database keeps as deliveries come in. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { TransferRow } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { atMs } from './instants.ts';

type Row = Omit<TransferRow, 'firstAtMs' | 'lastAtMs'> & { firstAt: Date; lastAt: Date };

/** The `limit` files delivered last in the places. */
export async function newestTransfers(
  database: PrismaClient,
  { office, folder, limit }: { office?: string | undefined; folder?: string | undefined; limit: number },
  places: Places,
): Promise<TransferRow[]> {
  const rows = await database.$queryRaw<Row[]>`
    WITH newest AS (
      SELECT t.* FROM "OfficeFile" t JOIN "Folder" f ON f."id" = t."folderId" JOIN "Office" o ON o."id" = t."officeId"
      WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`t."officeId" = ${office}`}
        AND ${officeIn(Prisma.sql`t."officeId"`, places)}
        AND ${folder === undefined ? Prisma.sql`true` : Prisma.sql`t."folderId" = ${folder}`}
      ORDER BY t."lastAt" DESC LIMIT ${limit}
    ), members AS (
      SELECT "officeId", count(*)::int AS total FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY 1
    )
    SELECT t."folderId", t."seq", t."officeId", t."agents" AS "agentsDone", t."fromPeers"::float8, t."fromOrigin"::float8,
      t."fromLocal"::float8, t."firstAt", t."lastAt", t."tookMsMax", f."name" AS "folderName", o."name" AS "officeName",
      coalesce(e."path", '') AS "path", coalesce((e."body"::jsonb->>'size')::float8, 0) AS "sizeBytes",
      coalesce(m.total, 0) AS "agentsTotal"
    FROM newest t
    JOIN "Folder" f ON f."id" = t."folderId"
    JOIN "Office" o ON o."id" = t."officeId"
    LEFT JOIN "Entry" e ON e."folderId" = t."folderId" AND e."seq" = t."seq"
    LEFT JOIN members m ON m."officeId" = t."officeId"
    ORDER BY t."lastAt" DESC, t."folderId", t."seq", t."officeId"`;
  return rows.map(({ firstAt, lastAt, ...row }) => ({ ...row, firstAtMs: atMs(firstAt), lastAtMs: atMs(lastAt) }));
}
