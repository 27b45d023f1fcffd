/** PCs that ask to be let in, and what a decision about them rests on. Rows of EnrolmentRequest are written here and, where people decide, by the console. */
import type { EnrolmentRequest, EnrolmentToken, PrismaClient } from '@harp/prisma';
import type {
  AgentId,
  EnrolmentRequestId,
  EnrolmentRuleState,
  EnrolmentTokenFacts,
  EnrolmentVia,
  ErrorCode,
  OfficeBy,
  OfficeId,
  WaitingCause,
} from '../protocol/index.ts';
import { leaveForAudit } from './audit-outbox.ts';

/** Rows of PCs that wait or were refused, at most: beyond, the least promising one makes room. */
export const MAX_OPEN_REQUESTS = 10_000;

export interface TokenRow extends EnrolmentTokenFacts {
  id: string;
  officeId: OfficeId | null;
  tags: readonly string[];
}

export interface RuleRow extends EnrolmentRuleState {
  name: string;
  officeId: OfficeId | null;
  tags: readonly string[];
}

/** What the database knows of a PC that asks, at one moment. */
export interface RequestSight {
  isBlocked: boolean;
  agent: { isRevoked: boolean } | undefined;
  /** An agent with the same hardware and another key that is not revoked: one that is connected before others, else the newest. */
  twin: { id: AgentId; officeId: OfficeId } | undefined;
  rules: RuleRow[];
  offices: { id: OfficeId; subnets: string[] }[];
  present: RequestRow | undefined;
}

/** What a PC asks with. */
export interface AskingPc {
  agentId: AgentId;
  csr: string;
  hostname: string;
  platform: string;
  version: string;
  hardwareId: string | null;
  serial: string | null;
  userName: string | null;
  domain: string | null;
  addresses: string[];
  seenAddress: string;
  via: EnrolmentVia;
  tokenId: string | null;
}

export type RequestState = 'waiting' | 'approved' | 'enrolled' | 'rejected' | 'blocked' | 'refused';

export interface RequestRow extends AskingPc {
  id: EnrolmentRequestId;
  state: RequestState;
  cause: ErrorCode | null;
  officeId: OfficeId | null;
  officeBy: OfficeBy;
  tags: string[];
  ticketHash: string;
  /** The agent whose hardware it has, as people were told. */
  duplicateOf: AgentId | null;
  /** What a PC that has to be let in by its code sent first; null: a person took an answer to it back, so it is used. */
  proofMessage: string | null;
  proof: { message: string; answer: string; confirm: string; expected: string } | undefined;
  decidedAtMs: number | undefined;
  effectiveAtMs: number | undefined;
}

/** What becomes of a row that is not let in at once. */
export interface Filing {
  id: EnrolmentRequestId;
  state: 'waiting' | 'refused';
  cause: WaitingCause | ErrorCode;
  office: { officeId: OfficeId | null; officeBy: OfficeBy; officeWhy: string | null };
  duplicateOf: AgentId | null;
  tags: readonly string[];
  ticketHash: string;
  proofMessage: string | null;
}

export interface RequestStore {
  tokenByHash(secretHash: string): Promise<TokenRow | undefined>;
  tokenById(id: string): Promise<TokenRow | undefined>;
  /** Everything a decision rests on but the token. */
  look(agent: AgentId, hardwareId: string | undefined, nowMs: number): Promise<RequestSight>;
  find(id: EnrolmentRequestId): Promise<RequestRow | undefined>;
  /** Writes how a PC's request stands, in the place of what it asked before. Resolves to the row's id. */
  file(pc: AskingPc, filing: Filing, nowMs: number): Promise<EnrolmentRequestId>;
  /** The PC shows a new ticket; the rest stays. */
  renewTicket(id: EnrolmentRequestId, ticketHash: string, nowMs: number): Promise<void>;
  /** What the PC held back until it knew whom it talks to. */
  addMachine(
    id: EnrolmentRequestId,
    machine: Pick<AskingPc, 'hardwareId' | 'serial' | 'userName' | 'domain'>,
  ): Promise<void>;
  /** The PC's proof did not fit: it waits again, and nothing of the decision stays. */
  takeBack(id: EnrolmentRequestId): Promise<void>;
  noteSeen(id: EnrolmentRequestId, nowMs: number): Promise<void>;
  /** It still waits, for another reason. */
  noteCause(id: EnrolmentRequestId, cause: WaitingCause, duplicateOf: AgentId | null): Promise<void>;
  /** It was approved by somebody who did not know whose place it would take: it waits again. */
  noteTwin(id: EnrolmentRequestId, twin: AgentId): Promise<void>;
  /** Stops a rule until a person lets go of its brake. */
  pauseRule(id: string, cause: 'cap' | 'rate', nowMs: number): Promise<void>;
}

const undecided = {
  decidedBy: null,
  decidedAt: null,
  effectiveAt: null,
  proofAnswer: null,
  proofConfirm: null,
  proofExpected: null,
} as const;

/** The requests in PostgreSQL. */
export function createRequestStore(prisma: PrismaClient): RequestStore {
  return {
    tokenByHash: async (secretHash) => tokenOf(await prisma.enrolmentToken.findUnique({ where: { secretHash } })),
    tokenById: async (id) => tokenOf(await prisma.enrolmentToken.findUnique({ where: { id } })),

    async look(agent, hardwareId, nowMs) {
      const minuteAgo = new Date(nowMs - 60_000);
      const [blocks, row, twin, rules, used, offices, present] = await Promise.all([
        prisma.enrolmentBlock.count({ where: { OR: blocksOf(agent, hardwareId) } }),
        prisma.agent.findUnique({ where: { id: agent }, select: { revokedAt: true } }),
        hardwareId === undefined
          ? null
          : prisma.agent.findFirst({
              where: { hardwareId, revokedAt: null, NOT: { id: agent } },
              orderBy: [{ online: 'desc' }, { enrolledAt: 'desc' }],
              select: { id: true, officeId: true },
            }),
        prisma.enrolmentRule.findMany({ orderBy: { position: 'asc' } }),
        prisma.enrolmentRequest.groupBy({
          by: ['ruleId'],
          where: { ruleId: { not: null }, state: 'enrolled', decidedAt: { gt: minuteAgo } },
          _count: true,
        }),
        prisma.office.findMany({
          where: { NOT: { subnets: { isEmpty: true } } },
          select: { id: true, subnets: true },
          orderBy: { id: 'asc' },
        }),
        prisma.enrolmentRequest.findUnique({ where: { agentId: agent } }),
      ]);
      const usedLately = new Map(used.map(({ ruleId, _count }) => [ruleId, _count]));
      return {
        isBlocked: blocks > 0,
        agent: row === null ? undefined : { isRevoked: row.revokedAt !== null },
        twin: twin === null ? undefined : { id: twin.id as AgentId, officeId: twin.officeId as OfficeId },
        rules: rules.map((rule) => ({
          ...rule,
          officeId: rule.officeId as OfficeId | null,
          validFromMs: rule.validFrom?.getTime() ?? null,
          validUntilMs: rule.validUntil?.getTime() ?? null,
          pausedAtMs: rule.pausedAt?.getTime() ?? null,
          usedInLastMinute: usedLately.get(rule.id) ?? 0,
        })),
        offices: offices.map(({ id, subnets }) => ({ id: id as OfficeId, subnets })),
        present: present === null ? undefined : rowOf(present),
      };
    },

    async find(id) {
      const row = await prisma.enrolmentRequest.findUnique({ where: { id } });
      return row === null ? undefined : rowOf(row);
    },

    async file(pc, { id, state, cause, office, tags, ...filing }, nowMs) {
      const now = new Date(nowMs);
      const columns = { ...pc, ...filing, ...office, tags: [...tags], ...undecided, state, cause, ruleId: null };
      const update = { ...columns, lastSeenAt: now };
      const present = await prisma.enrolmentRequest.findUnique({
        where: { agentId: pc.agentId },
        select: { id: true },
      });
      if (present === null) await makeRoom(prisma);
      const row = await prisma.enrolmentRequest.upsert({
        where: { agentId: pc.agentId },
        create: { ...update, id, createdAt: now },
        update,
        select: { id: true },
      });
      return row.id as EnrolmentRequestId;
    },

    async renewTicket(id, ticketHash, nowMs) {
      await prisma.enrolmentRequest.update({ where: { id }, data: { ticketHash, lastSeenAt: new Date(nowMs) } });
    },

    async addMachine(id, { hardwareId, serial, userName, domain }) {
      await prisma.enrolmentRequest.updateMany({
        where: { id, state: { not: 'enrolled' } },
        data: { hardwareId, serial, userName, domain },
      });
    },

    async takeBack(id) {
      await prisma.enrolmentRequest.updateMany({
        where: { id, state: { in: ['approved', 'waiting'] } },
        data: { ...undecided, state: 'waiting', cause: 'enrolment.code_mismatch' },
      });
    },

    async noteSeen(id, nowMs) {
      await prisma.enrolmentRequest.updateMany({ where: { id }, data: { lastSeenAt: new Date(nowMs) } });
    },

    async noteCause(id, cause, duplicateOf) {
      await prisma.enrolmentRequest.updateMany({ where: { id, state: 'waiting' }, data: { cause, duplicateOf } });
    },

    async noteTwin(id, duplicateOf) {
      await prisma.enrolmentRequest.updateMany({
        where: { id, state: 'approved' },
        data: { ...undecided, state: 'waiting', cause: 'enrolment.duplicate', duplicateOf },
      });
    },

    pauseRule: (id, cause, nowMs) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.enrolmentRule.updateMany({
          where: { id, pausedAt: null },
          data: { pausedAt: new Date(nowMs), pausedCause: cause },
        });
        const rule = count === 0 ? null : await tx.enrolmentRule.findUnique({ where: { id } });
        if (rule === null) return;
        await leaveForAudit(tx, {
          action: 'rule.pause',
          object: { kind: 'enrolment-rule', id, name: rule.name },
          office: rule.officeId,
          before: { paused: null },
          after: { paused: cause },
        });
      }),
  };
}

/** Blocks that concern a key or its hardware. */
export function blocksOf(agent: AgentId, hardwareId: string | null | undefined): { kind: string; value: string }[] {
  const key = { kind: 'key', value: agent };
  return hardwareId == null ? [key] : [key, { kind: 'hardware', value: hardwareId }];
}

/** Anybody may ask, so what is kept of those who are not let in is bounded: refused ones go first, then those who came without a token, the oldest first. */
async function makeRoom(prisma: PrismaClient): Promise<void> {
  const open = await prisma.enrolmentRequest.count({ where: { state: { in: ['waiting', 'refused'] } } });
  if (open < MAX_OPEN_REQUESTS) return;
  await prisma.$executeRaw`
    DELETE FROM "EnrolmentRequest" WHERE "id" = (
      SELECT "id" FROM "EnrolmentRequest" WHERE "state" IN ('waiting', 'refused')
      ORDER BY "state" = 'waiting', "tokenId" IS NOT NULL, "createdAt" LIMIT 1)`;
}

function tokenOf(row: EnrolmentToken | null): TokenRow | undefined {
  if (row === null) return undefined;
  return {
    id: row.id,
    officeId: row.officeId as OfficeId | null,
    tags: row.tags,
    approval: row.approval === 'automatic' ? 'automatic' : 'manual',
    cidrs: row.cidrs,
    usesLeft: row.uses - row.used,
    expiresAtMs: row.expiresAt.getTime(),
    isRevoked: row.revokedAt !== null,
  };
}

function rowOf(row: EnrolmentRequest): RequestRow {
  const { proofMessage, proofAnswer, proofConfirm, proofExpected } = row;
  const isAnswered = proofMessage !== null && proofAnswer !== null && proofConfirm !== null && proofExpected !== null;
  return {
    ...row,
    id: row.id as EnrolmentRequestId,
    agentId: row.agentId as AgentId,
    via: row.via as EnrolmentVia,
    state: row.state as RequestState,
    cause: row.cause as ErrorCode | null,
    officeId: row.officeId as OfficeId | null,
    officeBy: row.officeBy as OfficeBy,
    duplicateOf: row.duplicateOf as AgentId | null,
    proof: isAnswered
      ? { message: proofMessage, answer: proofAnswer, confirm: proofConfirm, expected: proofExpected }
      : undefined,
    decidedAtMs: row.decidedAt?.getTime(),
    effectiveAtMs: row.effectiveAt?.getTime(),
  };
}
