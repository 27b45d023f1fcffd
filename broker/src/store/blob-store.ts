import type { PrismaClient } from '@harp/prisma';
import type { BlobId, FolderId } from '../protocol/index.ts';

export interface BlobStore {
  /** Which of these blobs belong to the folder. */
  inFolder(folder: FolderId, ids: readonly BlobId[]): Promise<Set<BlobId>>;
  /** A blob's bytes, up to 64 MiB. Says nothing of who may have them: ask `inFolder` first. */
  read(id: BlobId): Promise<Uint8Array | undefined>;
}

/** Manifests, segments and snapshots in PostgreSQL. */
export function createBlobStore(prisma: PrismaClient): BlobStore {
  return {
    async inFolder(folderId, ids) {
      const rows = await prisma.folderBlob.findMany({
        where: { folderId, blobId: { in: [...ids] } },
        select: { blobId: true },
      });
      return new Set(rows.map(({ blobId }) => blobId as BlobId));
    },
    async read(id) {
      return (await prisma.blob.findUnique({ where: { id }, select: { bytes: true } }))?.bytes;
    },
  };
}
