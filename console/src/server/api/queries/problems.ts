/** What is not right now, worked out from what is stored: nobody writes problems down, so none can be left standing. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { Problem, ProblemList, Severity } from '../../../api/schemas.ts';
import { folderIn, officeIn, officeWhere } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import type { BrokerFacts } from '../../publisher/broker-facts.ts';
import { ofAlarms, ofBlockedAgents, ofCertificates, ofSilentAgents } from './agent-problems.ts';
import { ofBatches, ofPausedRules, ofWaitingPcs } from './enrolment-problems.ts';
import { counted, type FoundProblems, MAX_PROBLEMS, problem, subject } from './found-problems.ts';

export interface ProblemPorts {
  database: PrismaClient;
  nowMs: number;
  broker: BrokerFacts;
}

/** Every problem there is in the places, worst and newest first. */
export async function listProblems({ database, nowMs, broker }: ProblemPorts, places: Places): Promise<ProblemList> {
  const sources = await Promise.all([
    ofNextclouds(database, places),
    ofFolders(database, places),
    ofSkippedFiles(database, places),
    ofShares(database, places),
    ofOffices(database, places),
    ofBlockedAgents(database, places),
    ofCertificates(database, nowMs, places),
    ofSilentAgents(database, nowMs, places),
    ofAlarms(database, nowMs, places),
    ofPausedRules(database, places),
    ofWaitingPcs(database, nowMs, places),
    ofBatches(database, nowMs, places),
  ]);
  const found = [ofServer(broker), ...sources.flat()];
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

function ofServer({ connected, kind, url, failure, rightsBehind }: BrokerFacts): FoundProblems {
  const broker = subject('server', 'broker', 'broker');
  const listed: Problem[] = [];
  if (!connected && kind === 'embedded')
    listed.push(problem('error', { code: 'broker.disconnected', subject: broker }));
  if (!connected && kind === 'external') {
    const params = { url, failure: failure ?? 'other' };
    listed.push(problem('error', { code: 'broker.external_unreachable', params, subject: broker }));
  }
  // Without a connection nobody can say, and the other one says enough.
  if (connected && rightsBehind !== null) {
    const facts = { params: { detail: rightsBehind.cause, url }, sinceAt: new Date(rightsBehind.sinceMs) };
    listed.push(problem('error', { code: 'broker.rights_behind', ...facts, subject: broker }));
  }
  return { listed };
}

async function ofNextclouds(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const offices = officeWhere(places);
  const rows = await database.nextcloud.findMany({
    where: {
      errorCode: { not: null },
      ...(offices === undefined ? {} : { folders: { some: { offices: { some: { officeId: offices } } } } }),
    },
  });
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

async function ofFolders(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const offices = officeWhere(places);
  const rows = await database.folder.findMany({
    where: { errorCode: { not: null }, ...(offices === undefined ? {} : { offices: { some: { officeId: offices } } }) },
  });
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

async function ofSkippedFiles(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<{ id: string; name: string; files: number; path: string; since: Date }[]>`
    SELECT f."id", f."name", count(*)::int AS files, min(p."path") AS path, min(p."at") AS since
    FROM "IndexProblem" p JOIN "Folder" f ON f."id" = p."folderId"
    WHERE ${folderIn(Prisma.sql`f."id"`, places)} GROUP BY f."id"`;
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

async function ofShares(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<ShareRow[]>`
    SELECT fo."folderId", fo."officeId", f."name" AS folder, o."name" AS office, fo."errorCode", fo."errorDetail",
      (count(*) OVER ())::int AS total
    FROM "FolderOffice" fo JOIN "Folder" f ON f."id" = fo."folderId" JOIN "Office" o ON o."id" = fo."officeId"
    WHERE fo."errorCode" IS NOT NULL AND ${officeIn(Prisma.sql`fo."officeId"`, places)} ORDER BY f."name", o."name" LIMIT ${MAX_PROBLEMS}`;
  return counted(rows, 'error', ({ folderId, officeId, folder, office, errorCode, errorDetail }) => ({
    code: errorCode,
    params: { detail: errorDetail ?? '', office },
    subject: subject('folder', folderId, folder),
    related: subject('office', officeId, office),
  }));
}

async function ofOffices(database: PrismaClient, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<{ id: string; name: string; agents: number; since: Date | null }[]>`
    SELECT o."id", o."name", count(*)::int AS agents, max(a."lastSeenAt") AS since
    FROM "Office" o JOIN "Agent" a ON a."officeId" = o."id" AND a."revokedAt" IS NULL
    WHERE ${officeIn(Prisma.sql`o."id"`, places)} GROUP BY o."id" HAVING NOT bool_or(a."online")`;
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
