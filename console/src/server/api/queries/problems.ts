/** What is not right now, worked out from what is stored: nobody writes problems down, so none can be left standing. */
import { errorCodes } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { Problem, ProblemList, Severity, Subject } from '../../../api/schemas.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Certificates are renewed at half their life of 90 days; one that is this near to its end is not being renewed. */
const CERTIFICATE_SOON_MS = 14 * DAY_MS;
/** A PC that was not heard of for so long is gone, or its agent broken: longer than holidays of a week. */
const SILENT_MS = 10 * DAY_MS;
/** Rejected chains and distrusted neighbours stay in the list this long after they happened. */
const RECENT_MS = DAY_MS;
const MAX_PROBLEMS = 1000;

export interface ProblemPorts {
  database: PrismaClient;
  nowMs: number;
  brokerConnected: boolean;
}

/** Every problem there is, worst and newest first. */
export async function listProblems(ports: ProblemPorts): Promise<ProblemList> {
  const found = await Promise.all([
    ofServer(ports),
    ofNextclouds(ports),
    ofFolders(ports),
    ofShares(ports),
    ofOffices(ports),
    ofBlockedAgents(ports),
    ofQuietAgents(ports),
    ofEvents(ports),
  ]);
  const problems = found.flat().sort(worstFirst);
  const count = (severity: Severity) => problems.filter((problem) => problem.severity === severity).length;
  return {
    problems: problems.slice(0, MAX_PROBLEMS),
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
  };
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

function worstFirst(a: Problem, b: Problem): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (b.sinceMs ?? 0) - (a.sinceMs ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

type Facts = Omit<Problem, 'id' | 'related' | 'params' | 'sinceMs'> &
  Partial<Pick<Problem, 'related' | 'params'>> & { sinceAt?: Date | null };

/** Its id is what it is about, so it is the same for as long as it lasts. */
function problem({ sinceAt, params = {}, related = null, ...facts }: Facts): Problem {
  const parts = [facts.code, facts.subject.kind, facts.subject.id, ...(related === null ? [] : [related.id])];
  return { id: parts.join('/'), ...facts, params, related, sinceMs: sinceAt?.getTime() ?? null };
}

const subject = (kind: Subject['kind'], id: string, name: string): Subject => ({ kind, id, name });

function ofServer({ brokerConnected }: ProblemPorts): Problem[] {
  if (brokerConnected) return [];
  return [problem({ severity: 'error', code: 'broker.disconnected', subject: subject('server', 'broker', 'broker') })];
}

async function ofNextclouds({ database }: ProblemPorts): Promise<Problem[]> {
  const rows = await database.nextcloud.findMany({ where: { errorCode: { not: null } } });
  return rows.map(({ id, name, url, errorCode, errorDetail, checkedAt }) =>
    problem({
      severity: 'error',
      code: errorCode ?? '',
      params: { detail: errorDetail ?? '', url },
      subject: subject('nextcloud', id, name),
      sinceAt: checkedAt,
    }),
  );
}

async function ofFolders({ database }: ProblemPorts): Promise<Problem[]> {
  const [folders, skipped] = await Promise.all([
    database.folder.findMany({ where: { errorCode: { not: null } } }),
    database.$queryRaw<{ id: string; name: string; files: number; path: string; since: Date }[]>`
      SELECT f."id", f."name", count(*)::int AS files, min(p."path") AS path, min(p."at") AS since
      FROM "IndexProblem" p JOIN "Folder" f ON f."id" = p."folderId" GROUP BY f."id"`,
  ]);
  return [
    ...folders.map(({ id, name, errorCode, errorDetail, indexedAt }) =>
      problem({
        severity: 'error',
        code: errorCode ?? '',
        params: { detail: errorDetail ?? '' },
        subject: subject('folder', id, name),
        sinceAt: indexedAt,
      }),
    ),
    ...skipped.map(({ id, name, files, path, since }) =>
      problem({
        severity: 'warning',
        code: 'folder.files_skipped',
        params: { count: files, path },
        subject: subject('folder', id, name),
        sinceAt: since,
      }),
    ),
  ];
}

async function ofShares({ database }: ProblemPorts): Promise<Problem[]> {
  const rows = await database.folderOffice.findMany({
    where: { errorCode: { not: null } },
    include: { folder: { select: { name: true } }, office: { select: { name: true } } },
    take: MAX_PROBLEMS,
  });
  return rows.map(({ folderId, officeId, folder, office, errorCode, errorDetail }) =>
    problem({
      severity: 'error',
      code: errorCode ?? '',
      params: { detail: errorDetail ?? '', office: office.name },
      subject: subject('folder', folderId, folder.name),
      related: subject('office', officeId, office.name),
    }),
  );
}

async function ofOffices({ database }: ProblemPorts): Promise<Problem[]> {
  const rows = await database.$queryRaw<{ id: string; name: string; agents: number; since: Date | null }[]>`
    SELECT o."id", o."name", count(*)::int AS agents, max(a."lastSeenAt") AS since
    FROM "Office" o JOIN "Agent" a ON a."officeId" = o."id" AND a."revokedAt" IS NULL
    GROUP BY o."id" HAVING NOT bool_or(a."online")`;
  return rows.map(({ id, name, agents, since }) =>
    problem({
      severity: 'warning',
      code: 'office.nobody_online',
      params: { count: agents },
      subject: subject('office', id, name),
      sinceAt: since,
    }),
  );
}

interface BlockedRow {
  id: string;
  hostname: string;
  folderId: string;
  folder: string;
  reason: string | null;
  since: Date | null;
}

async function ofBlockedAgents({ database }: ProblemPorts): Promise<Problem[]> {
  const rows = await database.$queryRaw<BlockedRow[]>`
    WITH blocked AS (
      SELECT a."id", a."hostname", x->>'id' AS folder_id, x->>'reason' AS reason, a."reportedAt"
      FROM "Agent" a, jsonb_array_elements(a."reported"->'folders') x
      WHERE a."revokedAt" IS NULL AND x->>'state' = 'blocked' LIMIT ${MAX_PROBLEMS}
    )
    SELECT b."id", b."hostname", f."id" AS "folderId", f."name" AS folder, b.reason,
      coalesce((
        SELECT max(e."at") FROM "AgentEvent" e
        WHERE e."agentId" = b."id" AND e."kind" = 'folder.blocked' AND e."folderId" = b.folder_id
      ), b."reportedAt") AS since
    FROM blocked b JOIN "Folder" f ON f."id" = b.folder_id`;
  return rows.map(({ id, hostname, folderId, folder, reason, since }) =>
    problem({
      severity: 'error',
      code: reason !== null && reason in errorCodes ? reason : 'internal.unexpected',
      params: { detail: reason ?? '', folder },
      subject: subject('agent', id, hostname),
      related: subject('folder', folderId, folder),
      sinceAt: since,
    }),
  );
}

async function ofQuietAgents({ database, nowMs }: ProblemPorts): Promise<Problem[]> {
  const [ending, silent] = await Promise.all([
    database.agent.findMany({
      where: { revokedAt: null, certificateEndsAt: { lt: new Date(nowMs + CERTIFICATE_SOON_MS) } },
      select: { id: true, hostname: true, certificateEndsAt: true },
      orderBy: { certificateEndsAt: 'asc' },
      take: MAX_PROBLEMS,
    }),
    database.agent.findMany({
      where: { revokedAt: null, online: false, lastSeenAt: { lt: new Date(nowMs - SILENT_MS) } },
      select: { id: true, hostname: true, lastSeenAt: true },
      orderBy: { lastSeenAt: 'desc' },
      take: MAX_PROBLEMS,
    }),
  ]);
  return [
    ...ending.map(({ id, hostname, certificateEndsAt }) =>
      problem({
        severity: certificateEndsAt.getTime() < nowMs ? 'error' : 'warning',
        code: 'agent.certificate_ending',
        params: { endsAtMs: certificateEndsAt.getTime() },
        subject: subject('agent', id, hostname),
      }),
    ),
    ...silent.map(({ id, hostname, lastSeenAt }) =>
      problem({
        severity: 'info',
        code: 'agent.silent',
        params: { lastSeenAtMs: lastSeenAt?.getTime() ?? 0 },
        subject: subject('agent', id, hostname),
        sinceAt: lastSeenAt,
      }),
    ),
  ];
}

interface EventSumRow {
  id: string;
  hostname: string;
  kind: string;
  folderId: string | null;
  folder: string | null;
  times: number;
  code: string | null;
  since: Date;
}

async function ofEvents({ database, nowMs }: ProblemPorts): Promise<Problem[]> {
  const rows = await database.$queryRaw<EventSumRow[]>`
    SELECT a."id", a."hostname", e."kind", e."folderId", f."name" AS folder, count(*)::int AS times,
      max(e."body"->>'code') AS code, min(e."at") AS since
    FROM "AgentEvent" e JOIN "Agent" a ON a."id" = e."agentId" LEFT JOIN "Folder" f ON f."id" = e."folderId"
    WHERE e."at" > ${new Date(nowMs - RECENT_MS)} AND e."kind" IN ('chain.rejected', 'peer.distrusted')
    GROUP BY a."id", e."kind", e."folderId", f."name" LIMIT ${MAX_PROBLEMS}`;
  return rows.map(({ id, hostname, kind, folderId, folder, times, code, since }) =>
    problem({
      severity: kind === 'chain.rejected' ? 'error' : 'warning',
      code: kind === 'chain.rejected' ? 'agent.chain_rejected' : 'agent.peer_distrusted',
      params: { count: times, code: code ?? '', folder: folder ?? '' },
      subject: subject('agent', id, hostname),
      related: folderId === null ? null : subject('folder', folderId, folder ?? folderId),
      sinceAt: since,
    }),
  );
}
