/** Connections to Nextcloud as the API shows them: never with their password. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { Nextcloud } from '../../../api/schemas.ts';
import { folderIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { atMsOrNull } from './instants.ts';

/** One connection; undefined if there is none, or none of its folders is in the places. */
export async function findNextcloud(
  database: PrismaClient,
  id: string,
  places: Places,
): Promise<Nextcloud | undefined> {
  if (places !== 'everywhere') {
    const folders = await database.$queryRaw<unknown[]>`
      SELECT 1 FROM "Folder" f WHERE f."nextcloudId" = ${id} AND ${folderIn(Prisma.sql`f."id"`, places)} LIMIT 1`;
    if (folders.length === 0) return undefined;
  }
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
