import type { PrismaClient } from '@harp/prisma';
import { type AgentId, HarpError } from '../protocol/index.ts';
import { leaveAloneForAudit } from './audit-outbox.ts';

/** What an agent said and showed last. Fingerprints. */
export interface AgentTrust {
  trustedRoots: readonly string[];
  /** The root its certificate hangs below; null: of none we know. */
  certificateRoot: string | null;
  /** The certificate that issued its own: an intermediate, or a root as before there were intermediates. */
  certificateIssuer: string | null;
}

export interface TrustRow extends AgentTrust {
  id: AgentId;
  hostname: string;
}

export interface TrustStore {
  /** @throws {HarpError} `identity.revoked` if the row is gone. */
  record(agent: AgentId, trust: AgentTrust): Promise<void>;
  /** Agents that are not revoked and whose certificate has not ended. */
  rows(nowMs: number): Promise<TrustRow[]>;
  /** Leaves for the audit log that the authority is another one now. */
  recordRotation(before: Authorities, after: Authorities & { step: string; operator?: string }): Promise<void>;
}

/** Who signs. Fingerprints. */
export interface Authorities {
  root: string;
  nextRoot: string | null;
  oldRoot: string | null;
  issuing: string;
}

/** Columns of Agent in PostgreSQL. */
export function createTrustStore(prisma: PrismaClient): TrustStore {
  return {
    async record(id, { trustedRoots, certificateRoot, certificateIssuer }) {
      const { count } = await prisma.agent.updateMany({
        where: { id },
        data: { trustedRoots: [...trustedRoots], certificateRoot, certificateIssuer },
      });
      if (count === 0) throw new HarpError('identity.revoked', 'this agent was removed');
    },
    async rows(nowMs) {
      const rows = await prisma.agent.findMany({
        where: { revokedAt: null, certificateEndsAt: { gt: new Date(nowMs) } },
        select: { id: true, hostname: true, trustedRoots: true, certificateRoot: true, certificateIssuer: true },
        orderBy: { hostname: 'asc' },
      });
      return rows.map((row) => ({ ...row, id: row.id as AgentId }));
    },
    recordRotation: (before, after) =>
      leaveAloneForAudit(prisma, {
        action: 'authority.rotate',
        object: { kind: 'server', id: 'authority', name: 'certificate authority' },
        office: null,
        before: { ...before },
        after: { ...after },
      }),
  };
}
