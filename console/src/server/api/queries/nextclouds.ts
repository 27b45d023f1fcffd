/** Connections to Nextcloud as the API shows them: never with their password. */
import type { PrismaClient } from '@harp/prisma';
import type { Nextcloud } from '../../../api/schemas.ts';
import { atMsOrNull } from './instants.ts';

/** One connection; undefined if there is none. */
export async function findNextcloud(database: PrismaClient, id: string): Promise<Nextcloud | undefined> {
  const row = await database.nextcloud.findUnique({
    where: { id },
    omit: { passwordSealed: true, caPem: true, createdAt: true },
  });
  if (row === null) return undefined;
  const { name, url, version, userName, davUser, errorCode, errorDetail, checkedAt } = row;
  return {
    id,
    name,
    url,
    version,
    user: userName,
    davUser,
    error: errorCode === null ? null : { code: errorCode, detail: errorDetail ?? '' },
    checkedAtMs: atMsOrNull(checkedAt),
  };
}
