/** The heat map: bytes of every office in every slot, with how many PCs were connected, so that silence and rest can be told apart. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { HitRatios, Throughput } from '../../../api/schemas.ts';
import { deliveriesByOffice } from './deliveries.ts';
import { type SteppedRange, sampleRows, stepNumber } from './sample-layers.ts';

/** The census is taken every five minutes; a shorter slot shows the one of its five minutes. */
const CENSUS_MS = 5 * 60_000;
/** Cells of one answer: three numbers each, a megabyte of JSON. */
const MAX_CELLS = 120_000;

interface OfficeRow {
  officeId: string;
  officeName: string;
  region: string | null;
  agentsTotal: number;
}

/** Lists travel as JSON, which is read at once; in no order, but all of a row in the same. A slot may come more than once. */
interface Cells {
  officeId: string;
  slots: number[];
  bytes: number[];
  fromOrigin: number[];
}

interface Counts {
  officeId: string;
  atMs: number[];
  online: number[];
}

/**
 * The offices that moved most, at most `limit`, by name. Slots begin at multiples of the step, so the first may begin before the range asked for.
 *
 * @throws {HarpError} `api.invalid` if that is more than an answer holds
 */
export async function throughputOf(
  database: PrismaClient,
  { limit, ...asked }: SteppedRange & { limit: number },
): Promise<Throughput> {
  const { office, stepMs } = asked;
  const fromMs = Math.floor(asked.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(asked.toMs / stepMs) * stepMs;
  const slots = (toMs - fromMs) / stepMs;
  const rows = await sampleRows(database, { office, fromMs, toMs, stepMs }, { byOffice: true });
  const ofOffice = office === undefined ? Prisma.sql`true` : Prisma.sql`"officeId" = ${office}`;
  const [offices, cells, counts] = await Promise.all([
    officeRows(database, office),
    database.$queryRaw<Cells[]>`
      SELECT "officeId", json_agg(${stepNumber(Prisma.sql`"at"`, stepMs)} - ${fromMs / stepMs}::float8) AS "slots",
        json_agg("fromPeers" + "fromOrigin" + "fromLocal") AS "bytes", json_agg("fromOrigin") AS "fromOrigin"
      FROM (${rows}) AS samples GROUP BY 1`,
    database.$queryRaw<Counts[]>`
      SELECT "officeId", json_agg(date_part('epoch', "at") * 1000) AS "atMs", json_agg("online") AS "online"
      FROM "OfficeCensus" WHERE "at" >= ${new Date(fromMs - CENSUS_MS)} AND "at" < ${new Date(toMs)} AND ${ofOffice} GROUP BY 1`,
  ]);
  const cellsOf = new Map(cells.map((row) => [row.officeId, row]));
  const countsOf = new Map(counts.map((row) => [row.officeId, row]));
  const moved = (row: OfficeRow) => cellsOf.get(row.officeId)?.bytes.reduce((sum, bytes) => sum + bytes, 0) ?? 0;
  const chosen = offices
    .map((row) => ({ row, total: moved(row) }))
    .sort((a, b) => b.total - a.total)
    .slice(0, limit)
    .map(({ row }) => row)
    .sort((a, b) => (a.officeName < b.officeName ? -1 : 1));
  if (chosen.length * slots > MAX_CELLS)
    throw new HarpError('api.invalid', `more than ${MAX_CELLS} cells: ask for fewer offices or longer steps`);
  const place = { fromMs, stepMs, slots };
  return {
    fromMs,
    toMs,
    stepMs,
    slots,
    officesTotal: offices.length,
    offices: chosen.map((row) => ({ ...row, ...lineOf(cellsOf.get(row.officeId), countsOf.get(row.officeId), place) })),
  };
}

function lineOf(
  cells: Cells | undefined,
  counts: Counts | undefined,
  { fromMs, stepMs, slots }: { fromMs: number; stepMs: number; slots: number },
): Pick<Throughput['offices'][number], 'bytes' | 'fromOrigin' | 'reporting'> {
  const reporting = new Array<number>(slots).fill(0);
  for (const [index, atMs] of counts?.atMs.entries() ?? []) {
    const first = Math.max(0, Math.floor((atMs - fromMs) / stepMs));
    const last = Math.min(slots - 1, Math.ceil((atMs + CENSUS_MS - fromMs) / stepMs) - 1);
    for (let slot = first; slot <= last; slot++) reporting[slot] = Math.max(reporting[slot]!, counts!.online[index]!);
  }
  // Who is connected and sends no sample has moved nothing.
  const bytes: (number | null)[] = reporting.map((online) => (online > 0 ? 0 : null));
  const fromOrigin = [...bytes];
  for (const [index, slot] of cells?.slots.entries() ?? []) {
    if (slot < 0 || slot >= slots) continue;
    bytes[slot] = (bytes[slot] ?? 0) + cells!.bytes[index]!;
    fromOrigin[slot] = (fromOrigin[slot] ?? 0) + cells!.fromOrigin[index]!;
    // A sample is a report, whatever the census saw.
    reporting[slot] = Math.max(1, reporting[slot]!);
  }
  return { bytes, fromOrigin, reporting };
}

/** Deliveries by source of every office that got any. */
export async function hitRatiosOf(
  database: PrismaClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<HitRatios> {
  const [delivered, offices] = await Promise.all([
    deliveriesByOffice(database, { fromMs, toMs }),
    officeRows(database, undefined),
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
): Promise<(OfficeRow & { agentsOnline: number })[]> {
  return database.$queryRaw`
    SELECT o."id" AS "officeId", o."name" AS "officeName", o."region", count(a."id")::int AS "agentsTotal",
      (count(a."id") FILTER (WHERE a."online"))::int AS "agentsOnline"
    FROM "Office" o LEFT JOIN "Agent" a ON a."officeId" = o."id" AND a."revokedAt" IS NULL
    WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`o."id" = ${office}`} GROUP BY o."id" ORDER BY o."name"`;
}
