import { FolderId } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { FolderSummary } from '../../api/schemas.ts';
import { notFound } from './errors.ts';
import { findFolder } from './queries/folders.ts';

/** The folder of this id. @throws {HarpError} `api.not_found` */
export async function requireFolder(database: PrismaClient, id: string): Promise<FolderSummary> {
  const found = FolderId.safeParse(id).success ? await findFolder(database, id) : undefined;
  if (found === undefined) throw notFound('folder', id);
  return found;
}
