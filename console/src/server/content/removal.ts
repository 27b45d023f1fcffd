/** Takes folders and assignments out of the database, inside the caller's transaction, and remembers the shares that must go at Nextcloud. */
import type { FolderId, OfficeId } from '@harp/broker/protocol';
import { z } from 'zod';
import type { Tx } from './rows.ts';

/** A share nobody uses any more; deleted at Nextcloud as soon as it answers. */
export const OrphanShare = z.object({ nextcloudId: z.string(), shareId: z.string() });
export type OrphanShare = z.infer<typeof OrphanShare>;

/** Settings under this prefix hold orphan shares. */
export const ORPHAN_PREFIX = 'content.orphanShare.';

/** Ends the distribution of a folder to an office. Absent already is fine. Follow up with a `harp_fleet` notification. */
export async function detachOffice(tx: Tx, folderId: FolderId, officeId: OfficeId): Promise<void> {
  const key = { folderId_officeId: { folderId, officeId } };
  const row = await tx.folderOffice.findUnique({ where: key, include: { folder: { select: { nextcloudId: true } } } });
  if (row === null) return;
  if (row.shareId !== null) await rememberOrphan(tx, { nextcloudId: row.folder.nextcloudId, shareId: row.shareId });
  await tx.folderOffice.delete({ where: key });
}

/** Removes a folder: assignments, chain, files. Its blobs fall to the garbage collection. Absent already is fine. Notify as above. */
export async function deleteFolder(tx: Tx, folderId: FolderId): Promise<void> {
  const offices = await tx.folderOffice.findMany({ where: { folderId }, select: { officeId: true } });
  for (const { officeId } of offices) await detachOffice(tx, folderId, officeId as OfficeId);
  const where = { where: { folderId } };
  await tx.$queryRaw`SELECT "id" FROM "Folder" WHERE "id" = ${folderId} FOR UPDATE`;
  await tx.headRow.deleteMany(where);
  await tx.segmentRow.deleteMany(where);
  await tx.folderBlob.deleteMany(where);
  await tx.fileVersion.deleteMany(where);
  await tx.directoryMark.deleteMany(where);
  await tx.indexProgress.deleteMany(where);
  await tx.indexProblem.deleteMany(where);
  await tx.entry.deleteMany(where);
  await tx.folder.deleteMany({ where: { id: folderId } });
}

/** Remembers a share for deletion. */
export async function rememberOrphan(tx: Tx, orphan: OrphanShare): Promise<void> {
  const key = `${ORPHAN_PREFIX}${orphan.nextcloudId}.${orphan.shareId}`;
  await tx.setting.upsert({ where: { key }, create: { key, value: orphan }, update: { value: orphan } });
}
