/** Where agents stand on a folder's chain, and the chain's raw entries. */
import { GENESIS_LINK, type SigningKey } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { ChainAgent, ChainAgents, ChainEntries, FolderSummary } from '../../../api/schemas.ts';

const MAX_LISTED = 500;
/** Broken chains are what somebody must look into: nearly all are listed. */
const MAX_BROKEN = 5000;

type ChainState = keyof ChainAgents['agents'];

interface Row extends Omit<ChainAgent, 'reportedAtMs'> {
  position: ChainState;
  reportedAt: Date | null;
  total: number;
}

/**
 * Compares what every agent reported with the entries the database has. An agent ahead of the database, or at another link for the same entry, follows
 * another chain: one of the two was changed or restored.
 */
export async function chainAgentsOf(
  database: PrismaClient,
  folder: Pick<FolderSummary, 'id' | 'seq' | 'link'>,
): Promise<ChainAgents> {
  const [rows, head] = await Promise.all([
    database.$queryRaw<Row[]>`
      WITH report AS MATERIALIZED (
        SELECT a."id", a."hostname", a."officeId", a."online", a."reportedAt", (r.x->>'seq')::int AS seq, r.x->>'link' AS link,
          r.x->>'state' AS sync, r.x->>'reason' AS reason
        FROM "FolderOffice" fo
        JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
        LEFT JOIN LATERAL (
          SELECT x FROM jsonb_array_elements(a."reported"->'folders') x WHERE x->>'id' = ${folder.id} LIMIT 1
        ) r ON true
        WHERE fo."folderId" = ${folder.id}
      ), place AS (
        SELECT p.seq, CASE WHEN p.seq = 0 THEN ${GENESIS_LINK} ELSE e."link" END AS link
        FROM (SELECT DISTINCT seq FROM report WHERE seq IS NOT NULL) p
        LEFT JOIN "Entry" e ON e."folderId" = ${folder.id} AND e."seq" = p.seq
      ), judged AS (
        SELECT r.*, CASE
          WHEN r.seq IS NULL THEN 'silent'
          WHEN r.sync = 'blocked' AND r.reason ~ '^(chain|manifest)[.]|^blob[.]digest' THEN 'broken'
          WHEN r.link IS DISTINCT FROM p.link THEN 'broken'
          WHEN r.seq >= ${folder.seq} THEN 'ok' ELSE 'behind' END AS position
        FROM report r LEFT JOIN place p ON p.seq = r.seq
      ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY position ORDER BY "hostname", "id") AS place,
          (count(*) OVER (PARTITION BY position))::int AS total FROM judged
      )
      SELECT "id" AS "agentId", "hostname", "officeId", CASE WHEN "online" THEN 'online' ELSE 'offline' END AS "state", seq, link,
        CASE WHEN position = 'broken' THEN CASE WHEN sync = 'blocked' THEN reason ELSE 'chain.fork' END END AS "reason",
        "reportedAt", position, total
      FROM placed WHERE place <= CASE WHEN position = 'broken' THEN ${MAX_BROKEN}::int ELSE ${MAX_LISTED}::int END ORDER BY place`,
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
  for (const { position, total, reportedAt, ...agent } of rows) {
    answer.agents[position] = total;
    answer.lists[position].push({ ...agent, reportedAtMs: reportedAt?.getTime() ?? null });
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
