/** The rules by which the broker lets PCs in: kept in the order they are tried, dense from 0. */
import { HarpError, UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import type { Prisma, PrismaClient } from '@harp/prisma';
import type { RuleRequest, RuleSummary } from '../../api/schemas.ts';
import { notFound } from '../api/errors.ts';
import { atMsOrNull } from '../api/queries/instants.ts';
import type { Changes } from '../audit/request-audit.ts';
import { newId } from '../auth/secrets.ts';
import type { Tx } from '../content/rows.ts';
import { ProblemsError } from '../fleet/refusal.ts';
import { ensureUnassigned, UNASSIGNED_NAME } from '../fleet/unassigned.ts';
import type { Clock, RandomBytes } from '../ports.ts';

/** More than anybody can keep in mind; the broker reads them all for each PC. */
const MAX_RULES = 200;
/** Any number that no other advisory lock of this database uses: positions are read and written. */
const RULES_LOCK = 0x4861_7271;

interface RulePorts {
  clock: Clock;
  randomBytes: RandomBytes;
}

type Row = Prisma.EnrolmentRuleGetPayload<object>;

/** Every rule, in order. */
export async function listRules(database: PrismaClient | Tx): Promise<RuleSummary[]> {
  const rows = await database.enrolmentRule.findMany({ orderBy: [{ position: 'asc' }, { id: 'asc' }] });
  const offices = await database.office.findMany({
    where: { id: { in: rows.flatMap(({ officeId }) => officeId ?? []) } },
    select: { id: true, name: true },
  });
  const names = new Map(offices.map(({ id, name }) => [id, name]));
  return rows.map(({ createdAt: _, validFrom, validUntil, pausedAt, ...row }) => ({
    ...row,
    officeName:
      row.officeId === null
        ? null
        : (names.get(row.officeId) ?? (row.officeId === UNASSIGNED_OFFICE ? UNASSIGNED_NAME : null)),
    validFromMs: atMsOrNull(validFrom),
    validUntilMs: atMsOrNull(validUntil),
    pausedAtMs: atMsOrNull(pausedAt),
  }));
}

/** Adds a rule behind the others. @throws {HarpError} */
export async function createRule(
  request: RuleRequest,
  { clock, randomBytes }: RulePorts,
  changes: Changes,
): Promise<RuleSummary> {
  return changes.change(async (tx, record) => {
    await lockRules(tx);
    await requireReferences(tx, request);
    const position = await tx.enrolmentRule.count();
    if (position >= MAX_RULES) throw new HarpError('api.invalid', `there may be ${MAX_RULES} rules at most`);
    const id = newId('rul-', randomBytes);
    await tx.enrolmentRule.create({
      data: { id, position, createdAt: new Date(clock.nowMs()), ...columnsOf(request) },
    });
    record.add({ action: 'rule.create', ...about(id, request), after: { position, ...request } });
    await tellBroker(tx);
    return oneOf(tx, id);
  });
}

/** Replaces what a rule says. Whether the brake holds it stays. @throws {HarpError} `api.not_found` */
export async function changeRule(id: string, request: RuleRequest, changes: Changes): Promise<RuleSummary> {
  return changes.change(async (tx, record) => {
    await lockRules(tx);
    await requireReferences(tx, request);
    const before = requestOf(await rowOf(tx, id));
    if (JSON.stringify(before) === JSON.stringify(request)) record.nothing();
    else {
      await tx.enrolmentRule.update({ where: { id }, data: columnsOf(request) });
      record.add({ action: 'rule.update', ...about(id, request), before, after: { ...request } });
      await tellBroker(tx);
    }
    return oneOf(tx, id);
  });
}

/** Takes a rule away. PCs it has let in stay. @throws {HarpError} `api.not_found` */
export async function deleteRule(id: string, changes: Changes): Promise<void> {
  await changes.change(async (tx, record) => {
    await lockRules(tx);
    const row = await rowOf(tx, id);
    await tx.enrolmentRule.delete({ where: { id } });
    await tx.enrolmentRule.updateMany({
      where: { position: { gt: row.position } },
      data: { position: { decrement: 1 } },
    });
    record.add({ action: 'rule.delete', ...about(id, row), before: { position: row.position, ...requestOf(row) } });
  });
}

/** Puts the rules into this order. @throws {ProblemsError} `api.invalid` if it does not name each rule once */
export async function orderRules(ids: readonly string[], changes: Changes): Promise<void> {
  await changes.change(async (tx, record) => {
    await lockRules(tx);
    const before = (await listRules(tx)).map(({ id }) => id);
    if (ids.length !== before.length || before.some((id) => !ids.includes(id)))
      throw new ProblemsError('api.invalid', [
        { field: 'ids', message: 'must name each rule once; somebody may have changed them: look again' },
      ]);
    if (before.every((id, index) => id === ids[index])) return record.nothing();
    for (const [position, id] of ids.entries()) await tx.enrolmentRule.update({ where: { id }, data: { position } });
    record.add({
      action: 'rule.order',
      object: { kind: 'rule', id: 'all', name: 'all' },
      before: { order: before },
      after: { order: [...ids] },
    });
    await tellBroker(tx);
  });
}

/** Lets go of a rule's brake. One that was over its cap must be given a higher one too. @throws {HarpError} `api.not_found` */
export async function resumeRule(id: string, changes: Changes): Promise<RuleSummary> {
  return changes.change(async (tx, record) => {
    await lockRules(tx);
    const row = await rowOf(tx, id);
    if (row.pausedAt === null) record.nothing();
    else {
      await tx.enrolmentRule.update({ where: { id }, data: { pausedAt: null, pausedCause: null } });
      record.add({
        action: 'rule.resume',
        ...about(id, row),
        before: { pausedAtMs: row.pausedAt.getTime(), cause: row.pausedCause },
        after: { pausedAtMs: null },
      });
      await tellBroker(tx);
    }
    return oneOf(tx, id);
  });
}

async function lockRules(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${RULES_LOCK}::bigint)`;
}

async function rowOf(tx: Tx, id: string): Promise<Row> {
  const row = await tx.enrolmentRule.findUnique({ where: { id } });
  if (row === null) throw notFound('rule', id);
  return row;
}

async function oneOf(tx: Tx, id: string): Promise<RuleSummary> {
  const rule = (await listRules(tx)).find((each) => each.id === id);
  if (rule === undefined) throw notFound('rule', id);
  return rule;
}

async function requireReferences(tx: Tx, { tokenId, officeId }: RuleRequest): Promise<void> {
  if (tokenId !== null && (await tx.enrolmentToken.findUnique({ where: { id: tokenId } })) === null)
    throw notFound('token', tokenId);
  if (officeId === UNASSIGNED_OFFICE) await ensureUnassigned(tx);
  else if (officeId !== null && (await tx.office.findUnique({ where: { id: officeId } })) === null)
    throw notFound('office', officeId);
}

function columnsOf({ validFromMs, validUntilMs, ...request }: RuleRequest) {
  return {
    ...request,
    validFrom: validFromMs === null ? null : new Date(validFromMs),
    validUntil: validUntilMs === null ? null : new Date(validUntilMs),
  };
}

/** What a person wrote of a rule, with its members in the order of the schema. */
function requestOf(row: Row): RuleRequest {
  const { name, enabled, tokenId, cidrs, hostname, domain, officeId, tags, cap, perMinute } = row;
  const validity = { validFromMs: atMsOrNull(row.validFrom), validUntilMs: atMsOrNull(row.validUntil) };
  return { name, enabled, tokenId, cidrs, hostname, domain, officeId, tags, cap, perMinute, ...validity };
}

function about(id: string, { name, officeId }: { name: string; officeId: string | null }) {
  return { object: { kind: 'rule', id, name }, office: officeId };
}

/** PCs that wait may fit now. */
async function tellBroker(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
}
