/** What is not right with letting PCs in: rules whose brake took hold, PCs that nobody decides of, batches that ended too early. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { counted, type FoundProblems, MAX_PROBLEMS, problem, subject } from './found-problems.ts';

/** Whoever stands before a PC has gone to get coffee; after this they have gone home. */
const WAITING_LONG_MS = 3_600_000;
/** What ended longer ago is history, not a problem. */
const RECENT_MS = 30 * 86_400_000;

/** Rules that let nobody in until a person lets go of their brake; of everybody, so only whoever sees everything sees them. */
export async function ofPausedRules(database: PrismaClient, places: Places): Promise<FoundProblems> {
  if (places !== 'everywhere') return { listed: [] };
  const rows = await database.enrolmentRule.findMany({ where: { pausedAt: { not: null }, enabled: true } });
  return {
    listed: rows.map(({ id, name, pausedAt, pausedCause, cap, perMinute }) =>
      problem('warning', {
        code: 'enrolment.rule_paused',
        params: { why: pausedCause ?? '', limit: pausedCause === 'cap' ? (cap ?? 0) : perMinute },
        subject: subject('rule', id, name),
        sinceAt: pausedAt,
      }),
    ),
  };
}

/** PCs that have been waiting for more than an hour, together: one after another they would be noise. */
export async function ofWaitingPcs(database: PrismaClient, nowMs: number, places: Places): Promise<FoundProblems> {
  const [row] = await database.$queryRaw<{ pcs: number; since: Date | null }[]>`
    SELECT count(*)::int AS pcs, min("createdAt") AS since FROM "EnrolmentRequest"
    WHERE "state" = 'waiting' AND "createdAt" < ${new Date(nowMs - WAITING_LONG_MS)} AND ${officeIn(Prisma.sql`"officeId"`, places)}`;
  if (row === undefined || row.pcs === 0) return { listed: [] };
  return {
    listed: [
      problem('warning', {
        code: 'enrolment.waiting_long',
        params: { count: row.pcs },
        subject: subject('enrolment', 'waiting', 'Enrolment'),
        sinceAt: row.since,
      }),
    ],
  };
}

/** Batches that are past their end and not complete, and that nobody closed. */
export async function ofBatches(database: PrismaClient, nowMs: number, places: Places): Promise<FoundProblems> {
  const rows = await database.$queryRaw<
    { id: string; name: string; used: number; expected: number; endedAt: Date; total: number }[]
  >`
    SELECT "id", "name", "used", "expected", "expiresAt" AS "endedAt", (count(*) OVER ())::int AS total FROM "EnrolmentToken"
    WHERE "expected" IS NOT NULL AND "used" < "expected" AND "revokedAt" IS NULL AND "expiresAt" <= ${new Date(nowMs)}
      AND "expiresAt" > ${new Date(nowMs - RECENT_MS)} AND ${officeIn(Prisma.sql`"officeId"`, places)}
    ORDER BY "expiresAt" DESC, "id" LIMIT ${MAX_PROBLEMS}`;
  return counted(rows, 'warning', ({ id, name, used, expected, endedAt }) => ({
    code: 'enrolment.batch_incomplete',
    params: { count: used, expected },
    subject: subject('batch', id, name === '' ? id : name),
    sinceAt: endedAt,
  }));
}
