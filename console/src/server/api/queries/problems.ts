/** What is not right now, worked out from what is stored: nobody writes problems down, so none can be left standing. */
import type { PrismaClient } from '@harp/prisma';
import type { Problem, ProblemList, Severity } from '../../../api/schemas.ts';
import { ofAlarms, ofBlockedAgents, ofCertificates, ofSilentAgents } from './agent-problems.ts';
import { counted, type FoundProblems, MAX_PROBLEMS, problem, subject } from './found-problems.ts';

export interface ProblemPorts {
  database: PrismaClient;
  nowMs: number;
  brokerConnected: boolean;
}

/** Every problem there is, worst and newest first. */
export async function listProblems({ database, nowMs, brokerConnected }: ProblemPorts): Promise<ProblemList> {
  const sources = await Promise.all([
    ofNextclouds(database),
    ofFolders(database),
    ofSkippedFiles(database),
    ofShares(database),
    ofOffices(database),
    ofBlockedAgents(database),
    ofCertificates(database, nowMs),
    ofSilentAgents(database, nowMs),
    ofAlarms(database, nowMs),
  ]);
  const found = [ofServer(brokerConnected), ...sources.flat()];
  const problems = found.flatMap(({ listed }) => listed).sort(worstFirst);
  const count = (severity: Severity) =>
    problems.filter((each) => each.severity === severity).length +
    found.reduce((sum, { unlisted = {} }) => sum + (unlisted[severity] ?? 0), 0);
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

function ofServer(brokerConnected: boolean): FoundProblems {
  const broker = { code: 'broker.disconnected', subject: subject('server', 'broker', 'broker') };
  return { listed: brokerConnected ? [] : [problem('error', broker)] };
}

async function ofNextclouds(database: PrismaClient): Promise<FoundProblems> {
  const rows = await database.nextcloud.findMany({ where: { errorCode: { not: null } } });
  return {
    listed: rows.map(({ id, name, url, errorCode, errorDetail, checkedAt }) =>
      problem('error', {
        code: errorCode ?? '',
        params: { detail: errorDetail ?? '', url },
        subject: subject('nextcloud', id, name),
        sinceAt: checkedAt,
      }),
    ),
  };
}

async function ofFolders(database: PrismaClient): Promise<FoundProblems> {
  const rows = await database.folder.findMany({ where: { errorCode: { not: null } } });
  return {
    listed: rows.map(({ id, name, errorCode, errorDetail, indexedAt }) =>
      problem('error', {
        code: errorCode ?? '',
        params: { detail: errorDetail ?? '' },
        subject: subject('folder', id, name),
        sinceAt: indexedAt,
      }),
    ),
  };
}

async function ofSkippedFiles(database: PrismaClient): Promise<FoundProblems> {
  const rows = await database.$queryRaw<{ id: string; name: string; files: number; path: string; since: Date }[]>`
    SELECT f."id", f."name", count(*)::int AS files, min(p."path") AS path, min(p."at") AS since
    FROM "IndexProblem" p JOIN "Folder" f ON f."id" = p."folderId" GROUP BY f."id"`;
  return {
    listed: rows.map(({ id, name, files, path, since }) =>
      problem('warning', {
        code: 'folder.files_skipped',
        params: { count: files, path },
        subject: subject('folder', id, name),
        sinceAt: since,
      }),
    ),
  };
}

interface ShareRow {
  folderId: string;
  officeId: string;
  folder: string;
  office: string;
  errorCode: string;
  errorDetail: string | null;
  total: number;
}

async function ofShares(database: PrismaClient): Promise<FoundProblems> {
  const rows = await database.$queryRaw<ShareRow[]>`
    SELECT fo."folderId", fo."officeId", f."name" AS folder, o."name" AS office, fo."errorCode", fo."errorDetail",
      (count(*) OVER ())::int AS total
    FROM "FolderOffice" fo JOIN "Folder" f ON f."id" = fo."folderId" JOIN "Office" o ON o."id" = fo."officeId"
    WHERE fo."errorCode" IS NOT NULL ORDER BY f."name", o."name" LIMIT ${MAX_PROBLEMS}`;
  return counted(rows, 'error', ({ folderId, officeId, folder, office, errorCode, errorDetail }) => ({
    code: errorCode,
    params: { detail: errorDetail ?? '', office },
    subject: subject('folder', folderId, folder),
    related: subject('office', officeId, office),
  }));
}

async function ofOffices(database: PrismaClient): Promise<FoundProblems> {
  const rows = await database.$queryRaw<{ id: string; name: string; agents: number; since: Date | null }[]>`
    SELECT o."id", o."name", count(*)::int AS agents, max(a."lastSeenAt") AS since
    FROM "Office" o JOIN "Agent" a ON a."officeId" = o."id" AND a."revokedAt" IS NULL
    GROUP BY o."id" HAVING NOT bool_or(a."online")`;
  return {
    listed: rows.map(({ id, name, agents, since }) =>
      problem('warning', {
        code: 'office.nobody_online',
        params: { count: agents },
        subject: subject('office', id, name),
        sinceAt: since,
      }),
    ),
  };
}
