import { FolderId } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { FolderSummary } from '../../api/schemas.ts';
import type { Places } from '../access/rights.ts';
import { notFound } from './errors.ts';
import { findFolder } from './queries/folders.ts';

/** The folder of this id, if it goes to one of the places. @throws {HarpError} `api.not_found` */
export async function requireFolder(database: PrismaClient, id: string, places: Places): Promise<FolderSummary> {
  const found = FolderId.safeParse(id).success ? await findFolder(database, id, places) : undefined;
  if (found === undefined) throw notFound('folder', id);
  return found;
}
