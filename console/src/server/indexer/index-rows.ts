/** The indexer's own tables: what is known of a folder before a walk, and what a walk leaves behind. */
import type { BlobId, ChunkId, EntryPath, FolderId } from '@harp/broker/protocol';
import type { Folder, PrismaClient } from '@harp/prisma';
import { indexKnownFiles, type KnownFiles } from './known-files.ts';
import type { ListingProblem } from './listing.ts';

/** Problems kept for one folder: people fix the first of them, nobody reads the ten-thousandth. */
const PROBLEMS_MAX = 1000;

/** What a walk starts from. */
export interface WalkStart {
  known: KnownFiles;
  marks: ReadonlyMap<string, string>;
}

export async function loadWalkStart(prisma: PrismaClient, folderId: FolderId): Promise<WalkStart> {
  const [files, marks] = await Promise.all([
    prisma.fileVersion.findMany({ where: { folderId } }),
    prisma.directoryMark.findMany({ where: { folderId } }),
  ]);
  const known = indexKnownFiles(
    files.map((row) => ({
      path: row.path as EntryPath,
      fileId: row.fileId,
      etag: row.etag,
      size: Number(row.size),
      mtimeMs: Number(row.mtimeMs),
      manifest: row.manifestId as BlobId,
      chunk: row.chunkId === null ? undefined : (row.chunkId as ChunkId),
    })),
  );
  return { known, marks: new Map(marks.map(({ path, etag }) => [path, etag])) };
}

export async function storeMarks(
  prisma: PrismaClient,
  folderId: FolderId,
  marks: ReadonlyMap<string, string>,
): Promise<void> {
  const paths = [...marks.keys()];
  const etags = [...marks.values()];
  await prisma.$executeRaw`
    INSERT INTO "DirectoryMark" ("folderId", "path", "etag")
    SELECT ${folderId}, m."path", m."etag" FROM unnest(${paths}::text[], ${etags}::text[]) AS m("path", "etag")
    ON CONFLICT ("folderId", "path") DO UPDATE SET "etag" = excluded."etag"`;
}

/** Forgets the marks of folders that are gone, and of everything below them. */
export async function forgetMarks(prisma: PrismaClient, folderId: FolderId, gone: readonly string[]): Promise<void> {
  if (gone.length === 0) return;
  const paths = [...new Set(gone)];
  await prisma.$executeRaw`
    DELETE FROM "DirectoryMark" d WHERE d."folderId" = ${folderId} AND EXISTS (
      SELECT 1 FROM unnest(${paths}::text[]) AS g("path")
      WHERE d."path" = g."path" OR starts_with(d."path", g."path" || '/'))`;
}

/** Brings the list of problems in line with a walk. */
export async function storeProblems(
  prisma: PrismaClient,
  folderId: FolderId,
  outcome: { problems: readonly ListingProblem[]; lookedAt(path: string): boolean },
  atMs: number,
): Promise<void> {
  const raised = new Map(outcome.problems.slice(0, PROBLEMS_MAX).map((problem) => [problem.path, problem]));
  const existing = await prisma.indexProblem.findMany({ where: { folderId } });
  const solved = existing.map(({ path }) => path).filter((path) => !raised.has(path) && outcome.lookedAt(path));
  const same = new Set(existing.filter(({ path, code }) => raised.get(path)?.code === code).map(({ path }) => path));
  const fresh = [...raised.values()].filter(({ path }) => !same.has(path));
  if (solved.length === 0 && fresh.length === 0) return;
  const replaced = [...solved, ...fresh.map(({ path }) => path)];
  await prisma.$transaction([
    prisma.indexProblem.deleteMany({ where: { folderId, path: { in: replaced } } }),
    prisma.indexProblem.createMany({
      data: fresh.map(({ path, code, detail }) => ({ folderId, path, code, detail, at: new Date(atMs) })),
    }),
  ]);
}

/** Writes on the folder that a walk is complete. */
export async function storeComplete(
  prisma: PrismaClient,
  folderId: FolderId,
  facts: { rootEtag: string | null; atMs: number },
): Promise<void> {
  await prisma.folder.updateMany({
    where: { id: folderId },
    data: { rootEtag: facts.rootEtag, indexedAt: new Date(facts.atMs), errorCode: null, errorDetail: null },
  });
}

/** Writes on the folder why it cannot be walked. Returns whether that is news. */
export async function storeFailure(
  prisma: PrismaClient,
  folder: Pick<Folder, 'id' | 'errorCode' | 'errorDetail'>,
  failure: { code: string; detail: string },
): Promise<boolean> {
  const { code: errorCode, detail } = failure;
  const errorDetail = detail.slice(0, 500);
  if (folder.errorCode === errorCode && folder.errorDetail === errorDetail) return false;
  await prisma.folder.updateMany({ where: { id: folder.id }, data: { errorCode, errorDetail } });
  return true;
}
