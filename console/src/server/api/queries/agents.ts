/** Agents as the API shows them. What an agent reported of itself is taken out of its document by the database, never whole. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import { type AgentDetail, type AgentPage, AgentSummary } from '../../../api/schemas.ts';
import { newestEvents } from './events.ts';
import { atMs, atMsOrNull } from './instants.ts';

interface AgentRow {
  id: string;
  officeId: string;
  hostname: string;
  platform: string;
  version: string;
  online: boolean;
  enrolledAt: Date;
  lastSeenAt: Date | null;
  revokedAt: Date | null;
  addresses: unknown;
  peers: number | null;
  folders: unknown;
}

const ReportedFolders = z.array(
  AgentSummary.shape.folders.element.extend({
    reason: z
      .string()
      .nullish()
      .transform((reason) => reason ?? null),
  }),
);
const Addresses = z.array(z.string());
const ReportedDocument = z.record(z.string(), z.unknown());

/** Events that the details of an agent show. */
const DETAIL_EVENTS = 50;
const DAY_MS = 86_400_000;

const columns = Prisma.sql`
  a."id", a."officeId", a."hostname", a."platform", a."version", a."online", a."enrolledAt", a."lastSeenAt", a."revokedAt",
  a."reported"->'addresses' AS "addresses", jsonb_array_length(a."reported"->'peers') AS "peers",
  a."reported"->'folders' AS "folders"`;

/** Agents by id, `limit` at a time, after the one `cursor` names. */
export async function pageOfAgents(
  database: PrismaClient,
  { office, cursor, limit }: { office?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<AgentPage> {
  const rows = await database.$queryRaw<AgentRow[]>`
    SELECT ${columns} FROM "Agent" a
    WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`}
      AND a."id" > ${cursor ?? ''}
    ORDER BY a."id" LIMIT ${limit + 1}`;
  const agents = rows.slice(0, limit).map(summaryOf);
  return { agents, nextCursor: rows.length > limit ? (agents.at(-1)?.id ?? null) : null };
}

/** These agents, in no order; those that are gone are missing. */
export async function findAgents(database: PrismaClient, ids: readonly string[]): Promise<AgentSummary[]> {
  const rows = await database.$queryRaw<AgentRow[]>`
    SELECT ${columns} FROM "Agent" a WHERE a."id" = ANY (${[...ids]}::text[])`;
  return rows.map(summaryOf);
}

/** One agent; undefined if there is none. */
export async function findAgent(database: PrismaClient, id: string): Promise<AgentSummary | undefined> {
  return (await findAgents(database, [id]))[0];
}

interface DetailRow extends AgentRow {
  officeName: string;
  reported: unknown;
  reportedAt: Date | null;
  certificateEndsAt: Date;
  desiredRevision: number;
}

/** One agent in full; undefined if there is none. */
export async function detailOfAgent(
  database: PrismaClient,
  id: string,
  nowMs: number,
): Promise<AgentDetail | undefined> {
  const [rows, delivered, events] = await Promise.all([
    database.$queryRaw<DetailRow[]>`
      SELECT ${columns}, a."reported", a."reportedAt", a."certificateEndsAt", a."desiredRevision", o."name" AS "officeName"
      FROM "Agent" a JOIN "Office" o ON o."id" = a."officeId" WHERE a."id" = ${id}`,
    database.$queryRaw<(AgentDetail['deliveries24h'] & { lastAt: Date | null })[]>`
      SELECT max("at") AS "lastAt", count(*)::int AS "files", coalesce(sum("fromPeers"), 0)::float8 AS "fromPeers",
        coalesce(sum("fromOrigin"), 0)::float8 AS "fromOrigin", coalesce(sum("fromLocal"), 0)::float8 AS "fromLocal"
      FROM "Delivery" WHERE "agentId" = ${id} AND "at" > ${new Date(nowMs - DAY_MS)}`,
    newestEvents(database, { agent: id, limit: DETAIL_EVENTS }),
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
  const { officeName, reported, reportedAt, certificateEndsAt, desiredRevision, ...agent } = row;
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

function summaryOf({
  online,
  revokedAt,
  enrolledAt,
  lastSeenAt,
  addresses,
  folders,
  ...agent
}: AgentRow): AgentSummary {
  return {
    ...agent,
    state: revokedAt !== null ? 'revoked' : online ? 'online' : 'offline',
    enrolledAtMs: atMs(enrolledAt),
    lastSeenAtMs: atMsOrNull(lastSeenAt),
    addresses: Addresses.safeParse(addresses).data ?? [],
    folders: ReportedFolders.safeParse(folders).data ?? [],
  };
}
