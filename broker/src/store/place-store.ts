/** Where agents connect from, and the office that this puts them in. */
import type { PrismaClient } from '@harp/prisma';
import { type AgentId, type OfficeId, officeOfAddress } from '../protocol/index.ts';
import { leaveForAudit } from './audit-outbox.ts';

export interface PlaceStore {
  /**
   * Notes where agents came from, and moves those into the office whose network they are in that a person has not put where they are. Resolves to who
   * was moved.
   */
  arrive(addresses: ReadonlyMap<AgentId, string>): Promise<AgentId[]>;
}

export function createPlaceStore(prisma: PrismaClient): PlaceStore {
  return {
    async arrive(addresses) {
      const [agents, rows] = await Promise.all([
        prisma.agent.findMany({
          where: { id: { in: [...addresses.keys()] }, revokedAt: null },
          select: { id: true, hostname: true, officeId: true, officeBy: true, address: true },
        }),
        prisma.office.findMany({ select: { id: true, subnets: true }, orderBy: { id: 'asc' } }),
      ]);
      const offices = rows.map(({ id, subnets }) => ({ id: id as OfficeId, subnets }));
      const moved: AgentId[] = [];
      for (const agent of agents) {
        const address = addresses.get(agent.id as AgentId)!;
        const found = agent.officeBy === 'person' ? undefined : officeOfAddress(address, offices);
        if (found === undefined || found.officeId === agent.officeId) {
          if (agent.address !== address) await prisma.agent.updateMany({ where: { id: agent.id }, data: { address } });
          continue;
        }
        const { officeId, subnet } = found;
        const isMoved = await prisma.$transaction(async (tx) => {
          const { count } = await tx.agent.updateMany({
            // A person may have put it somewhere meanwhile.
            where: { id: agent.id, officeId: agent.officeId, revokedAt: null, NOT: { officeBy: 'person' } },
            data: { officeId, officeBy: 'subnet', address },
          });
          if (count === 0) return false;
          await leaveForAudit(tx, {
            action: 'agent.move',
            object: { kind: 'agent', id: agent.id, name: agent.hostname },
            office: officeId,
            before: { office: agent.officeId, officeBy: agent.officeBy },
            after: { office: officeId, officeBy: 'subnet', network: subnet, seenAddress: address },
          });
          return true;
        });
        if (isMoved) moved.push(agent.id as AgentId);
      }
      return moved;
    },
  };
}
