import type { Prisma } from '@harp/prisma';
import { UNASSIGNED_OFFICE } from '../protocol/index.ts';

/** Names for the office of PCs that no office claims; the second where a person has given the first to an office of their own. */
const NAMES = ['Unassigned', 'Unassigned PCs'] as const;

/** Makes the office for PCs that no office claims, if it is not there yet. */
export async function ensureUnassignedOffice(tx: Prisma.TransactionClient): Promise<void> {
  for (const name of NAMES) {
    await tx.$executeRaw`
      INSERT INTO "Office" ("id", "name", "subnets") VALUES (${UNASSIGNED_OFFICE}, ${name}, '{}') ON CONFLICT DO NOTHING`;
  }
}
