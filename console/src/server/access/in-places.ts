/** Conditions that keep a statement to the places of whoever asks. Everywhere they say `true`, so the statement is as fast as without them. */
import { Prisma } from '@harp/prisma';
import type { Places } from './rights.ts';

/** SQL: whether an office, given by its id, is among the places. */
export function officeIn(column: Prisma.Sql, places: Places): Prisma.Sql {
  return places === 'everywhere' ? Prisma.sql`true` : Prisma.sql`${column} = ANY (${[...places]}::text[])`;
}

/** SQL: whether a folder, given by its id, is distributed to one of the places. Everywhere: every folder, distributed or not. */
export function folderIn(column: Prisma.Sql, places: Places): Prisma.Sql {
  return places === 'everywhere'
    ? Prisma.sql`true`
    : Prisma.sql`EXISTS (SELECT FROM "FolderOffice" visible WHERE visible."folderId" = ${column} AND ${officeIn(Prisma.sql`visible."officeId"`, places)})`;
}

/** The same for queries that are not SQL: what `where` says of a column with an office's id. */
export function officeWhere(places: Places): { in: string[] } | undefined {
  return places === 'everywhere' ? undefined : { in: [...places] };
}
