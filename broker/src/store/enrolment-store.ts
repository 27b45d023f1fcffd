/** Agents as enrolment makes and renews them. Letting a PC in is one transaction: agent, use of token and rule, the agent it replaces, audit entry. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import {
  type AgentId,
  HarpError,
  type KeyId,
  type OfficeBy,
  type OfficeId,
  type SigningKey,
  UNASSIGNED_OFFICE,
} from '../protocol/index.ts';
import { leaveForAudit } from './audit-outbox.ts';
import { type AskingPc, blocksOf } from './request-store.ts';
import type { AgentTrust } from './trust-store.ts';
import { ensureUnassignedOffice } from './unassigned-office.ts';

export interface IssuedCertificate {
  serial: string;
  endsAtMs: number;
}

/** Who or what lets the PC in. Each is checked again in the transaction. */
type Admitter =
  | { kind: 'token' }
  | { kind: 'rule'; ruleId: string }
  /** `twin`: the agent whose place they let it take; `by_code`: whatever place is the PC's, at which they read its code. */
  | { kind: 'person'; requestId: string; twin: AgentId | 'by_code' | null };

/** A PC that is let in. */
export interface Admission {
  pc: AskingPc;
  /** For its request's row, if it has none yet. */
  request: { id: string; ticketHash: string };
  by: Admitter;
  office: { officeId: OfficeId; officeBy: OfficeBy; officeWhy: string | null };
  tags: readonly string[];
  certificate: IssuedCertificate;
  trust: AgentTrust;
}

export type AdmissionOutcome =
  | { outcome: 'admitted'; office: { id: OfficeId; name: string }; replaced: AgentId[] }
  /** Decided otherwise meanwhile: its token is used up, its rule is full, somebody blocked it or took the approval back. */
  | { outcome: 'token_gone' | 'blocked' | 'taken_back' }
  | { outcome: 'rule_full'; cause: 'cap' | 'rate' }
  /** It claims the hardware of an agent, which is for a person to decide who knows so. */
  | { outcome: 'twin'; twin: { id: AgentId; officeId: OfficeId } }
  /** It is an agent already: two answers were under way. */
  | { outcome: 'exists' };

/** A new certificate, and at enrolment what the PC says of itself. */
type AgentChange = { certificate: IssuedCertificate } & Partial<
  Pick<AskingPc, 'hostname' | 'platform' | 'version'> & { trust: AgentTrust }
>;

export interface EnrolmentStore {
  admit(admission: Admission, nowMs: number): Promise<AdmissionOutcome>;
  /** Where an agent that is not revoked belongs. */
  officeOf(agent: AgentId): Promise<{ id: OfficeId; name: string } | undefined>;
  /** Records a change of an agent's row. @throws {HarpError} `identity.revoked` if the row is gone or revoked. */
  updateAgent(id: AgentId, change: AgentChange): Promise<void>;
  /** The keys that sign heads and desired states now. */
  signingKeys(): Promise<SigningKey[]>;
}

type Tx = Prisma.TransactionClient;

/** The agents in PostgreSQL. */
export function createEnrolmentStore(prisma: PrismaClient): EnrolmentStore {
  return {
    async admit(admission, nowMs) {
      try {
        return await prisma.$transaction((tx) => admitIn(tx, admission, new Date(nowMs)), {
          maxWait: 15_000,
          timeout: 15_000,
        });
      } catch (error) {
        if (error instanceof NotNow) return error.outcome;
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
          return { outcome: 'exists' };
        throw error;
      }
    },

    async officeOf(agent) {
      const row = await prisma.agent.findUnique({ where: { id: agent }, include: { office: true } });
      return row === null || row.revokedAt !== null
        ? undefined
        : { id: row.office.id as OfficeId, name: row.office.name };
    },

    async updateAgent(id, { certificate, trust, ...change }) {
      const { count } = await prisma.agent.updateMany({
        where: { id, revokedAt: null },
        data: { ...change, ...certificateColumns(certificate), ...(trust === undefined ? {} : trustColumns(trust)) },
      });
      if (count === 0) throw new HarpError('identity.revoked', 'this agent was revoked');
    },

    async signingKeys() {
      const rows = await prisma.signingKey.findMany({ where: { retiredAt: null }, orderBy: { createdAt: 'desc' } });
      return rows.map(({ key, publicKey }) => ({ key: key as KeyId, publicKey }));
    },
  };
}

/** Rolls a transaction back. */
class NotNow extends Error {
  readonly outcome: AdmissionOutcome;
  constructor(outcome: AdmissionOutcome) {
    super(outcome.outcome);
    this.outcome = outcome;
  }
}

async function admitIn(tx: Tx, admission: Admission, now: Date): Promise<AdmissionOutcome> {
  const { pc, by } = admission;
  if ((await tx.enrolmentBlock.count({ where: { OR: blocksOf(pc.agentId, pc.hardwareId) } })) > 0)
    throw new NotNow({ outcome: 'blocked' });
  const predecessor = await replaceTwins(tx, pc, by, now);
  const place = placeOf(admission, predecessor);
  if (place.officeId === UNASSIGNED_OFFICE) await ensureUnassignedOffice(tx);
  const tags = [...new Set([...(predecessor?.tags ?? []), ...admission.tags])];
  await writeAgent(tx, admission, { ...place, tags }, now);
  await writeRequest(tx, admission, { ...place, tags }, now);
  if (by.kind === 'rule') await useRule(tx, by.ruleId, now);
  if (pc.tokenId !== null) await useToken(tx, pc.tokenId, by.kind === 'person', now);
  const office = await tx.office.findUniqueOrThrow({ where: { id: place.officeId }, select: { name: true } });
  await leaveForAudit(tx, {
    action: predecessor === undefined ? 'agent.enrol' : 'agent.reenrol',
    object: { kind: 'agent', id: pc.agentId, name: pc.hostname },
    office: place.officeId,
    before: predecessor === undefined ? null : { agent: predecessor.id, office: predecessor.officeId },
    after: {
      agent: pc.agentId,
      office: place.officeId,
      officeBy: place.officeBy,
      by: by.kind === 'rule' ? by.ruleId : by.kind,
      tokenId: pc.tokenId,
      via: pc.via,
      seenAddress: pc.seenAddress,
      tags,
    },
  });
  return {
    outcome: 'admitted',
    office: { id: place.officeId, name: office.name },
    replaced: predecessor === undefined ? [] : predecessor.replaced,
  };
}

interface Predecessor {
  id: AgentId;
  officeId: OfficeId;
  officeBy: OfficeBy;
  tags: string[];
  replaced: AgentId[];
}

/**
 * Agents that the same hardware was before it was installed anew: revoked if they are not connected, and the newest hands its place on. The hardware is a
 * claim, so only a person gives a place away, and none but the one they were told of.
 */
async function replaceTwins(tx: Tx, pc: AskingPc, by: Admitter, now: Date): Promise<Predecessor | undefined> {
  if (pc.hardwareId === null) return undefined;
  // Two that claim the same at once would both find nobody there.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${pc.hardwareId}, 0))`;
  const all = await tx.agent.findMany({
    where: { hardwareId: pc.hardwareId, revokedAt: null, NOT: { id: pc.agentId } },
    orderBy: { enrolledAt: 'desc' },
    select: { id: true, officeId: true, officeBy: true, tags: true, online: true },
  });
  const [any] = all;
  const told = all.filter(({ id }) => by.kind === 'person' && (by.twin === 'by_code' || by.twin === id));
  if (any !== undefined && told.length === 0)
    throw new NotNow({ outcome: 'twin', twin: { id: any.id as AgentId, officeId: any.officeId as OfficeId } });
  const twins = told.filter(({ online }) => !online);
  const [newest] = twins;
  if (newest === undefined) return undefined;
  const replaced = twins.map(({ id }) => id as AgentId);
  await tx.agent.updateMany({
    where: { id: { in: replaced } },
    data: { replacedById: pc.agentId, revokedAt: now },
  });
  return {
    id: newest.id as AgentId,
    officeId: newest.officeId as OfficeId,
    officeBy: newest.officeBy as OfficeBy,
    tags: newest.tags,
    replaced,
  };
}

/** What a person chose for this request counts; else a PC that was installed anew stays where it was. */
function placeOf({ office }: Admission, predecessor: Predecessor | undefined): Admission['office'] {
  if (office.officeBy === 'person' || predecessor === undefined || predecessor.officeId === UNASSIGNED_OFFICE)
    return office;
  return { officeId: predecessor.officeId, officeBy: predecessor.officeBy, officeWhy: null };
}

type Place = Admission['office'] & { tags: string[] };

/** @throws Prisma's P2002 or NotNow `exists` if the key is an agent's already */
async function writeAgent(tx: Tx, { pc, certificate, trust }: Admission, place: Place, now: Date): Promise<void> {
  const { agentId, hostname, platform, version, hardwareId, serial, userName, domain, tokenId } = pc;
  const row = {
    officeId: place.officeId,
    officeBy: place.officeBy,
    tags: place.tags,
    hostname,
    platform,
    version,
    hardwareId,
    serial,
    userName,
    domain,
    tokenId,
    address: pc.seenAddress,
    enrolledAt: now,
    ...certificateColumns(certificate),
    ...trustColumns(trust),
  };
  const present = await tx.agent.findUnique({ where: { id: agentId }, select: { revokedAt: true } });
  if (present === null) await tx.agent.create({ data: { id: agentId, ...row } });
  else if (present.revokedAt === null) throw new NotNow({ outcome: 'exists' });
  // It was revoked, and whoever did that unblocked it; or another installation of the same PC took its place and gives it back.
  else await tx.agent.update({ where: { id: agentId }, data: { ...row, revokedAt: null, replacedById: null } });
}

async function writeRequest(
  tx: Tx,
  { pc, by, request }: Admission,
  { tags, ...office }: Place,
  now: Date,
): Promise<void> {
  const columns = { ...office, tags, state: 'enrolled', cause: null, lastSeenAt: now };
  if (by.kind === 'person') {
    const { count } = await tx.enrolmentRequest.updateMany({
      where: { id: by.requestId, state: 'approved', effectiveAt: { lte: now } },
      data: columns,
    });
    if (count === 0) throw new NotNow({ outcome: 'taken_back' });
    return;
  }
  const decided = { decidedAt: now, effectiveAt: now, ruleId: by.kind === 'rule' ? by.ruleId : null };
  const { ticketHash } = request;
  await tx.enrolmentRequest.upsert({
    where: { agentId: pc.agentId },
    create: { ...pc, ...columns, ...decided, ticketHash, id: request.id, createdAt: now },
    update: { ...pc, ...columns, ...decided, ticketHash },
  });
}

/** One at a time takes the row: cap and rate hold however many PCs come at once. */
async function useRule(tx: Tx, ruleId: string, now: Date): Promise<void> {
  const [rule] = await tx.$queryRaw<{ cap: number | null; used: number; perMinute: number; pausedAt: Date | null }[]>`
    SELECT "cap", "used", "perMinute", "pausedAt" FROM "EnrolmentRule" WHERE "id" = ${ruleId} FOR UPDATE`;
  if (rule === undefined || rule.pausedAt !== null) throw new NotNow({ outcome: 'taken_back' });
  if (rule.cap !== null && rule.used >= rule.cap) throw new NotNow({ outcome: 'rule_full', cause: 'cap' });
  const lately = await tx.enrolmentRequest.count({
    where: { ruleId, state: 'enrolled', decidedAt: { gt: new Date(now.getTime() - 60_000) } },
  });
  // This PC's row is among them already.
  if (lately > rule.perMinute) throw new NotNow({ outcome: 'rule_full', cause: 'rate' });
  await tx.enrolmentRule.update({ where: { id: ruleId }, data: { used: { increment: 1 } } });
}

/** One conditional UPDATE: of two PCs that race for the last use, the row lock lets exactly one through. What a person decided is counted and not refused. */
async function useToken(tx: Tx, tokenId: string, isDecided: boolean, now: Date): Promise<void> {
  const used = await tx.$executeRaw`
    UPDATE "EnrolmentToken" SET "used" = "used" + 1
    WHERE "id" = ${tokenId} AND (${isDecided} OR ("used" < "uses" AND "revokedAt" IS NULL AND "expiresAt" > ${now}))`;
  if (used === 0 && !isDecided) throw new NotNow({ outcome: 'token_gone' });
}

function certificateColumns({ serial, endsAtMs }: IssuedCertificate) {
  return { certificateSerial: serial, certificateEndsAt: new Date(endsAtMs) };
}

function trustColumns({ trustedRoots, ...certificate }: AgentTrust) {
  return { trustedRoots: [...trustedRoots], ...certificate };
}
