/** How far the PCs of a batch are on their way in, and what each of those waits for that is not there yet. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { type EnrolmentFunnel, funnelSteps } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import { isIn, type Places } from '../../access/rights.ts';
import { notFound } from '../errors.ts';
import { atMsOrNull } from './instants.ts';

/** PCs that one step lists. */
const LISTED = 100;

interface StuckRow {
  level: number;
  total: number;
  id: string;
  hostname: string;
  cause: string;
  since: Date | null;
}

/**
 * The funnel of the PCs that came with a token, or of all that asked. A PC is at the last step it reached: 1 contacted, 2 token, 3 identity, 4 approved,
 * 5 policy, 6 lan.
 *
 * @throws {HarpError} `api.not_found` for a token that is none of the places
 */
export async function enrolmentFunnel(
  database: PrismaClient,
  token: string | undefined,
  places: Places,
): Promise<EnrolmentFunnel> {
  const expected = token === undefined ? null : await expectedOf(database, token, places);
  const [ofRequest, ofAgent] =
    token === undefined
      ? [Prisma.sql`true`, Prisma.sql`EXISTS (SELECT FROM "EnrolmentRequest" r WHERE r."agentId" = "Agent"."id")`]
      : [Prisma.sql`"tokenId" = ${token}`, Prisma.sql`"tokenId" = ${token}`];
  const rows = await database.$queryRaw<StuckRow[]>`
    WITH pcs AS (
      SELECT coalesce(a."id", e."agentId") AS "id", coalesce(a."hostname", e."hostname") AS "hostname", e."state", e."cause", e."decidedAt",
        coalesce(e."createdAt", a."enrolledAt") AS "since", a."id" IS NOT NULL AS "isAgent", a."online", a."reportedAt", a."lastSeenAt",
        coalesce((a."reported"->>'desiredRevision')::int, -1) >= a."desiredRevision" AS "isCurrent",
        jsonb_array_length(coalesce(a."reported"->'peers', '[]')) AS "peers",
        EXISTS (SELECT FROM "Delivery" d WHERE d."agentId" = a."id" AND d."fromPeers" > 0) AS "hasLan",
        (SELECT min(coalesce(k."reason", 'internal.unexpected')) FROM "AgentFolder" k WHERE k."agentId" = a."id" AND k."state" = 'blocked') AS "blockedBy"
      FROM (SELECT * FROM "EnrolmentRequest" WHERE ${ofRequest} AND ${officeIn(Prisma.sql`"officeId"`, places)}) e
      FULL JOIN (SELECT * FROM "Agent" WHERE ${ofAgent} AND "revokedAt" IS NULL AND ${officeIn(Prisma.sql`"officeId"`, places)}) a
        ON a."id" = e."agentId"
    ), placed AS (
      SELECT *, CASE
        WHEN "isAgent" AND "hasLan" THEN 6
        WHEN "isAgent" AND "reportedAt" IS NOT NULL AND "isCurrent" THEN 5
        WHEN "isAgent" OR "state" IN ('approved', 'enrolled') THEN 4
        WHEN "state" = 'refused' THEN 1
        WHEN "state" = 'blocked' OR "cause" IN ('enrolment.code_needed', 'enrolment.code_mismatch', 'enrolment.duplicate') THEN 2
        ELSE 3 END AS "level"
      FROM pcs
    ), reasoned AS (
      SELECT "level", "id", "hostname", "since", CASE
        WHEN "level" = 5 AND "blockedBy" IS NOT NULL THEN "blockedBy"
        WHEN "level" = 5 AND "peers" = 0 THEN 'enrolment.no_peers'
        WHEN "level" = 5 THEN 'enrolment.nothing_from_lan'
        WHEN "level" = 4 AND NOT "isAgent" AND "state" = 'approved' THEN 'enrolment.not_fetched'
        WHEN "level" = 4 AND NOT "isAgent" THEN 'enrolment.agent_gone'
        WHEN "level" = 4 AND NOT "online" THEN 'enrolment.offline'
        WHEN "level" = 4 THEN 'enrolment.not_reported'
        WHEN "state" IN ('blocked', 'rejected') THEN 'enrolment.' || "state"
        ELSE coalesce("cause", 'enrolment.approval_needed') END AS "cause",
        count(*) OVER (PARTITION BY "level")::int AS "total", row_number() OVER (PARTITION BY "level" ORDER BY "since", "id") AS "place"
      FROM placed
    )
    SELECT "level", "total", "id", "hostname", "cause", "since" FROM reasoned
    WHERE "place" <= ${LISTED} ORDER BY "level", "place"`;
  const totals = new Map(rows.map(({ level, total }) => [level, total]));
  return {
    expected,
    steps: funnelSteps.map((step, index) => {
      const level = index + 1;
      const isLast = level === funnelSteps.length;
      return {
        step,
        reached: [...totals].reduce((sum, [each, total]) => sum + (each >= level ? total : 0), 0),
        stuck: isLast ? 0 : (totals.get(level) ?? 0),
        some: isLast
          ? []
          : rows
              .filter((row) => row.level === level)
              .map(({ id, hostname, cause, since }) => ({ id, hostname, cause, sinceMs: atMsOrNull(since) })),
      };
    }),
  };
}

async function expectedOf(database: PrismaClient, token: string, places: Places): Promise<number | null> {
  const row = await database.enrolmentToken.findUnique({
    where: { id: token },
    select: { expected: true, officeId: true },
  });
  if (row === null || (places !== 'everywhere' && (row.officeId === null || !isIn(places, row.officeId))))
    throw notFound('token', token);
  return row.expected;
}
