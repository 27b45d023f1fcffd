/** Where agents stand on a folder's chain, and the chain's raw entries. */
import { GENESIS_LINK, type SigningKey } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { ChainAgent, ChainAgents, ChainEntries, FolderSummary } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';

const MAX_LISTED = 500;
/** Broken chains are what somebody must look into: nearly all are listed. */
const MAX_BROKEN = 5000;

/** One position with everybody who has it; the list travels as JSON, which is read at once. */
interface Row {
  position: keyof ChainAgents['agents'];
  total: number;
  list: ChainAgent[];
}

/**
 * Compares what every agent of the places reported with the entries the database has. An agent ahead of the database, or at another link for the same entry, follows
 * another chain: one of the two was changed or restored.
 */
export async function chainAgentsOf(
  database: PrismaClient,
  folder: Pick<FolderSummary, 'id' | 'seq' | 'link'>,
  places: Places,
): Promise<ChainAgents> {
  const [rows, head] = await Promise.all([
    database.$queryRaw<Row[]>`
      WITH member AS MATERIALIZED (
        SELECT a."id", a."hostname", a."officeId", a."online", a."reportedAt", k."seq", k."link", k."state", k."reason"
        FROM "FolderOffice" fo
        JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
        LEFT JOIN "AgentFolder" k ON k."folderId" = fo."folderId" AND k."agentId" = a."id"
        WHERE fo."folderId" = ${folder.id} AND ${officeIn(Prisma.sql`fo."officeId"`, places)}
      ), place AS (
        SELECT p."seq", CASE WHEN p."seq" = 0 THEN ${GENESIS_LINK} ELSE e."link" END AS link
        FROM (SELECT DISTINCT "seq" FROM member WHERE "seq" IS NOT NULL) p
        LEFT JOIN "Entry" e ON e."folderId" = ${folder.id} AND e."seq" = p."seq"
      ), judged AS MATERIALIZED (
        SELECT m.*, CASE
          WHEN m."seq" IS NULL THEN 'silent'
          WHEN m."state" = 'blocked' AND m."reason" ~ '^(chain|manifest)[.]|^blob[.]digest' THEN 'broken'
          WHEN m."link" IS DISTINCT FROM p.link THEN 'broken'
          WHEN m."seq" >= ${folder.seq} THEN 'ok' ELSE 'behind' END AS position
        FROM member m LEFT JOIN place p ON p."seq" = m."seq"
      )
      SELECT c.position, c.total, (
        SELECT json_agg(json_build_object(
          'agentId', l."id", 'hostname', l."hostname", 'officeId', l."officeId",
          'state', CASE WHEN l."online" THEN 'online' ELSE 'offline' END, 'seq', l."seq", 'link', l."link",
          'reason', CASE WHEN c.position = 'broken' THEN CASE WHEN l."state" = 'blocked' THEN l."reason" ELSE 'chain.fork' END END,
          'reportedAtMs', (extract(epoch FROM l."reportedAt") * 1000)::bigint
        ) ORDER BY l."hostname", l."id")
        FROM (
          SELECT * FROM judged j WHERE j.position = c.position ORDER BY j."hostname", j."id"
          LIMIT CASE WHEN c.position = 'broken' THEN ${MAX_BROKEN}::int ELSE ${MAX_LISTED}::int END
        ) l
      ) AS list
      FROM (SELECT position, count(*)::int AS total FROM judged GROUP BY 1) c`,
    database.headRow.findUnique({ where: { folderId: folder.id }, select: { at: true } }),
  ]);
  const answer: ChainAgents = {
    folderId: folder.id,
    headSeq: folder.seq,
    headLink: folder.link,
    headAtMs: head?.at.getTime() ?? null,
    agents: { ok: 0, behind: 0, broken: 0, silent: 0 },
    lists: { ok: [], behind: [], broken: [], silent: [] },
  };
  for (const { position, total, list } of rows) {
    answer.agents[position] = total;
    answer.lists[position] = list;
  }
  return answer;
}

/** Entries from number `from` on, `limit` of them, with the head and the keys that sign. */
export async function chainEntriesOf(
  database: PrismaClient,
  folderId: string,
  { from, limit }: { from: number; limit: number },
  keys: readonly SigningKey[],
): Promise<ChainEntries> {
  // One statement more than needed would be two moments; the head is read last, so that it is never older than the entries.
  const rows = await database.entry.findMany({
    where: { folderId, seq: { gte: from - 1 } },
    orderBy: { seq: 'asc' },
    take: limit + 2,
    select: { seq: true, body: true, link: true },
  });
  const head = await database.headRow.findUnique({ where: { folderId } });
  const entries = rows.filter(({ seq }) => seq >= from);
  const shown = entries.slice(0, limit);
  return {
    folderId,
    previous: rows.find(({ seq }) => seq === from - 1)?.link ?? GENESIS_LINK,
    entries: shown,
    nextFrom: entries.length > limit ? (shown.at(-1)?.seq ?? from) + 1 : null,
    head: head === null ? null : { text: head.text, key: head.key, signature: head.signature },
    keys: [...keys],
  };
}
