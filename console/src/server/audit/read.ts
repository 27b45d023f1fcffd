/** What the audit log says, for people: a list with filters, one entry in full, counts, and the raw rows for whoever checks them. */
import { AuditEntry, type SigningKey } from '@harp/broker/protocol';
import { type AuditEntry as AuditEntryRow, Prisma, type PrismaClient } from '@harp/prisma';
import type {
  AuditChainPage,
  AuditDetail,
  AuditGrouping,
  AuditGroups,
  AuditItem,
  AuditPage,
} from '../../api/schemas.ts';
import { officeIn, officeWhere } from '../access/in-places.ts';
import { isIn, type Places } from '../access/rights.ts';
import { signedOf } from '../content/rows.ts';

type Database = Pick<PrismaClient, 'auditEntry' | 'auditHead' | 'auditState' | '$queryRaw'>;

/** What is looked for. Everything that is given must hold. */
export interface AuditFilter {
  /** Name or id of who did it. */
  actor?: string | undefined;
  /** `office.update`, or `office` for everything done to offices. */
  action?: string | undefined;
  /** Id or name of what it was done to. */
  object?: string | undefined;
  /** Number in the answer's `X-Request-Id`. */
  request?: string | undefined;
  /** UTC epoch, milliseconds; `to` is not included. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Entries of the places before number `cursor`, newest first. What concerns no office is for those who see everything. */
export async function pageOfAudit(
  database: Database,
  { cursor, limit, ...filter }: AuditFilter & { cursor?: number | undefined; limit: number },
  places: Places,
): Promise<AuditPage> {
  const offices = officeWhere(places);
  const where = {
    AND: [
      whereOf(filter),
      cursor === undefined ? {} : { seq: { lt: cursor } },
      offices === undefined ? {} : { officeId: offices },
    ],
  };
  const rows = await database.auditEntry.findMany({ where, orderBy: { seq: 'desc' }, take: limit + 1 });
  const state = await database.auditState.findUnique({ where: { id: 1 } });
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(itemOf),
    nextCursor: rows.length > limit ? (shown.at(-1)?.seq ?? null) : null,
    entries: state?.seq ?? 0,
    signedSeq: state?.signedSeq ?? 0,
  };
}

function whereOf({ actor, action, object, request, from, to }: AuditFilter): Prisma.AuditEntryWhereInput {
  return {
    ...(actor === undefined ? {} : { OR: [{ actorName: actor }, { actorId: actor }] }),
    AND: [
      object === undefined ? {} : { OR: [{ objectId: object }, { objectName: object }] },
      action === undefined ? {} : action.includes('.') ? { action } : { action: { startsWith: `${action}.` } },
    ],
    ...(request === undefined ? {} : { requestId: request }),
    at: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lt: new Date(to) }),
    },
  };
}

/** One entry in full; undefined if there is none of this number in the places. */
export async function findAuditEntry(
  database: Database,
  seq: number,
  places: Places,
): Promise<AuditDetail | undefined> {
  const row = await database.auditEntry.findUnique({ where: { seq } });
  if (row === null || (places !== 'everywhere' && (row.officeId === null || !isIn(places, row.officeId))))
    return undefined;
  const entry = entryIn(row);
  return {
    ...itemOf(row),
    address: entry?.address ?? null,
    before: entry?.before ?? null,
    after: entry?.after ?? null,
    link: row.link,
  };
}

/** From the columns: a row that somebody damaged must not take the whole list away. */
function itemOf(row: AuditEntryRow): AuditItem {
  return {
    seq: row.seq,
    atMs: row.at.getTime(),
    by: {
      kind: row.actorKind === 'user' || row.actorKind === 'api-key' ? row.actorKind : 'system',
      id: row.actorId,
      name: row.actorName,
      operator: entryIn(row)?.actor.operator ?? null,
    },
    action: row.action,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    officeId: row.officeId,
    requestId: row.requestId,
  };
}

function entryIn({ body }: AuditEntryRow): AuditEntry | undefined {
  try {
    return AuditEntry.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

interface GroupRow {
  key: string;
  label: string;
  kind: string | null;
  entries: number;
  last: Date;
}

/** Entries of the places counted; the 500 groups with the newest entries. */
export async function groupsOfAudit(database: Database, by: AuditGrouping, places: Places): Promise<AuditGroups> {
  const rows = await groupRows(database, by, officeIn(Prisma.sql`"officeId"`, places));
  return {
    groups: rows.map(({ key, label, kind, entries, last }) => ({
      key,
      label,
      kind,
      entries,
      lastAtMs: last.getTime(),
    })),
  };
}

function groupRows(database: Database, by: AuditGrouping, visible: Prisma.Sql): Promise<GroupRow[]> {
  switch (by) {
    case 'day':
      return database.$queryRaw`
        SELECT to_char("at", 'YYYY-MM-DD') AS key, to_char("at", 'YYYY-MM-DD') AS label, NULL AS kind, count(*)::int AS entries, max("at") AS last
        FROM "AuditEntry" WHERE ${visible} GROUP BY 1 ORDER BY max("seq") DESC LIMIT 500`;
    case 'actor':
      return database.$queryRaw`
        SELECT "actorName" AS key, "actorName" AS label, min("actorKind") AS kind, count(*)::int AS entries, max("at") AS last
        FROM "AuditEntry" WHERE ${visible} GROUP BY 1 ORDER BY max("seq") DESC LIMIT 500`;
    case 'object':
      return database.$queryRaw`
        SELECT "objectId" AS key, (array_agg("objectName" ORDER BY "seq" DESC))[1] AS label, "objectKind" AS kind, count(*)::int AS entries, max("at") AS last
        FROM "AuditEntry" WHERE ${visible} GROUP BY "objectKind", "objectId" ORDER BY max("seq") DESC LIMIT 500`;
  }
}

/** Raw entries from number `from` on, `limit` of them, with the heads that are signed among them. */
export async function auditChainPage(
  database: Database,
  { from, limit }: { from: number; limit: number },
  keys: readonly SigningKey[],
): Promise<AuditChainPage> {
  // Heads first: none is then of an entry that is not there yet.
  const newest = await database.auditHead.findFirst({ orderBy: { seq: 'desc' } });
  const rows = await database.auditEntry.findMany({
    // From the very first row on, also one that stands before entry 1.
    where: from <= 1 ? {} : { seq: { gte: from } },
    orderBy: { seq: 'asc' },
    take: limit + 1,
    select: { seq: true, body: true, link: true },
  });
  const state = await database.auditState.findUnique({ where: { id: 1 } });
  const entries = rows.slice(0, limit);
  const last = entries.at(-1)?.seq ?? from;
  const heads = await database.auditHead.findMany({
    where: { seq: { gte: from, lte: Math.min(last, newest?.seq ?? 0) } },
    orderBy: { seq: 'asc' },
  });
  const all = newest === null || heads.some(({ seq }) => seq === newest.seq) ? heads : [...heads, newest];
  return {
    entries,
    heads: all.map(signedOf),
    nextFrom: rows.length > limit ? last + 1 : null,
    total: state?.seq ?? 0,
    keys: [...keys],
  };
}
