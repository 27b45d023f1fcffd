/** What is not right with single PCs. */
import { errorCodes } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { counted, type FoundProblems, MAX_PROBLEMS, subject } from './found-problems.ts';

const DAY_MS = 24 * 3_600_000;

/** Certificates are renewed at half their life of 90 days; one that is this near to its end is not being renewed. */
const CERTIFICATE_SOON_MS = 14 * DAY_MS;
/** A PC that was not heard of for so long is gone, or its agent broken: longer than holidays of a week. */
const SILENT_MS = 10 * DAY_MS;
/** Rejected chains and distrusted neighbours stay in the list this long after they happened. */
const RECENT_MS = DAY_MS;

interface PcRow {
  id: string;
  hostname: string;
  total: number;
}

/** PCs that cannot go on with a folder. */
export async function ofBlockedAgents(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<
    (PcRow & { folderId: string; folder: string; reason: string | null; since: Date | null })[]
  >`
    SELECT a."id", a."hostname", f."id" AS "folderId", f."name" AS folder, k."reason", k."since", (count(*) OVER ())::int AS total
    FROM "AgentFolder" k JOIN "Agent" a ON a."id" = k."agentId" AND a."revokedAt" IS NULL JOIN "Folder" f ON f."id" = k."folderId"
    WHERE k."state" = 'blocked' AND ${officeIn(Prisma.sql`a."officeId"`, places)} ORDER BY k."since" DESC NULLS LAST, a."id" LIMIT ${MAX_PROBLEMS}`;
  return counted(rows, 'error', ({ id, hostname, folderId, folder, reason, since }) => ({
    code: reason !== null && reason in errorCodes ? reason : 'internal.unexpected',
    params: { detail: reason ?? '', folder },
    subject: subject('agent', id, hostname),
    related: subject('folder', folderId, folder),
    sinceAt: since,
  }));
}

/** PCs whose certificate ends soon and is not being renewed, and those it ended for. */
export async function ofCertificates(database: PrismaClient, nowMs: number, places: Places): Promise<FoundProblems[]> {
  const [now, soon] = [new Date(nowMs), new Date(nowMs + CERTIFICATE_SOON_MS)];
  const rows = await database.$queryRaw<(PcRow & { endsAt: Date; hasEnded: boolean })[]>`
    SELECT * FROM (
      SELECT "id", "hostname", "certificateEndsAt" AS "endsAt", "certificateEndsAt" < ${now} AS "hasEnded",
        (count(*) OVER (PARTITION BY "certificateEndsAt" < ${now}))::int AS total
      FROM "Agent" WHERE "revokedAt" IS NULL AND "certificateEndsAt" < ${soon} AND ${officeIn(Prisma.sql`"officeId"`, places)}
    ) ending ORDER BY "endsAt" LIMIT ${MAX_PROBLEMS}`;
  const problemOf = ({ id, hostname, endsAt }: (typeof rows)[number]) => ({
    code: 'agent.certificate_ending',
    params: { endsAtMs: endsAt.getTime() },
    subject: subject('agent', id, hostname),
  });
  return [
    counted(
      rows.filter(({ hasEnded }) => hasEnded),
      'error',
      problemOf,
    ),
    counted(
      rows.filter(({ hasEnded }) => !hasEnded),
      'warning',
      problemOf,
    ),
  ];
}

/** PCs that nothing was heard of for long. */
export async function ofSilentAgents(database: PrismaClient, nowMs: number, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<(PcRow & { lastSeenAt: Date })[]>`
    SELECT "id", "hostname", "lastSeenAt", (count(*) OVER ())::int AS total FROM "Agent"
    WHERE "revokedAt" IS NULL AND NOT "online" AND "lastSeenAt" < ${new Date(nowMs - SILENT_MS)}
      AND ${officeIn(Prisma.sql`"officeId"`, places)}
    ORDER BY "lastSeenAt" DESC LIMIT ${MAX_PROBLEMS}`;
  return counted(rows, 'info', ({ id, hostname, lastSeenAt }) => ({
    code: 'agent.silent',
    params: { lastSeenAtMs: lastSeenAt.getTime() },
    subject: subject('agent', id, hostname),
    sinceAt: lastSeenAt,
  }));
}

interface AlarmRow extends PcRow {
  folderId: string | null;
  folder: string | null;
  times: number;
  code: string | null;
  since: Date;
}

const alarms = {
  'chain.rejected': { severity: 'error', code: 'agent.chain_rejected' },
  'peer.distrusted': { severity: 'warning', code: 'agent.peer_distrusted' },
} as const;

/** What agents raised an alarm about in the last day. The two kinds stand in an index of their own: other events are a thousand times as many. */
export async function ofAlarms(database: PrismaClient, nowMs: number, places: Places): Promise<FoundProblems[]> {
  const since = new Date(nowMs - RECENT_MS);
  const found = await Promise.all(
    (Object.keys(alarms) as (keyof typeof alarms)[]).map(async (kind) => {
      const rows = await database.$queryRaw<AlarmRow[]>`
        SELECT a."id", a."hostname", e."folderId", f."name" AS folder, count(*)::int AS times, max(e."body"->>'code') AS code,
          min(e."at") AS since, (count(*) OVER ())::int AS total
        FROM "AgentEvent" e JOIN "Agent" a ON a."id" = e."agentId" LEFT JOIN "Folder" f ON f."id" = e."folderId"
        WHERE e."at" > ${since} AND e."kind" IN ('chain.rejected', 'peer.distrusted') AND e."kind" = ${kind}
          AND ${officeIn(Prisma.sql`a."officeId"`, places)}
        GROUP BY a."id", e."folderId", f."name" ORDER BY min(e."at") DESC, a."id" LIMIT ${MAX_PROBLEMS}`;
      return { rows, ...alarms[kind] };
    }),
  );
  return found.map(({ rows, severity, code: told }) =>
    counted(rows, severity, ({ id, hostname, folderId, folder, times, code, since: first }) => ({
      code: told,
      params: { count: times, code: code ?? '', folder: folder ?? '' },
      subject: subject('agent', id, hostname),
      related: folderId === null ? null : subject('folder', folderId, folder ?? folderId),
      sinceAt: first,
    })),
  );
}
