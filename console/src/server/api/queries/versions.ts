/** How many agents ran which version, over time and now. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { VersionSeries } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { stepNumber } from './sample-layers.ts';

interface CensusRow {
  atMs: number;
  version: string;
  agents: number;
}

/** Each step shows the last census in it. The census counts the whole fleet: whoever sees some offices only is told what runs there now. */
export async function versionsOf(
  database: PrismaClient,
  range: { fromMs: number; toMs: number; stepMs: number },
  places: Places,
): Promise<VersionSeries> {
  const { fromMs, toMs, stepMs } = range;
  const [rows, present] = await Promise.all([
    places !== 'everywhere'
      ? []
      : database.$queryRaw<CensusRow[]>`
      WITH last AS (
        SELECT ${stepNumber(Prisma.sql`"at"`, stepMs)} AS step, max("at") AS "at" FROM "VersionCensus"
        WHERE "at" >= ${new Date(fromMs)} AND "at" < ${new Date(toMs)} GROUP BY 1
      )
      SELECT (last.step * ${stepMs}::float8)::float8 AS "atMs", v."version", v."agents"
      FROM last JOIN "VersionCensus" v ON v."at" = last."at" ORDER BY 1`,
    database.$queryRaw<VersionSeries['present']>`
      SELECT a."version", count(*)::int AS "agents", (count(*) FILTER (WHERE a."online"))::int AS "online",
        count(blocked."agentId")::int AS "blocked"
      FROM "Agent" a
      LEFT JOIN (SELECT DISTINCT "agentId" FROM "AgentFolder" WHERE "state" = 'blocked') blocked ON blocked."agentId" = a."id"
      WHERE a."revokedAt" IS NULL AND ${officeIn(Prisma.sql`a."officeId"`, places)} GROUP BY 1`,
  ]);
  const versions = [...new Set([...present, ...rows].map(({ version }) => version))].sort(newestFirst);
  const columnOf = new Map(versions.map((version, column) => [version, column]));
  const points = new Map<number, number[]>();
  for (const { atMs, version, agents } of rows) {
    const counts = points.get(atMs) ?? versions.map(() => 0);
    counts[columnOf.get(version)!] = agents;
    points.set(atMs, counts);
  }
  return {
    fromMs,
    toMs,
    stepMs,
    versions,
    points: [...points].map(([atMs, agents]) => ({ atMs, agents })),
    present: present.sort((a, b) => newestFirst(a.version, b.version)),
  };
}

/** 0.10.0 before 0.9.0. */
function newestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}
