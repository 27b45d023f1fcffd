/**
 * Samples over a range, each read once: from the coarsest sums by office that are fine enough and have got that far, the last minutes from what PCs
 * sent themselves.
 */
import { Prisma, type PrismaClient } from '@harp/prisma';

const MINUTE_MS = 60_000;
/** Steps of OfficeTraffic, coarsest first. */
const steps = [60, 5, 1] as const;

/** A range and the length of what it is cut into. `toMs` is not included. */
export interface SteppedRange {
  office?: string | undefined;
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/**
 * SQL of the range's rows: `at`, `fromPeers`, `fromOrigin`, `fromLocal`, and `officeId` where `byOffice`. A sum counts in the step in which it begins.
 * The interval in which the roll-up ran last is not whole yet, so it is read from something finer.
 */
export async function sampleRows(
  database: PrismaClient,
  { office, fromMs, toMs, stepMs }: SteppedRange,
  { byOffice }: { byOffice: boolean },
): Promise<Prisma.Sql> {
  const mark = await database.rollupMark.findUnique({ where: { name: 'office' } });
  const doneMs = mark?.at.getTime() ?? Number.NEGATIVE_INFINITY;
  const layers: Prisma.Sql[] = [];
  // The whole fleet stands in the sums as the office without a name.
  const whose =
    office === undefined && byOffice ? Prisma.sql`s."officeId" <> ''` : Prisma.sql`s."officeId" = ${office ?? ''}`;
  let sinceMs = fromMs;
  for (const minutes of steps) {
    if (minutes * MINUTE_MS > stepMs) continue;
    const untilMs = Math.min(toMs, Math.floor(doneMs / minutes / MINUTE_MS) * minutes * MINUTE_MS);
    if (untilMs <= sinceMs) continue;
    layers.push(Prisma.sql`
      SELECT s."at", s."officeId", s."fromPeers", s."fromOrigin", s."fromLocal" FROM "OfficeTraffic" s
      WHERE s."stepMinutes" = ${minutes} AND s."at" >= ${new Date(sinceMs)} AND s."at" < ${new Date(untilMs)}
        AND ${whose}`);
    sinceMs = untilMs;
  }
  if (sinceMs < toMs || layers.length === 0) layers.push(newest(sinceMs, toMs, office, byOffice));
  return Prisma.join(layers, ' UNION ALL ');
}

function newest(sinceMs: number, toMs: number, office: string | undefined, byOffice: boolean): Prisma.Sql {
  const range = Prisma.sql`s."at" >= ${new Date(sinceMs)} AND s."at" < ${new Date(toMs)}`;
  if (!byOffice && office === undefined)
    return Prisma.sql`SELECT s."at", '' AS "officeId", s."fromPeers", s."fromOrigin", s."fromLocal" FROM "Sample" s WHERE ${range}`;
  return Prisma.sql`
    SELECT s."at", a."officeId", sum(s."fromPeers")::bigint AS "fromPeers", sum(s."fromOrigin")::bigint AS "fromOrigin",
      sum(s."fromLocal")::bigint AS "fromLocal"
    FROM "Sample" s JOIN "Agent" a ON a."id" = s."agentId"
    WHERE ${range} AND ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`} GROUP BY 1, 2`;
}

/** SQL: the number of the step that holds an instant, counted from the epoch. */
export function stepNumber(at: Prisma.Sql, stepMs: number): Prisma.Sql {
  return Prisma.sql`floor(date_part('epoch', ${at}) * 1000 / ${stepMs}::float8)`;
}
