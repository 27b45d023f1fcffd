/** Agents as the API shows them. What an agent reported of itself is taken out of its document by the database, never whole. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import { type AgentPage, AgentSummary } from '../../../api/schemas.ts';
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

/** One agent; undefined if there is none. */
export async function findAgent(database: PrismaClient, id: string): Promise<AgentSummary | undefined> {
  const rows = await database.$queryRaw<AgentRow[]>`SELECT ${columns} FROM "Agent" a WHERE a."id" = ${id}`;
  return rows[0] === undefined ? undefined : summaryOf(rows[0]);
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
