/** PCs that asked to be let in, as the API shows them. Whoever may let PCs into an office sees those that are guessed to belong there. */
import { UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import { type EnrolmentPage, EnrolmentState, type EnrolmentSummary } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { UNASSIGNED_NAME } from '../../fleet/unassigned.ts';
import { atMs, atMsOrNull } from './instants.ts';

export interface EnrolmentFilter {
  state?: EnrolmentState | undefined;
  token?: string | undefined;
  search?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

type Row = Omit<
  EnrolmentSummary,
  'duplicateOf' | 'needsCode' | 'decidedAtMs' | 'effectiveAtMs' | 'createdAtMs' | 'lastSeenAtMs'
> & {
  duplicateId: string | null;
  duplicateHostname: string | null;
  duplicateOnline: boolean | null;
  decidedAt: Date | null;
  effectiveAt: Date | null;
  createdAt: Date;
  lastSeenAt: Date;
};

/** A page of requests of the places. Those that wait come in the order they came, so that nobody is forgotten; others with the newest first. */
export async function pageOfEnrolments(
  database: PrismaClient,
  { state, token, search, cursor, limit }: EnrolmentFilter,
  places: Places,
): Promise<EnrolmentPage> {
  const isQueue = state === 'waiting';
  const condition = Prisma.join(
    [
      officeIn(Prisma.sql`e."officeId"`, places),
      ...(state === undefined ? [] : [Prisma.sql`e."state" = ${state}`]),
      ...(token === undefined ? [] : [Prisma.sql`e."tokenId" = ${token}`]),
      ...wordsOf(search).map(containing),
    ],
    ' AND ',
  );
  const after = afterCursor(cursor, isQueue);
  const order = isQueue ? Prisma.sql`e."createdAt", e."id"` : Prisma.sql`e."createdAt" DESC, e."id" DESC`;
  const [counted, rows] = await Promise.all([
    database.$queryRaw<{ total: number }[]>`
      SELECT count(*)::int AS total FROM "EnrolmentRequest" e WHERE ${condition}`,
    database.$queryRaw<Row[]>`
      SELECT e."id", e."agentId", e."hostname", e."platform", e."version", e."hardwareId", e."serial", e."userName", e."domain", e."addresses",
        e."seenAddress", e."via", e."tokenId", t."name" AS "tokenName", e."state", e."cause", e."officeId", o."name" AS "officeName", e."officeBy",
        e."officeWhy", e."ruleId", e."tags", e."decidedBy", e."decidedAt", e."effectiveAt", e."createdAt", e."lastSeenAt",
        a."id" AS "duplicateId", a."hostname" AS "duplicateHostname", a."online" AS "duplicateOnline"
      FROM "EnrolmentRequest" e
      LEFT JOIN "EnrolmentToken" t ON t."id" = e."tokenId"
      LEFT JOIN "Office" o ON o."id" = e."officeId"
      LEFT JOIN "Agent" a ON a."id" = e."duplicateOf" AND ${officeIn(Prisma.sql`a."officeId"`, places)}
      WHERE ${condition} AND ${after} ORDER BY ${order} LIMIT ${limit + 1}`,
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    enrolments: page.map(summaryOf),
    total: counted[0]?.total ?? 0,
    nextCursor: rows.length > limit && last !== undefined ? `${atMs(last.createdAt)}.${last.id}` : null,
  };
}

function summaryOf({
  duplicateId,
  duplicateHostname,
  duplicateOnline,
  decidedAt,
  effectiveAt,
  createdAt,
  lastSeenAt,
  ...row
}: Row): EnrolmentSummary {
  return {
    ...row,
    state: EnrolmentState.parse(row.state),
    officeName: row.officeName ?? (row.officeId === UNASSIGNED_OFFICE ? UNASSIGNED_NAME : null),
    duplicateOf:
      duplicateId === null
        ? null
        : { id: duplicateId, hostname: duplicateHostname ?? '', online: duplicateOnline ?? false },
    needsCode: isUnpinned(row.via),
    decidedAtMs: atMsOrNull(decidedAt),
    effectiveAtMs: atMsOrNull(effectiveAt),
    createdAtMs: atMs(createdAt),
    lastSeenAtMs: atMs(lastSeenAt),
  };
}

/** Whether a PC was told by somebody unknown where the server is, so that a person has to compare the code. */
export function isUnpinned(via: string): boolean {
  return via === 'neighbour' || via === 'dns';
}

const MAX_WORDS = 8;

function wordsOf(search = ''): string[] {
  return search.normalize('NFC').split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
}

function containing(word: string): Prisma.Sql {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return Prisma.sql`concat_ws(' ', e."hostname", e."serial", e."userName", e."domain", e."seenAddress") ILIKE ${pattern}`;
}

function afterCursor(cursor: string | undefined, isQueue: boolean): Prisma.Sql {
  const [, at, id] = /^(\d{1,15})\.(.{1,100})$/.exec(cursor ?? '') ?? [];
  if (at === undefined || id === undefined) return Prisma.sql`true`;
  const place = Prisma.sql`(${new Date(Number(at))}::timestamp, ${id}::text)`;
  return isQueue ? Prisma.sql`(e."createdAt", e."id") > ${place}` : Prisma.sql`(e."createdAt", e."id") < ${place}`;
}
