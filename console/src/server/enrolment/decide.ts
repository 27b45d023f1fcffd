/**
 * What people decide of PCs that wait. A decision stands in the row at once and takes effect ten seconds later; until then it can be undone. The broker
 * reads it there and does what follows from it. The code that a person typed is turned into a proof here and is kept nowhere.
 */
import { answerProof, HarpError, readCode, UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import { type DecisionRequest, type DecisionResult, UNDO_MS, type UndoResult } from '../../api/schemas.ts';
import { officeIn } from '../access/in-places.ts';
import { isIn, type Places } from '../access/rights.ts';
import type { EnrolmentAddress } from '../api/ports.ts';
import { isUnpinned } from '../api/queries/enrolments.ts';
import type { Changes } from '../audit/request-audit.ts';
import type { AuditRecord } from '../audit/trail.ts';
import type { Tx } from '../content/rows.ts';
import { ProblemsError } from '../fleet/refusal.ts';
import { ensureUnassigned } from '../fleet/unassigned.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { blockPc } from './blocks.ts';

export interface DecisionPorts {
  database: PrismaClient;
  clock: Clock;
  randomBytes: RandomBytes;
  enrolment: Pick<EnrolmentAddress, 'caFingerprint'>;
}

/** Who decides, where they may, and how it is recorded. */
export interface Decider {
  name: string;
  places: Places;
  changes: Changes;
}

interface Row {
  id: string;
  agentId: string;
  hostname: string;
  hardwareId: string | null;
  duplicateOf: string | null;
  /** Whether the agent whose place it would take, if there is one, is where the decider may. */
  mayReplace: boolean;
  via: string;
  state: string;
  officeId: string | null;
  officeBy: string;
  proofMessage: string | null;
  proofAnswer: string | null;
  decidedAt: Date | null;
  effectiveAt: Date | null;
}

const stateAfter = { approve: 'approved', reject: 'rejected', block: 'blocked' } as const;

/** Decides of each PC that waits and that the decider may decide of. @throws {HarpError} `api.not_found` for an office, `api.invalid` for a code */
export async function decide(request: DecisionRequest, ports: DecisionPorts, by: Decider): Promise<DecisionResult> {
  const { decision, officeId } = request;
  const code = request.code === undefined ? undefined : readCode(request.code);
  if (request.code !== undefined && code === undefined)
    throw new ProblemsError('api.invalid', [
      { field: 'code', message: 'a code has six letters and digits, as the PC shows them' },
    ]);
  if (officeId !== undefined) await requireOffice(officeId, ports.database, by.places);
  const rootFingerprint = code === undefined ? '' : await ports.enrolment.caFingerprint();
  return by.changes.change(async (tx, record) => {
    const nowMs = ports.clock.nowMs();
    const rows = await rowsOf(tx, request.ids, by.places);
    const decided: string[] = [];
    const skipped = request.ids
      .filter((id) => !rows.some((row) => row.id === id))
      .map((id) => ({ id, cause: 'enrolment.request_unknown' }));
    for (const row of rows) {
      if (row.state !== 'waiting') {
        skipped.push({ id: row.id, cause: `enrolment.${row.state}` });
        continue;
      }
      if (decision === 'approve' && !row.mayReplace) {
        skipped.push({ id: row.id, cause: 'enrolment.duplicate' });
        continue;
      }
      const needsProof = decision === 'approve' && isUnpinned(row.via);
      const proof =
        needsProof && code !== undefined && row.proofMessage !== null
          ? await answerProof(
              code,
              { rootFingerprint, agentId: row.agentId },
              { message: row.proofMessage, request: row.id },
            )
          : undefined;
      if (needsProof && proof === undefined) {
        skipped.push({ id: row.id, cause: 'enrolment.code_needed' });
        continue;
      }
      const office = officeId === undefined ? {} : { officeId, officeBy: 'person', officeWhy: null };
      const verdict =
        decision === 'assign'
          ? {}
          : {
              state: stateAfter[decision],
              decidedBy: by.name,
              decidedAt: new Date(nowMs),
              effectiveAt: new Date(nowMs + UNDO_MS),
            };
      const proven =
        proof === undefined
          ? {}
          : { proofAnswer: proof.answer, proofConfirm: proof.confirm, proofExpected: proof.expected };
      await tx.enrolmentRequest.update({ where: { id: row.id }, data: { ...office, ...verdict, ...proven } });
      if (decision === 'block') await blockPc(tx, pcOf(row), { ...by, reason: 'enrolment', nowMs }, ports);
      recordDecision(record, decision, row, {
        state: decision === 'assign' ? row.state : stateAfter[decision],
        office: officeId ?? row.officeId,
        ...(proof === undefined ? {} : { compared: true }),
      });
      decided.push(row.id);
    }
    if (decided.length === 0) record.nothing();
    else await tellBroker(tx, decided);
    return {
      decided,
      skipped,
      effectiveAtMs: decision === 'assign' || decided.length === 0 ? null : nowMs + UNDO_MS,
    };
  });
}

/** Takes decisions back that have not taken effect. The office that a person chose stays. */
export async function undo(
  ids: readonly string[],
  { clock }: Pick<DecisionPorts, 'clock'>,
  by: Decider,
): Promise<UndoResult> {
  return by.changes.change(async (tx, record) => {
    const nowMs = clock.nowMs();
    const rows = await rowsOf(tx, ids, by.places);
    const open = rows.filter(
      ({ state, effectiveAt }) =>
        Object.values<string>(stateAfter).includes(state) && effectiveAt !== null && effectiveAt.getTime() > nowMs,
    );
    for (const row of open) {
      // What was answered is spent: the PC has one guess a code, so it makes another one.
      const spent = { proofMessage: null, proofAnswer: null, proofConfirm: null, proofExpected: null };
      await tx.enrolmentRequest.update({
        where: { id: row.id },
        data: {
          state: 'waiting',
          decidedBy: null,
          decidedAt: null,
          effectiveAt: null,
          ...(row.proofAnswer === null ? {} : { ...spent, cause: 'enrolment.code_needed' }),
        },
      });
      // Those that the decision made, and no older ones.
      if (row.state === 'blocked' && row.decidedAt !== null)
        await tx.enrolmentBlock.deleteMany({
          where: {
            value: { in: [row.agentId, ...(row.hardwareId === null ? [] : [row.hardwareId])] },
            createdAt: row.decidedAt,
          },
        });
      recordDecision(record, 'undo', row, { state: 'waiting', office: row.officeId });
    }
    const undone = open.map(({ id }) => id);
    if (undone.length === 0) record.nothing();
    else await tellBroker(tx, undone);
    return { undone, late: ids.filter((id) => !undone.includes(id)) };
  });
}

/** Rows of the places, locked: the broker changes them too. */
function rowsOf(tx: Tx, ids: readonly string[], places: Places): Promise<Row[]> {
  return tx.$queryRaw<Row[]>`
    SELECT e."id", e."agentId", e."hostname", e."hardwareId", e."duplicateOf", e."via", e."state", e."officeId", e."officeBy", e."proofMessage",
      e."proofAnswer", e."decidedAt", e."effectiveAt", (a."id" IS NULL OR ${officeIn(Prisma.sql`a."officeId"`, places)}) AS "mayReplace"
    FROM "EnrolmentRequest" e LEFT JOIN "Agent" a ON a."id" = e."duplicateOf" AND a."revokedAt" IS NULL
    WHERE e."id" = ANY (${[...ids]}::text[]) AND ${officeIn(Prisma.sql`e."officeId"`, places)}
    ORDER BY e."createdAt", e."id" FOR UPDATE OF e`;
}

/** The hardware that a PC claims may be another's, who would be locked out with it. */
function pcOf({ agentId, hostname, hardwareId, duplicateOf }: Row) {
  return { agentId, hostname, hardwareId: duplicateOf === null ? hardwareId : null };
}

function recordDecision(
  record: AuditRecord,
  decision: DecisionRequest['decision'] | 'undo',
  { id, hostname, state, officeId }: Row,
  after: Record<string, unknown>,
): void {
  record.add({
    action: `enrolment.${decision}`,
    object: { kind: 'enrolment', id, name: hostname },
    office: typeof after.office === 'string' ? after.office : null,
    before: { state, office: officeId },
    after,
  });
}

async function requireOffice(id: string, database: PrismaClient, places: Places): Promise<void> {
  const exists =
    id === UNASSIGNED_OFFICE || (await database.office.findUnique({ where: { id }, select: { id: true } })) !== null;
  if (!exists || !isIn(places, id)) throw new HarpError('api.not_found', `there is no office ${id}`);
}

/** Sent when the transaction commits; wakes the PCs that wait. */
async function tellBroker(tx: Tx, ids: readonly string[]): Promise<void> {
  const payload = ids.length === 1 ? (ids[0] ?? '') : '';
  await tx.$executeRaw`SELECT pg_notify('harp_enrolment', ${payload})`;
}

/** Moves an agent to an office, where it stays wherever its PC goes. @throws {HarpError} `api.not_found` */
export async function moveAgent(
  { id, officeId }: { id: string; officeId: string },
  database: PrismaClient,
  { places, changes }: Pick<Decider, 'places' | 'changes'>,
): Promise<void> {
  await requireOffice(officeId, database, places);
  await changes.change(async (tx, record) => {
    const agent = await tx.agent.findUnique({
      where: { id },
      select: { hostname: true, officeBy: true, officeId: true, revokedAt: true },
    });
    if (agent === null || agent.revokedAt !== null || !isIn(places, agent.officeId))
      throw new HarpError('api.not_found', `there is no agent ${id}`);
    if (agent.officeId === officeId && agent.officeBy === 'person') return record.nothing();
    if (officeId === UNASSIGNED_OFFICE) await ensureUnassigned(tx);
    await tx.agent.update({ where: { id }, data: { officeId, officeBy: 'person' } });
    record.add({
      action: 'agent.move',
      object: { kind: 'agent', id, name: agent.hostname },
      office: officeId,
      before: { office: agent.officeId, by: agent.officeBy },
      after: { office: officeId, by: 'person' },
    });
    // Roster, desired state and grants follow from it.
    await tx.$executeRaw`SELECT pg_notify('harp_fleet', '')`;
  });
}
