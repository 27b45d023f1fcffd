/** Samples over a range, each read once, from the coarsest sums by office that are fine enough and have got that far. Nobody's own samples are read. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { isIn, type Places } from '../../access/rights.ts';

const MINUTE_MS = 60_000;
/** Steps of OfficeTraffic in minutes, coarsest first. */
const steps = [1440, 360, 60, 5, 1] as const;

/** A range and the length of what it is cut into, a minute at least. `toMs` is not included. */
export interface SteppedRange {
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** Whose rows are asked for. */
export type Offices = readonly string[] | 'each' | 'fleet';

/**
 * SQL of the range's rows of these offices: `at`, `officeId`, `fromPeers`, `fromOrigin`, `fromLocal`; `fleet` is the sum of all offices. A sum counts in the step in which it begins. The interval in which the roll-up ran last is not whole yet, so it is read from
 * something finer; minutes are summed as samples are stored.
 */
export async function sampleRows(
  database: PrismaClient,
  { fromMs, toMs, stepMs }: SteppedRange,
  offices: Offices,
): Promise<Prisma.Sql> {
  const mark = await database.rollupMark.findUnique({ where: { name: 'office' } });
  const doneMs = mark?.at.getTime() ?? Number.NEGATIVE_INFINITY;
  const layers: Prisma.Sql[] = [];
  // The whole fleet stands in the sums as the office without a name.
  const whose = offices === 'fleet' ? Prisma.sql`s."officeId" = ''` : ofOffices(Prisma.sql`s."officeId"`, offices);
  let sinceMs = fromMs;
  for (const minutes of steps) {
    if (minutes > 1 && minutes * MINUTE_MS > stepMs) continue;
    const doneSteps = Math.floor(doneMs / minutes / MINUTE_MS);
    const untilMs = minutes === 1 ? toMs : Math.min(toMs, doneSteps * minutes * MINUTE_MS);
    if (untilMs <= sinceMs && minutes > 1) continue;
    layers.push(Prisma.sql`
      SELECT s."at", s."officeId", s."fromPeers", s."fromOrigin", s."fromLocal" FROM "OfficeTraffic" s
      WHERE s."stepMinutes" = ${minutes} AND s."at" >= ${new Date(sinceMs)} AND s."at" < ${new Date(untilMs)}
        AND ${whose}`);
    sinceMs = untilMs;
  }
  return Prisma.join(layers, ' UNION ALL ');
}

/** What is read of the places, or of one office in them; `whole` for everything there is. */
export function placedOffices<Whole extends Offices>(
  places: Places,
  office: string | undefined,
  whole: Whole,
): Whole | readonly string[] {
  if (office !== undefined) return isIn(places, office) ? [office] : [];
  return places === 'everywhere' ? whole : [...places];
}

/** SQL: whether a row is of one of these offices. */
export function ofOffices(column: Prisma.Sql, offices: Exclude<Offices, 'fleet'>): Prisma.Sql {
  if (offices === 'each') return Prisma.sql`${column} <> ''`;
  return offices.length === 1
    ? Prisma.sql`${column} = ${offices[0]}`
    : Prisma.sql`${column} = ANY (${[...offices]}::text[])`;
}

/** SQL: the number of the step that holds an instant, counted from the epoch. */
export function stepNumber(at: Prisma.Sql, stepMs: number): Prisma.Sql {
  return Prisma.sql`floor(date_part('epoch', ${at}) * 1000 / ${stepMs}::float8)`;
}
