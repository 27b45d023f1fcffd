/** Agents as the API shows them. What an agent reported of itself is taken out of its document by the database, never whole. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { AgentDetail, AgentPage, AgentSummary } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { newestEvents } from './events.ts';
import { atMs, atMsOrNull } from './instants.ts';
import { sumsBySource } from './sums.ts';

type FolderState = AgentSummary['folders'][number];

/** A summary as it comes from the database: folders as they were reported, which ingest checked. */
type StoredSummary = Omit<AgentSummary, 'folders'> & {
  folders: (Omit<FolderState, 'reason'> & { reason?: string | null })[];
};

const ReportedDocument = z.record(z.string(), z.unknown());

/** Events that the details of an agent show. */
const DETAIL_EVENTS = 50;
const DAY_MS = 86_400_000;

/** A summary as one JSON value: a page of them is read at once, where ten columns of a thousand rows are not. */
const summary = Prisma.sql`json_build_object(
  'id', a."id", 'officeId', a."officeId", 'hostname', a."hostname", 'platform', a."platform", 'version', a."version",
  'state', CASE WHEN a."revokedAt" IS NOT NULL THEN 'revoked' WHEN a."online" THEN 'online' ELSE 'offline' END,
  'lastSeenAtMs', (date_part('epoch', a."lastSeenAt") * 1000)::int8, 'enrolledAtMs', (date_part('epoch', a."enrolledAt") * 1000)::int8,
  'addresses', coalesce(a."reported"->'addresses', '[]'), 'peers', CASE WHEN a."revokedAt" IS NULL THEN jsonb_array_length(a."reported"->'peers') END,
  'folders', coalesce(a."reported"->'folders', '[]'))`;

/** The PC behind such a row was installed anew and is another agent now. */
const isPresent = Prisma.sql`a."replacedById" IS NULL`;

/** The summaries that a statement selects as `summary`, in its order. */
async function summariesOf(database: PrismaClient, statement: Prisma.Sql): Promise<AgentSummary[]> {
  const [row] = await database.$queryRaw<{ page: StoredSummary[] | null }[]>`
    SELECT json_agg(s.summary) AS "page" FROM (${statement}) s`;
  return (row?.page ?? []).map(summaryOf);
}

/** Agents of the places by id, `limit` at a time, after the one `cursor` names. */
export async function pageOfAgents(
  database: PrismaClient,
  asked: { office?: string | undefined; cursor?: string | undefined; limit: number },
  places: Places,
): Promise<AgentPage> {
  const { office, cursor, limit } = asked;
  const found = await summariesOf(
    database,
    Prisma.sql`
      SELECT ${summary} AS summary FROM "Agent" a
      WHERE ${isPresent} AND ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`} AND ${officeIn(Prisma.sql`a."officeId"`, places)} AND a."id" > ${cursor ?? ''}
      ORDER BY a."id" LIMIT ${limit + 1}`,
  );
  const agents = found.slice(0, limit);
  return { agents, nextCursor: found.length > limit ? (agents.at(-1)?.id ?? null) : null };
}

/** These agents, in no order; those that are gone, or elsewhere, are missing. */
export function findAgents(database: PrismaClient, ids: readonly string[], places: Places): Promise<AgentSummary[]> {
  return summariesOf(
    database,
    Prisma.sql`SELECT ${summary} AS summary FROM "Agent" a WHERE a."id" = ANY (${[...ids]}::text[]) AND ${isPresent}
      AND ${officeIn(Prisma.sql`a."officeId"`, places)}`,
  );
}

/** One agent; undefined if there is none in the places. */
export async function findAgent(database: PrismaClient, id: string, places: Places): Promise<AgentSummary | undefined> {
  return (await findAgents(database, [id], places))[0];
}

interface DetailRow {
  summary: StoredSummary;
  officeName: string;
  reported: unknown;
  reportedAt: Date | null;
  certificateEndsAt: Date;
  desiredRevision: number;
}

/** One agent in full; undefined if there is none in the places. */
export async function detailOfAgent(
  database: PrismaClient,
  id: string,
  nowMs: number,
  places: Places,
): Promise<AgentDetail | undefined> {
  const [rows, delivered, events] = await Promise.all([
    database.$queryRaw<DetailRow[]>`
      SELECT ${summary} AS summary, a."reported", a."reportedAt", a."certificateEndsAt", a."desiredRevision", o."name" AS "officeName"
      FROM "Agent" a JOIN "Office" o ON o."id" = a."officeId" WHERE a."id" = ${id} AND ${officeIn(Prisma.sql`a."officeId"`, places)}`,
    database.$queryRaw<(AgentDetail['deliveries24h'] & { lastAt: Date | null })[]>`
      SELECT max("at") AS "lastAt", count(*)::int AS "files", ${sumsBySource()}
      FROM "Delivery" WHERE "agentId" = ${id} AND "at" > ${new Date(nowMs - DAY_MS)}`,
    newestEvents(database, { agent: id, limit: DETAIL_EVENTS }, places),
  ]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { lastAt, ...deliveries24h } = delivered[0] ?? {
    lastAt: null,
    files: 0,
    fromPeers: 0,
    fromOrigin: 0,
    fromLocal: 0,
  };
  const { summary: agent, officeName, reported, reportedAt, certificateEndsAt, desiredRevision } = row;
  return {
    agent: summaryOf(agent),
    officeName,
    reported: ReportedDocument.safeParse(reported).data ?? null,
    reportedAtMs: atMsOrNull(reportedAt),
    certificateEndsAtMs: atMs(certificateEndsAt),
    desiredRevision,
    deliveries24h,
    lastDeliveryAtMs: atMsOrNull(lastAt ?? (await newestDeliveryAt(database, id))),
    events,
  };
}

/** When a file reached the agent last; null when none ever did. */
async function newestDeliveryAt(database: PrismaClient, agentId: string): Promise<Date | null> {
  const newest = await database.delivery.aggregate({ where: { agentId }, _max: { at: true } });
  return newest._max.at;
}

function summaryOf({ folders, ...agent }: StoredSummary): AgentSummary {
  return { ...agent, folders: folders.map(folderOf) };
}

/** Without what is of no use in a list, the link above all. */
function folderOf({
  id,
  state,
  reason = null,
  seq,
  filesTotal,
  filesDone,
  bytesTotal,
  bytesDone,
}: StoredSummary['folders'][number]): FolderState {
  return { id, state, reason, seq, filesTotal, filesDone, bytesTotal, bytesDone };
}
