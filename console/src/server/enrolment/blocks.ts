/** Who is kept out: by key, so that the same installation does not come back, and by hardware, so that a new one on the same PC does not. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { BlockSummary } from '../../api/schemas.ts';
import { officeIn } from '../access/in-places.ts';
import type { Places } from '../access/rights.ts';
import { notFound } from '../api/errors.ts';
import { atMs } from '../api/queries/instants.ts';
import type { Changes } from '../audit/request-audit.ts';
import { newId } from '../auth/secrets.ts';
import type { Tx } from '../content/rows.ts';
import type { RandomBytes } from '../ports.ts';

/** The rows of one PC have ids that begin alike. */
const HARDWARE = '.hardware';

/** Blocks a PC. What is blocked already stays so. */
export async function blockPc(
  tx: Tx,
  { agentId, hostname, hardwareId }: { agentId: string; hostname: string; hardwareId: string | null },
  { name, reason, nowMs }: { name: string; reason: 'enrolment' | 'revoked'; nowMs: number },
  { randomBytes }: { randomBytes: RandomBytes },
): Promise<void> {
  const id = newId('blk-', randomBytes);
  const row = { hostname, reason, createdBy: name, createdAt: new Date(nowMs) };
  await tx.enrolmentBlock.createMany({
    data: [
      { id, kind: 'key', value: agentId, ...row },
      ...(hardwareId === null ? [] : [{ id: id + HARDWARE, kind: 'hardware', value: hardwareId, ...row }]),
    ],
    skipDuplicates: true,
  });
}

/** Blocked PCs of the places, the newest first, at most a thousand. */
export async function listBlocks(database: PrismaClient, places: Places): Promise<BlockSummary[]> {
  const rows = await database.$queryRaw<
    (Omit<BlockSummary, 'kinds' | 'createdAtMs'> & { kinds: string[]; createdAt: Date })[]
  >`
    SELECT split_part(b."id", '.', 1) AS "id", array_agg(b."kind" ORDER BY b."kind" DESC) AS "kinds", min(b."hostname") AS "hostname",
      min(b."reason") AS "reason", min(b."createdBy") AS "createdBy", min(b."createdAt") AS "createdAt"
    FROM "EnrolmentBlock" b WHERE ${blockIn(places)} GROUP BY 1 ORDER BY 6 DESC, 1 LIMIT 1000`;
  return rows.map(({ kinds, createdAt, ...row }) => ({
    ...row,
    kinds: kinds.filter((kind) => kind === 'key' || kind === 'hardware'),
    createdAtMs: atMs(createdAt),
  }));
}

/** Lets a PC ask again. @throws {HarpError} `api.not_found` */
export async function unblock(id: string, places: Places, changes: Changes): Promise<void> {
  await changes.change(async (tx, record) => {
    const rows = await tx.$queryRaw<{ id: string; kind: string; value: string; hostname: string }[]>`
      SELECT b."id", b."kind", b."value", b."hostname" FROM "EnrolmentBlock" b
      WHERE split_part(b."id", '.', 1) = ${id} AND ${blockIn(places)} FOR UPDATE OF b`;
    const [first] = rows;
    if (first === undefined) throw notFound('block', id);
    await tx.enrolmentBlock.deleteMany({ where: { id: { in: rows.map((row) => row.id) } } });
    // The PC asks anew, and is looked at as if for the first time.
    await tx.enrolmentRequest.deleteMany({
      where: {
        state: 'blocked',
        OR: [{ agentId: { in: valuesOf(rows, 'key') } }, { hardwareId: { in: valuesOf(rows, 'hardware') } }],
      },
    });
    record.add({
      action: 'enrolment.unblock',
      object: { kind: 'block', id, name: first.hostname },
      before: Object.fromEntries(rows.map(({ kind, value }) => [kind, value])),
    });
    await tx.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
  });
}

function valuesOf(rows: readonly { kind: string; value: string }[], kind: string): string[] {
  return rows.filter((row) => row.kind === kind).map(({ value }) => value);
}

/** A block belongs where the agent or the request is that it keeps out. */
function blockIn(places: Places): Prisma.Sql {
  if (places === 'everywhere') return Prisma.sql`true`;
  return Prisma.sql`(
    EXISTS (SELECT FROM "Agent" a WHERE (b."kind" = 'key' AND a."id" = b."value" OR b."kind" = 'hardware' AND a."hardwareId" = b."value")
      AND ${officeIn(Prisma.sql`a."officeId"`, places)})
    OR EXISTS (SELECT FROM "EnrolmentRequest" e WHERE (b."kind" = 'key' AND e."agentId" = b."value" OR b."kind" = 'hardware' AND e."hardwareId" = b."value")
      AND ${officeIn(Prisma.sql`e."officeId"`, places)}))`;
}
