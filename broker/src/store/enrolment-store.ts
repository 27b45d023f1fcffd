import { Prisma, type PrismaClient } from '@harp/prisma';
import { type AgentId, HarpError, type KeyId, type OfficeId, type SigningKey } from '../protocol/index.ts';

/** What an enrolment token grants, as far as its state allows. */
export interface TokenRow {
  id: string;
  office: { id: OfficeId; name: string };
  isRevoked: boolean;
  expiresAtMs: number;
  usesLeft: number;
}

/** An agent's row, as enrolment sees it. */
interface EnrolledRow {
  officeId: OfficeId;
  isRevoked: boolean;
}

/** What enrolment writes about a new agent. */
export interface NewAgent {
  id: AgentId;
  officeId: OfficeId;
  hostname: string;
  platform: string;
  version: string;
  certificate: { serial: string; endsAtMs: number };
}

/** A new certificate, and at enrolment what the PC says of itself. */
type AgentChange = Pick<NewAgent, 'certificate'> & Partial<Pick<NewAgent, 'hostname' | 'platform' | 'version'>>;

export interface EnrolmentStore {
  /** The token with this hash (SHA-256 of its secret, hexadecimal). Its office is as it is now. */
  tokenByHash(secretHash: string): Promise<TokenRow | undefined>;
  agentById(id: AgentId): Promise<EnrolledRow | undefined>;
  /**
   * Inserts the agent and uses the token once, both or neither. `token_gone` if the token has no use left or has ended meanwhile, `exists` if the
   * agent has been inserted meanwhile.
   */
  insertAgent(tokenId: string, agent: NewAgent, nowMs: number): Promise<'inserted' | 'token_gone' | 'exists'>;
  /** Records a change of an agent's row. @throws {HarpError} `identity.revoked` if the row is gone. */
  updateAgent(id: AgentId, change: AgentChange): Promise<void>;
  /** The keys that sign heads and desired states now. */
  signingKeys(): Promise<SigningKey[]>;
}

/** The enrolment tables in PostgreSQL. */
export function createEnrolmentStore(prisma: PrismaClient): EnrolmentStore {
  return {
    async tokenByHash(secretHash) {
      const row = await prisma.enrolmentToken.findUnique({ where: { secretHash }, include: { office: true } });
      if (row === null) return undefined;
      return {
        id: row.id,
        office: { id: row.office.id as OfficeId, name: row.office.name },
        isRevoked: row.revokedAt !== null,
        expiresAtMs: row.expiresAt.getTime(),
        usesLeft: row.uses - row.used,
      };
    },

    async agentById(id) {
      const row = await prisma.agent.findUnique({ where: { id }, select: { officeId: true, revokedAt: true } });
      return row === null ? undefined : { officeId: row.officeId as OfficeId, isRevoked: row.revokedAt !== null };
    },

    async insertAgent(tokenId, { certificate, ...agent }, nowMs) {
      const now = new Date(nowMs);
      try {
        await prisma.$transaction(async (tx) => {
          // The agent first: a second request of the same key waits here for the first and then finds the agent, not a token without uses.
          await tx.agent.create({ data: { ...agent, enrolledAt: now, ...certificateColumns(certificate) } });
          // One conditional UPDATE: of two agents that race for the last use, the row lock lets exactly one through.
          const used = await tx.$executeRaw`
            UPDATE "EnrolmentToken" SET "used" = "used" + 1
            WHERE "id" = ${tokenId} AND "used" < "uses" AND "revokedAt" IS NULL AND "expiresAt" > ${now}`;
          if (used === 0) throw new TokenGone();
        });
        return 'inserted';
      } catch (error) {
        if (error instanceof TokenGone) return 'token_gone';
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'exists';
        throw error;
      }
    },

    async updateAgent(id, { certificate, ...change }) {
      const { count } = await prisma.agent.updateMany({
        where: { id },
        data: { ...change, ...certificateColumns(certificate) },
      });
      if (count === 0) throw new HarpError('identity.revoked', 'this agent was removed');
    },

    async signingKeys() {
      const rows = await prisma.signingKey.findMany({ where: { retiredAt: null }, orderBy: { createdAt: 'desc' } });
      return rows.map(({ key, publicKey }) => ({ key: key as KeyId, publicKey }));
    },
  };
}

/** Rolls a transaction back. */
class TokenGone extends Error {}

function certificateColumns({ serial, endsAtMs }: NewAgent['certificate']) {
  return { certificateSerial: serial, certificateEndsAt: new Date(endsAtMs) };
}
