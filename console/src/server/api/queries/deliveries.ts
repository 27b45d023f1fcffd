/**
 * Deliveries summed over a range by office. Sums kept by the day, the hour and the minute cover what is whole; single deliveries are read for the edges
 * only, so a day of a large fleet costs as much as a day of a small one.
 */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { BytesBySource } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { exactSum, sumOf, sumsBySource } from './sums.ts';

const MINUTE_MS = 60_000;

/** Sums of one office. */
export type OfficeDeliveries = BytesBySource & { officeId: string; files: number };

/** What sums are kept in, minutes, coarsest first. */
const sumSteps = [1440, 60, 1] as const;

/** A stretch of time and where its deliveries are read: sums of so many minutes, or one by one (0). */
interface Stretch {
  stepMinutes: 0 | (typeof sumSteps)[number];
  fromMs: number;
  toMs: number;
}

/** Cuts a range into stretches, as few and as coarse as give the exact sum. */
export function stretchesOf(
  fromMs: number,
  toMs: number,
  steps: readonly (typeof sumSteps)[number][] = sumSteps,
): Stretch[] {
  if (fromMs >= toMs) return [];
  const [stepMinutes, ...finer] = steps;
  if (stepMinutes === undefined) return [{ stepMinutes: 0, fromMs, toMs }];
  const stepMs = stepMinutes * MINUTE_MS;
  const wholeFromMs = Math.ceil(fromMs / stepMs) * stepMs;
  const wholeToMs = Math.floor(toMs / stepMs) * stepMs;
  if (wholeFromMs >= wholeToMs) return stretchesOf(fromMs, toMs, finer);
  return [
    ...stretchesOf(fromMs, wholeFromMs, finer),
    { stepMinutes, fromMs: wholeFromMs, toMs: wholeToMs },
    ...stretchesOf(wholeToMs, toMs, finer),
  ];
}

/** What was delivered in the places from `fromMs` up to but not at `toMs`, by office; offices without a delivery are missing. */
export async function deliveriesByOffice(
  database: PrismaClient,
  { office, fromMs, toMs }: { office?: string | undefined; fromMs: number; toMs: number },
  places: Places,
): Promise<OfficeDeliveries[]> {
  const stretches = stretchesOf(fromMs, toMs);
  if (stretches.length === 0) return [];
  return database.$queryRaw<OfficeDeliveries[]>`
    SELECT "officeId", ${sumOf('"files"')} AS "files", ${sumsBySource()}
    FROM (${Prisma.join(
      stretches.map((stretch) => rowsOf(stretch, office, places)),
      ' UNION ALL ',
    )}) AS parts GROUP BY "officeId"`;
}

function rowsOf({ stepMinutes, fromMs, toMs }: Stretch, office: string | undefined, places: Places): Prisma.Sql {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const ofOffice = (column: Prisma.Sql) =>
    Prisma.sql`${office === undefined ? Prisma.sql`true` : Prisma.sql`${column} = ${office}`} AND ${officeIn(column, places)}`;
  if (stepMinutes === 0)
    return Prisma.sql`
      SELECT a."officeId", count(*)::float8 AS "files", ${sumsBySource('d.')}
      FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId"
      WHERE d."at" >= ${from} AND d."at" < ${to} AND ${ofOffice(Prisma.sql`a."officeId"`)} GROUP BY 1`;
  return Prisma.sql`
    SELECT "officeId", ${sumOf('"files"')} AS "files", ${sumsBySource()}
    FROM "OfficeDelivered"
    WHERE "stepMinutes" = ${stepMinutes} AND "at" >= ${from} AND "at" < ${to} AND ${ofOffice(Prisma.sql`"officeId"`)} GROUP BY 1`;
}

/** The sum over offices. */
export function totalOf(offices: readonly BytesBySource[]): BytesBySource {
  const total = { fromPeers: 0, fromOrigin: 0, fromLocal: 0 };
  for (const office of offices)
    for (const source of ['fromPeers', 'fromOrigin', 'fromLocal'] as const)
      total[source] = exactSum(total[source], office[source]);
  return total;
}
