/** Files of a folder: all by path, or one directory level. Paths are compared byte by byte, so a directory's paths stand together. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { FilePage, FileRow } from '../../../api/schemas.ts';

interface Row {
  path: string;
  size: bigint;
  mtimeMs: bigint;
  seq: number;
  chunkId: string | null;
}

interface Page {
  cursor?: string | undefined;
  limit: number;
}

/** Files of a folder by path, `limit` at a time. The cursor is the last path, base64url, so that it survives an address line. */
export async function pageOfFiles(
  database: PrismaClient,
  folderId: string,
  { cursor, limit }: Page,
): Promise<FilePage> {
  const rows = await database.fileVersion.findMany({
    where: { folderId, path: { gt: cursor === undefined ? '' : textOf(cursor) } },
    orderBy: { path: 'asc' },
    take: limit + 1,
    select: { path: true, size: true, mtimeMs: true, seq: true, chunkId: true },
  });
  const files = rows.slice(0, limit).map(fileRow);
  const last = files.at(-1);
  return { dirs: [], files, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last.path) : null };
}

interface LevelRow extends Row {
  /** Of a directory: its path. */
  directory: string | null;
  next: string;
}

/**
 * One directory of a folder, `limit` names at a time in byte order of their paths; `prefix` is its path, empty for the folder's root. The database
 * skips from name to name in the index, so what lies below a directory costs nothing.
 */
export async function pageOfDirectory(
  database: PrismaClient,
  folderId: string,
  prefix: string,
  { cursor, limit }: Page,
): Promise<FilePage> {
  const base = prefix === '' ? '' : `${prefix}/`;
  // PostgreSQL counts characters where JavaScript counts halves of them.
  const nameAt = Prisma.sql`${[...base].length + 1}::int`;
  const start = cursor === undefined ? base : textOf(cursor);
  // The first text after every path below a directory is its path and `0`, the character after `/`; after a file, its path and the least character.
  const nextRow = (from: Prisma.Sql) => Prisma.sql`
    SELECT f."path", f."size", f."mtimeMs", f."seq", f."chunkId", d.directory, coalesce(d.directory || '0', f."path" || chr(1)) AS next
    FROM "FileVersion" f, LATERAL (
      SELECT CASE WHEN position('/' IN substr(f."path", ${nameAt})) > 0
        THEN ${base} || split_part(substr(f."path", ${nameAt}), '/', 1) END AS directory
    ) d
    WHERE f."folderId" = ${folderId} AND f."path" >= ${from}
      AND ${prefix === '' ? Prisma.sql`true` : Prisma.sql`f."path" >= ${base} AND f."path" < ${`${prefix}0`}`}
    ORDER BY f."path" LIMIT 1`;
  const rows = await database.$queryRaw<LevelRow[]>`
    WITH RECURSIVE level AS (
      (${nextRow(Prisma.sql`${start}`)})
      UNION ALL
      SELECT n.* FROM level l, LATERAL (${nextRow(Prisma.sql`l.next COLLATE "C"`)}) n
    )
    SELECT * FROM level LIMIT ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    dirs: shown.flatMap(({ directory }) =>
      directory === null ? [] : [{ path: directory, name: directory.slice(base.length) }],
    ),
    files: shown.filter(({ directory }) => directory === null).map(fileRow),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(last.next) : null,
  };
}

/** A row as the API shows it. */
export function fileRow({ path, size, mtimeMs, seq, chunkId }: Row): FileRow {
  return { path, sizeBytes: Number(size), mtimeMs: Number(mtimeMs), seq, chunksInline: chunkId !== null };
}

function cursorOf(path: string): string {
  return Buffer.from(path, 'utf8').toString('base64url');
}

/** PostgreSQL takes no NUL in a text. */
function textOf(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');
}
