/** What agents reported that a person may have to know, newest first. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { EventPage } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { atMs } from './instants.ts';

type Event = EventPage['events'][number];
type Row = Omit<Event, 'atMs' | 'body'> & { at: Date; body: unknown };

const Body = z.record(z.string(), z.unknown());

/** In offices of more PCs than this, the newest events of all PCs hold enough of theirs; in smaller ones each PC is asked for its own. */
const SMALL_OFFICE = 500;

/** The newest `limit` events of the places. */
export async function newestEvents(
  database: PrismaClient,
  { agent, office, limit }: { agent?: string | undefined; office?: string | undefined; limit: number },
  places: Places,
): Promise<Event[]> {
  const isSmall = office !== undefined && (await database.agent.count({ where: { officeId: office } })) <= SMALL_OFFICE;
  const newestFirst = Prisma.sql`ORDER BY e."at" DESC, e."id" DESC LIMIT ${limit}`;
  const ofAgent = agent === undefined ? Prisma.sql`true` : Prisma.sql`e."agentId" = ${agent}`;
  const events = isSmall
    ? Prisma.sql`CROSS JOIN LATERAL (SELECT * FROM "AgentEvent" e WHERE e."agentId" = a."id" AND ${ofAgent} ${newestFirst}) e`
    : Prisma.sql`JOIN "AgentEvent" e ON e."agentId" = a."id" AND ${ofAgent}`;
  const rows = await database.$queryRaw<Row[]>`
    SELECT e."id", e."at", e."agentId", a."hostname", a."officeId", e."kind", e."folderId", e."body"
    FROM "Agent" a ${events}
    WHERE ${office === undefined ? Prisma.sql`true` : Prisma.sql`a."officeId" = ${office}`} AND ${officeIn(Prisma.sql`a."officeId"`, places)}
    ${newestFirst}`;
  return rows.map(({ at, body, ...event }) => ({ ...event, atMs: atMs(at), body: Body.safeParse(body).data ?? {} }));
}
