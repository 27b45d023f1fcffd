/** Takes folders, assignments and links out of the database, inside the caller's transaction, and remembers the shares that must go at Nextcloud. */
import type { FolderId, OfficeId } from '@harp/broker/protocol';
import { z } from 'zod';
import type { Tx } from './rows.ts';

/** A share that was given up: no assignment takes it up again, and it is deleted at Nextcloud as soon as that answers. */
export const OrphanShare = z.object({
  nextcloudId: z.string(),
  shareId: z.string(),
  /** Until then PCs may still be on their way from this link to the next one. */
  notBeforeMs: z.int().optional(),
});
export type OrphanShare = z.infer<typeof OrphanShare>;

/** Settings under this prefix hold orphan shares. */
export const ORPHAN_PREFIX = 'content.orphanShare.';

/**
 * Between the moment a link is given up and its end at Nextcloud. PCs that are told of the new link first never ask with a dead one: Nextcloud counts
 * that as an attack from the office's address, and would soon serve nobody there.
 */
export const HAND_OVER_MS = 2000;

/** Ends the distribution of a folder to an office. Absent already is fine. Follow up with a `harp_fleet` notification. */
export async function detachOffice(tx: Tx, folderId: FolderId, officeId: OfficeId): Promise<void> {
  const [row] = await tx.$queryRaw<{ shareId: string | null; nextcloudId: string }[]>`
    DELETE FROM "FolderOffice" fo USING "Folder" f
    WHERE fo."folderId" = ${folderId} AND fo."officeId" = ${officeId} AND f."id" = fo."folderId"
    RETURNING fo."shareId", f."nextcloudId"`;
  if (row === undefined || row.shareId === null) return;
  await rememberOrphans(tx, [{ nextcloudId: row.nextcloudId, shareId: row.shareId }]);
}

/**
 * Gives up the links of all folders of an office, because somebody has them who must not: they end at Nextcloud, and new ones are made. Whoever is in
 * the office then hears of those. Follow up with a `harp_fleet` notification.
 */
export async function giveUpShares(tx: Tx, officeId: OfficeId, nowMs: number): Promise<void> {
  // Rows without a link are locked as well: one that is made now is stored, and told to whoever is left, when this has ended.
  const rows = await tx.$queryRaw<{ shareId: string | null; nextcloudId: string }[]>`
    SELECT fo."shareId", f."nextcloudId" FROM "FolderOffice" fo JOIN "Folder" f ON f."id" = fo."folderId"
    WHERE fo."officeId" = ${officeId} ORDER BY fo."folderId" FOR UPDATE OF fo`;
  await rememberOrphans(
    tx,
    rows.flatMap(({ shareId, nextcloudId }) =>
      shareId === null ? [] : [{ nextcloudId, shareId, notBeforeMs: nowMs + HAND_OVER_MS }],
    ),
  );
  await tx.folderOffice.updateMany({
    where: { officeId, shareId: { not: null } },
    data: { shareId: null, tokenSealed: null, passwordSealed: null, dialect: null },
  });
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

/** Remembers shares for deletion; what is remembered already stays as it is. */
export async function rememberOrphans(tx: Tx, orphans: readonly OrphanShare[]): Promise<void> {
  await tx.setting.createMany({
    data: orphans.map((orphan) => ({ key: `${orphanPrefixOf(orphan)}${orphan.shareId}`, value: orphan })),
    skipDuplicates: true,
  });
}

/** What the settings begin with that hold a Nextcloud's orphan shares. */
export function orphanPrefixOf({ nextcloudId }: { nextcloudId: string }): string {
  return `${ORPHAN_PREFIX}${nextcloudId}.`;
}
