/** The heat map: bytes of every office in every slot, with how many PCs were connected, so that silence and rest can be told apart. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { HitRatios, Throughput } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { deliveriesByOffice } from './deliveries.ts';
import { type Offices, ofOffices, placedOffices, type SteppedRange, sampleRows, stepNumber } from './sample-layers.ts';
import { exactSum } from './sums.ts';

const MINUTE_MS = 60_000;
/** What the census is kept in, minutes, coarsest first; a slot that is shorter than all of them shows the one that holds it. */
const censusSteps = [360, 60, 5] as const;
/** Cells of one answer: three numbers each, a megabyte of JSON. */
const MAX_CELLS = 120_000;

interface OfficeRow {
  officeId: string;
  officeName: string;
  region: string | null;
  agentsTotal: number;
}

type Whose = Exclude<Offices, 'fleet'>;

/** What SQL gives for one office: numbers in a row, separated by commas. One text is read at once where ten thousand rows are not. */
interface Numbers {
  officeId: string;
  numbers: string;
}

/**
 * The offices of the places that moved most, at most `limit`, by name. Slots begin at multiples of the step, so the first may begin before the range asked for.
 *
 * @throws {HarpError} `api.invalid` if that is more than an answer holds
 */
export async function throughputOf(
  database: PrismaClient,
  { office, limit, ...asked }: SteppedRange & { office?: string | undefined; limit: number },
  places: Places,
): Promise<Throughput> {
  const { stepMs } = asked;
  const fromMs = Math.floor(asked.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(asked.toMs / stepMs) * stepMs;
  const range = { fromMs, toMs, stepMs };
  const slots = (toMs - fromMs) / stepMs;
  const offices = await officeRows(database, office, places);
  if (Math.min(offices.length, limit) * slots > MAX_CELLS)
    throw new HarpError('api.invalid', `more than ${MAX_CELLS} cells: ask for fewer offices or longer steps`);
  const chosen = offices.length <= limit ? offices : await busiest(database, offices, range, { limit, places });
  const whose =
    office === undefined && places === 'everywhere' && chosen.length === offices.length
      ? 'each'
      : chosen.map(({ officeId }) => officeId);
  const [cells, census] = await Promise.all([cellsOf(database, range, whose), censusOf(database, range, whose)]);
  return {
    ...range,
    slots,
    officesTotal: offices.length,
    offices: chosen.map(({ agentsOnline: _, ...row }) => ({
      ...row,
      ...lineOf(cells.get(row.officeId) ?? [], reportingOf(census.of.get(row.officeId) ?? [], slots, census.isWhole)),
    })),
  };
}

/** The `limit` of these offices that moved most in a range, in their order. */
async function busiest<Row extends OfficeRow>(
  database: PrismaClient,
  offices: readonly Row[],
  { fromMs, toMs }: SteppedRange,
  { limit, places }: { limit: number; places: Places },
): Promise<Row[]> {
  const rows = await sampleRows(
    database,
    { fromMs, toMs, stepMs: toMs - fromMs },
    placedOffices(places, undefined, 'each'),
  );
  const found = await database.$queryRaw<{ officeId: string }[]>`
    SELECT "officeId" FROM (${rows}) AS samples GROUP BY 1 ORDER BY sum("fromPeers" + "fromOrigin" + "fromLocal") DESC LIMIT ${limit}`;
  const moved = new Set(found.map(({ officeId }) => officeId));
  // Who moved nothing at all fills what is left.
  const rest = offices.filter(({ officeId }) => !moved.has(officeId)).slice(0, limit - moved.size);
  const shown = new Set([...moved, ...rest.map(({ officeId }) => officeId)]);
  return offices.filter(({ officeId }) => shown.has(officeId));
}

/** Triples by office: slot, bytes, bytes from the origin. A slot may come more than once. */
async function cellsOf(database: PrismaClient, range: SteppedRange, offices: Whose) {
  const rows = await sampleRows(database, range, offices);
  const slot = Prisma.sql`${stepNumber(Prisma.sql`"at"`, range.stepMs)}::int8 - ${range.fromMs / range.stepMs}::int8`;
  const found = await database.$queryRaw<Numbers[]>`
    SELECT "officeId", string_agg(
      (${slot})::text || ',' || ("fromPeers" + "fromOrigin" + "fromLocal")::text || ',' || "fromOrigin"::text, ','
    ) AS "numbers" FROM (${rows}) AS samples GROUP BY 1`;
  return numbersOf(found);
}

/** By office: the first and the last slot that a census counts for (only one where `isWhole`), and how many PCs were connected then. */
async function censusOf(database: PrismaClient, { fromMs, toMs, stepMs }: SteppedRange, offices: Whose) {
  const minutes = censusSteps.find((step) => step * MINUTE_MS <= stepMs) ?? censusSteps.at(-1)!;
  const lengthMs = minutes * MINUTE_MS;
  const atMs = Prisma.sql`date_part('epoch', "at") * 1000 - ${fromMs}::float8`;
  const first = Prisma.sql`greatest(0, floor((${atMs}) / ${stepMs}::float8)::int)::text`;
  const last = Prisma.sql`least(${(toMs - fromMs) / stepMs - 1}::int, ceil((${atMs} + ${lengthMs}::float8) / ${stepMs}::float8)::int - 1)::text`;
  // Slots of whole censuses, the usual ones, hold each in one: it need not be worked out a second time.
  const isWhole = stepMs % lengthMs === 0;
  const slots = isWhole ? first : Prisma.sql`${first} || ',' || ${last}`;
  const found = await database.$queryRaw<Numbers[]>`
    SELECT "officeId", string_agg(${slots} || ',' || "online"::text, ',') AS "numbers"
    FROM "OfficeCensus" WHERE "stepMinutes" = ${minutes} AND "at" > ${new Date(fromMs - lengthMs)} AND "at" < ${new Date(toMs)}
      AND ${ofOffices(Prisma.sql`"officeId"`, offices)} GROUP BY 1`;
  return { isWhole, of: numbersOf(found) };
}

function numbersOf(rows: readonly Numbers[]): Map<string, number[]> {
  return new Map(rows.map(({ officeId, numbers }) => [officeId, JSON.parse(`[${numbers}]`) as number[]]));
}

/** How many PCs were connected in each slot, at most. */
function reportingOf(census: readonly number[], slots: number, isWhole: boolean): number[] {
  const reporting = new Array<number>(slots).fill(0);
  const stride = isWhole ? 2 : 3;
  for (let at = 0; at < census.length; at += stride) {
    const online = census[at + stride - 1]!;
    for (let slot = census[at]!; slot <= census[at + stride - 2]!; slot++)
      reporting[slot] = Math.max(reporting[slot]!, online);
  }
  return reporting;
}

function lineOf(
  cells: readonly number[],
  reporting: number[],
): Pick<Throughput['offices'][number], 'bytes' | 'fromOrigin' | 'reporting'> {
  // Who is connected and sends no sample has moved nothing.
  const bytes: (number | null)[] = reporting.map((online) => (online > 0 ? 0 : null));
  const fromOrigin = [...bytes];
  for (let at = 0; at < cells.length; at += 3) {
    const slot = cells[at]!;
    bytes[slot] = exactSum(bytes[slot] ?? 0, cells[at + 1]!);
    fromOrigin[slot] = exactSum(fromOrigin[slot] ?? 0, cells[at + 2]!);
    // A sample is a report, whatever the census saw.
    reporting[slot] = Math.max(1, reporting[slot]!);
  }
  return { bytes, fromOrigin, reporting };
}

/** Deliveries by source of every office of the places that got any. */
export async function hitRatiosOf(
  database: PrismaClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  places: Places,
): Promise<HitRatios> {
  const [delivered, offices] = await Promise.all([
    deliveriesByOffice(database, { fromMs, toMs }, places),
    officeRows(database, undefined, places),
  ]);
  const rowsOf = new Map(offices.map((row) => [row.officeId, row]));
  return {
    fromMs,
    toMs,
    offices: delivered.flatMap(({ files: _, ...bytes }) => {
      const row = rowsOf.get(bytes.officeId);
      return row === undefined ? [] : [{ ...row, ...bytes }];
    }),
  };
}

function officeRows(
  database: PrismaClient,
  office: string | undefined,
  places: Places,
): Promise<(OfficeRow & { agentsOnline: number })[]> {
  return database.$queryRaw`
    SELECT o."id" AS "officeId", o."name" AS "officeName", o."region", count(a."id")::int AS "agentsTotal",
      (count(a."id") FILTER (WHERE a."online"))::int AS "agentsOnline"
    FROM "Office" o LEFT JOIN "Agent" a ON a."officeId" = o."id" AND a."revokedAt" IS NULL
    WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`o."id" = ${office}`} AND ${officeIn(Prisma.sql`o."id"`, places)}
    GROUP BY o."id" ORDER BY o."name"`;
}
