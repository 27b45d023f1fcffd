/** What the indexer could not take from a folder. */
import type { PrismaClient } from '@harp/prisma';
import type { FolderProblems } from '../../../api/schemas.ts';
import { atMs } from './instants.ts';

/** The first `limit` by path, and how many there are. */
export async function problemsOfFolder(
  database: PrismaClient,
  folderId: string,
  limit: number,
): Promise<FolderProblems> {
  const [total, rows] = await Promise.all([
    database.indexProblem.count({ where: { folderId } }),
    database.indexProblem.findMany({ where: { folderId }, orderBy: { path: 'asc' }, take: limit }),
  ]);
  return {
    total,
    problems: rows.map(({ path, code, detail, at }) => ({ path, code, detail, sinceMs: atMs(at) })),
  };
}
