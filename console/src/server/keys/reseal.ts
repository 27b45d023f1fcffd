/** The console's part of a new master key: passwords and tokens in the database are sealed anew, then the old key is forgotten. */
import { endMasterRotation, isMasterRotationPending, type Sealing } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { Logger } from '../ports.ts';
import { type SealedPlace, secretsWith } from './secrets.ts';

/** Every column of sealed values, with the columns that name a row. The id in a value's place joins these with `/`. */
export const sealedColumns: readonly { table: string; key: readonly string[]; column: string }[] = [
  { table: 'Nextcloud', key: ['id'], column: 'passwordSealed' },
  { table: 'FolderOffice', key: ['folderId', 'officeId'], column: 'tokenSealed' },
  { table: 'FolderOffice', key: ['folderId', 'officeId'], column: 'passwordSealed' },
  { table: 'TwoFactor', key: ['userId'], column: 'secretSealed' },
  { table: 'SignInProvider', key: ['id'], column: 'secretSealed' },
];

interface SealedRow {
  id: string;
  sealed: string;
}

/** Ends a rotation of the master key that was begun, and says whether there was one. Nothing else may seal meanwhile. @throws {HarpError} `keys.damaged` */
export async function resealIfPending(options: {
  prisma: PrismaClient;
  dataDir: string;
  sealing: Sealing;
  logger: Logger;
}): Promise<boolean> {
  const { prisma, dataDir, sealing, logger } = options;
  if (!isMasterRotationPending(sealing)) return false;
  const secrets = secretsWith(sealing);
  const left: SealedPlace[] = [];
  let count = 0;
  await prisma.$transaction(async (transaction) => {
    for (const { table, key, column } of sealedColumns) {
      const id = key.map((name) => `"${name}"`).join(` || '/' || `);
      const rows = await transaction.$queryRawUnsafe<SealedRow[]>(
        `SELECT ${id} AS id, "${column}" AS sealed FROM "${table}" WHERE "${column}" IS NOT NULL ORDER BY 1 FOR UPDATE`,
      );
      for (const row of rows) {
        const place = { table, column, id: row.id };
        const text = readable(() => secrets.open(place, row.sealed));
        if (text === undefined) {
          left.push(place);
          continue;
        }
        await transaction.$executeRawUnsafe(
          `UPDATE "${table}" SET "${column}" = $1 WHERE ${id} = $2`,
          secrets.seal(place, text),
          row.id,
        );
        count += 1;
      }
    }
  });
  // What no key opens was lost before, and is no reason to keep the old one.
  for (const place of left) logger.warn({ ...place }, 'a secret cannot be opened with any master key');
  await endMasterRotation(dataDir, sealing);
  logger.info({ count }, 'secrets are sealed with the new master key; the old one is forgotten');
  return true;
}

function readable(open: () => string): string | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
