/** Where reading a large file stands, in the database: a crash costs at most one checkpoint. */
import type { FolderId } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { ListedFile } from './listing.ts';

/** Chunk records (36 bytes each) of everything before `offset`, a chunk boundary. */
export interface ReadProgress {
  offset: number;
  records: Uint8Array;
}

export interface ProgressStore {
  /** How far a read of exactly this version got; undefined if there was none. */
  load(file: ListedFile): Promise<ReadProgress | undefined>;
  save(file: ListedFile, progress: ReadProgress): Promise<void>;
  clear(file: ListedFile): Promise<void>;
}

export function createProgressStore(prisma: PrismaClient, folderId: FolderId): ProgressStore {
  const where = (fileId: string) => ({ folderId_fileId: { folderId, fileId } });
  return {
    async load({ fileId, etag, size }) {
      const row = await prisma.indexProgress.findUnique({ where: where(fileId) });
      if (row === null || row.etag !== etag || row.offset <= 0n || row.offset >= BigInt(size)) return undefined;
      return { offset: Number(row.offset), records: row.chunks };
    },
    async save({ fileId, etag }, { offset, records }) {
      const data = { etag, offset: BigInt(offset), chunks: records as Uint8Array<ArrayBuffer> };
      await prisma.indexProgress.upsert({ where: where(fileId), create: { folderId, fileId, ...data }, update: data });
    },
    async clear({ fileId }) {
      await prisma.indexProgress.deleteMany({ where: { folderId, fileId } });
    },
  };
}
