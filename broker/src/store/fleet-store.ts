/**
 * The only place of the broker that talks to the database: one file per use case, rows in and domain values out, no Prisma type leaves.
 * Errors of the database pass through as they are; callers decide whether to wait or to give up.
 */
import type { PrismaClient } from '@harp/prisma';
import { AgentId, type FolderId, type OfficeId } from '../protocol/index.ts';
import type { FleetRows } from '../registry/registry.ts';

/** Reads who belongs where. Three short queries: ten thousand agents are about a megabyte. */
export async function readFleet(prisma: PrismaClient): Promise<FleetRows> {
  const [agents, folders, blocks] = await Promise.all([
    prisma.agent.findMany({ select: { id: true, officeId: true, revokedAt: true } }),
    prisma.folderOffice.findMany({ select: { officeId: true, folderId: true } }),
    prisma.enrolmentBlock.findMany({ where: { kind: 'key' }, select: { value: true } }),
  ]);
  return {
    agents: agents.map(({ id, officeId, revokedAt }) => ({
      id: id as AgentId,
      officeId: officeId as OfficeId,
      isRevoked: revokedAt !== null,
    })),
    folders: folders.map(({ officeId, folderId }) => ({
      officeId: officeId as OfficeId,
      folderId: folderId as FolderId,
    })),
    blocked: blocks.flatMap(({ value }) => AgentId.safeParse(value).data ?? []),
  };
}
