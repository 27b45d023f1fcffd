/** Bytes over time, by source: from telemetry for the curve, from deliveries (which are never lost) for the totals. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { TrafficSeries } from '../../../api/schemas.ts';
import type { Places } from '../../access/rights.ts';
import { deliveriesByOffice, totalOf } from './deliveries.ts';
import { placedOffices, type SteppedRange, sampleRows, stepNumber } from './sample-layers.ts';
import { sumsBySource } from './sums.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** More points than any screen has pixels to draw. */
const MAX_POINTS = 2000;
/** What a chart draws well: the step that is chosen when none is asked for gives this many points at most. */
const GOOD_POINTS = 300;
/** Steps people can read off an axis. Sums are kept by the minute: what is finer is not worth reading everybody's samples for. */
const niceSteps = [1, 2, 5, 10, 30]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 6, 12].map((hours) => hours * HOUR_MS))
  .concat([1, 7, 30].map((days) => days * DAY_MS));

/** What a request says of its range, milliseconds. */
export interface AskedRange {
  from?: number | undefined;
  to?: number | undefined;
  step?: number | undefined;
}

/**
 * Fills in what a request leaves out: the last 24 hours, in steps of at least `finestMs` that give at most 300 points. Steps have a minute at least,
 * whatever is asked for.
 *
 * @throws {HarpError} `api.invalid`
 */
export function trafficRange(
  asked: AskedRange,
  nowMs: number,
  finestMs = 0,
): { fromMs: number; toMs: number; stepMs: number } {
  const toMs = asked.to ?? nowMs;
  const fromMs = asked.from ?? toMs - DAY_MS;
  const lengthMs = toMs - fromMs;
  if (lengthMs <= 0) throw new HarpError('api.invalid', 'from must be before to');
  const goodMs = niceSteps.find((step) => step >= finestMs && lengthMs / step <= GOOD_POINTS) ?? niceSteps.at(-1)!;
  const stepMs = Math.max(asked.step ?? goodMs, MINUTE_MS);
  if (lengthMs / stepMs > MAX_POINTS)
    throw new HarpError(
      'api.invalid',
      `the range has more than ${MAX_POINTS} steps: ask for a longer step or a shorter range`,
    );
  return { fromMs, toMs, stepMs };
}

/** The series of the places, or of one office in them. */
export async function trafficOf(
  database: PrismaClient,
  { office, ...range }: SteppedRange & { office?: string | undefined },
  places: Places,
): Promise<TrafficSeries> {
  const { fromMs, toMs, stepMs } = range;
  const rows = await sampleRows(database, range, placedOffices(places, office, 'fleet'));
  const [points, delivered] = await Promise.all([
    database.$queryRaw<TrafficSeries['points']>`
      SELECT (${stepNumber(Prisma.sql`"at"`, stepMs)} * ${stepMs}::float8)::float8 AS "atMs", ${sumsBySource()}
      FROM (${rows}) AS samples GROUP BY 1 ORDER BY 1`,
    deliveriesByOffice(database, { office, fromMs, toMs }, places),
  ]);
  return { fromMs, toMs, stepMs, points, totals: totalOf(delivered) };
}
