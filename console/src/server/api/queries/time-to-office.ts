/** How long it took until the PCs of each office had a change. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { TimeToOffice } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';

/** More steps than a chart of this size shows. */
const MAX_POINTS = 200;

/** What is looked at of an entry's body; whether it is a right one is for a verification to say. */
const Change = z.object({ path: z.string(), atMs: z.int(), size: z.int().default(0) });

interface OfficeRow {
  officeId: string;
  officeName: string;
  agentsTotal: number;
  /** Instants separated by commas: one text is read at once where ten thousand values are not. */
  atMs: string | null;
}

/** The newest change that put a file, unless `seq` names another; undefined if there is no entry of that number. */
export async function timeToOffice(
  database: PrismaClient,
  folderId: string,
  seq: number | undefined,
  places: Places,
): Promise<TimeToOffice | undefined> {
  const change = await changeOf(database, folderId, seq);
  if (change === undefined) return seq === undefined ? { folderId, change: null, offices: [] } : undefined;
  const rows = await database.$queryRaw<OfficeRow[]>`
    WITH delivered AS (
      SELECT a."officeId", string_agg((date_part('epoch', d."at") * 1000)::int8::text, ',' ORDER BY d."at") AS at_ms
      FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId"
      WHERE d."folderId" = ${folderId} AND d."seq" = ${change.seq} GROUP BY 1
    ), members AS (
      SELECT "officeId", count(*)::int AS total FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY 1
    )
    SELECT o."id" AS "officeId", o."name" AS "officeName", coalesce(m.total, 0) AS "agentsTotal", d.at_ms AS "atMs"
    FROM "FolderOffice" fo JOIN "Office" o ON o."id" = fo."officeId"
    LEFT JOIN members m ON m."officeId" = o."id"
    LEFT JOIN delivered d ON d."officeId" = o."id"
    WHERE fo."folderId" = ${folderId} AND ${officeIn(Prisma.sql`fo."officeId"`, places)} ORDER BY o."name"`;
  return {
    folderId,
    change,
    offices: rows.map(({ atMs, ...office }) => ({
      ...office,
      points: curveOf(atMs === null ? [] : atMs.split(',').map(Number), office.agentsTotal),
    })),
  };
}

/** A step for every delivery, or every so many of them; the last one always. */
function curveOf(atMs: readonly number[], agentsTotal: number): TimeToOffice['offices'][number]['points'] {
  const stride = Math.max(1, Math.ceil(atMs.length / MAX_POINTS));
  return atMs.flatMap((at, index) => {
    const agentsDone = index + 1;
    const shown = agentsDone % stride === 0 || agentsDone === atMs.length;
    // Revoked PCs delivered too, and are not members any more.
    return shown ? [{ atMs: at, agentsDone, agentsTotal: Math.max(agentsTotal, agentsDone) }] : [];
  });
}

async function changeOf(
  database: PrismaClient,
  folderId: string,
  seq: number | undefined,
): Promise<NonNullable<TimeToOffice['change']> | undefined> {
  const newest =
    seq ??
    (await database.fileVersion.findFirst({ where: { folderId }, orderBy: { seq: 'desc' }, select: { seq: true } }))
      ?.seq;
  if (newest === undefined) return undefined;
  const row = await database.entry.findUnique({ where: { folderId_seq: { folderId, seq: newest } } });
  const change = row === null ? undefined : Change.safeParse(parsed(row.body)).data;
  if (change === undefined) return undefined;
  return { seq: newest, path: change.path, atMs: change.atMs, sizeBytes: change.size };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
