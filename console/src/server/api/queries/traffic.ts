/** Bytes over time, by source: from telemetry for the curve, from deliveries (which are never lost) for the totals. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { TrafficSeries } from '../../../api/schemas.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** More points than any screen has pixels to draw. */
const MAX_POINTS = 2000;
/** What a chart draws well: the step that is chosen when none is asked for gives this many points at most. */
const GOOD_POINTS = 300;
/** Steps people can read off an axis. Agents report every 10 s at most, so nothing finer has anything to show. */
const niceSteps = [10 * SECOND_MS, 30 * SECOND_MS]
  .concat([1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE_MS))
  .concat([1, 2, 6, 12].map((hours) => hours * HOUR_MS))
  .concat([1, 7, 30].map((days) => days * DAY_MS));

/** What is asked for. `toMs` is not included. */
export interface TrafficRange {
  office?: string | undefined;
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** Fills in what a request leaves out: the last 24 hours, in steps that give at most 300 points. @throws {HarpError} `api.invalid` */
export function trafficRange(
  asked: { from?: number | undefined; to?: number | undefined; step?: number | undefined },
  nowMs: number,
): { fromMs: number; toMs: number; stepMs: number } {
  const toMs = asked.to ?? nowMs;
  const fromMs = asked.from ?? toMs - DAY_MS;
  const lengthMs = toMs - fromMs;
  if (lengthMs <= 0) throw new HarpError('api.invalid', 'from must be before to');
  const stepMs = asked.step ?? niceSteps.find((step) => lengthMs / step <= GOOD_POINTS) ?? niceSteps.at(-1)!;
  if (lengthMs / stepMs > MAX_POINTS)
    throw new HarpError(
      'api.invalid',
      `the range has more than ${MAX_POINTS} steps: ask for a longer step or a shorter range`,
    );
  return { fromMs, toMs, stepMs };
}

interface PointRow {
  atMs: number;
  fromPeers: number;
  fromOrigin: number;
  fromLocal: number;
}

/**
 * The series. Each sample is read once: from the coarsest table that is fine enough for the step and has got that far. The minute and the hour in
 * which a roll-up ran last are not whole yet, so they are read from the finer table.
 */
export async function trafficOf(database: PrismaClient, range: TrafficRange): Promise<TrafficSeries> {
  const { office, fromMs, toMs, stepMs } = range;
  const ofOffice = (column: Prisma.Sql) =>
    office === undefined
      ? Prisma.sql`true`
      : Prisma.sql`${column} IN (SELECT "id" FROM "Agent" WHERE "officeId" = ${office})`;
  const from = new Date(fromMs);
  const to = new Date(toMs);
  const layer = (table: Prisma.Sql, since: Prisma.Sql, until: Prisma.Sql) => Prisma.sql`
    SELECT s."at", s."fromPeers", s."fromOrigin", s."fromLocal" FROM ${table} s, marks
    WHERE s."at" >= greatest(${from}, ${since}) AND s."at" < least(${to}, ${until}) AND ${ofOffice(Prisma.sql`s."agentId"`)}`;
  const always = Prisma.sql`'-infinity'::timestamp`;
  const never = Prisma.sql`'infinity'::timestamp`;
  const hours = stepMs >= HOUR_MS;
  const minutes = stepMs >= MINUTE_MS;
  const layers = [
    ...(hours ? [layer(Prisma.sql`"SampleHour"`, always, Prisma.sql`marks.hour`)] : []),
    ...(minutes
      ? [layer(Prisma.sql`"SampleMinute"`, hours ? Prisma.sql`marks.hour` : always, Prisma.sql`marks.minute`)]
      : []),
    layer(Prisma.sql`"Sample"`, minutes ? Prisma.sql`marks.minute` : always, never),
  ];
  const points = await database.$queryRaw<PointRow[]>`
    WITH marks AS (
      SELECT date_trunc('minute', coalesce(max("at") FILTER (WHERE "name" = 'minute'), '-infinity')) AS minute,
        date_trunc('hour', coalesce(max("at") FILTER (WHERE "name" = 'hour'), '-infinity')) AS hour FROM "RollupMark"
    ), samples AS (${Prisma.join(layers, ' UNION ALL ')})
    SELECT (floor(extract(epoch FROM "at") * 1000 / ${stepMs}) * ${stepMs})::float8 AS "atMs",
      sum("fromPeers")::float8 AS "fromPeers", sum("fromOrigin")::float8 AS "fromOrigin", sum("fromLocal")::float8 AS "fromLocal"
    FROM samples GROUP BY 1 ORDER BY 1`;
  const [totals] = await database.$queryRaw<Omit<PointRow, 'atMs'>[]>`
    SELECT coalesce(sum(d."fromPeers"), 0)::float8 AS "fromPeers", coalesce(sum(d."fromOrigin"), 0)::float8 AS "fromOrigin",
      coalesce(sum(d."fromLocal"), 0)::float8 AS "fromLocal"
    FROM "Delivery" d WHERE d."at" >= ${from} AND d."at" < ${to} AND ${ofOffice(Prisma.sql`d."agentId"`)}`;
  return { fromMs, toMs, stepMs, points, totals: totals ?? { fromPeers: 0, fromOrigin: 0, fromLocal: 0 } };
}
