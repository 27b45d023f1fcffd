/** What agents reported that a person may have to know, newest first. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { EventPage } from '../../../api/schemas.ts';
import { atMs } from './instants.ts';

type Event = EventPage['events'][number];
type Row = Omit<Event, 'atMs' | 'body'> & { at: Date; body: unknown };

const Body = z.record(z.string(), z.unknown());

/** The newest `limit` events. */
export async function newestEvents(
  database: PrismaClient,
  { agent, office, limit }: { agent?: string | undefined; office?: string | undefined; limit: number },
): Promise<Event[]> {
  const rows = await database.$queryRaw<Row[]>`
    SELECT e."id", e."at", e."agentId", a."hostname", a."officeId", e."kind", e."folderId", e."body"
    FROM "AgentEvent" e JOIN "Agent" a ON a."id" = e."agentId"
    WHERE ${agent === undefined ? Prisma.sql`true` : Prisma.sql`e."agentId" = ${agent}`}
      AND ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`}
    ORDER BY e."at" DESC, e."id" DESC LIMIT ${limit}`;
  return rows.map(({ at, body, ...event }) => ({ ...event, atMs: atMs(at), body: Body.safeParse(body).data ?? {} }));
}
