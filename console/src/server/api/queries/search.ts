/**
 * Search over everything that has a name: offices, agents, folders, files, and users for those who may see them. Every word of the query must occur in the
 * name; upper and lower case do not matter. Files are found by their own names, not by the directories above them.
 *
 * A million file names cannot be read for each key that is pressed, so they are found through two indexes: names that begin with the query, of any
 * length; and, from three letters or digits in a row on and where the database has the extension pg_trgm, names that contain its words.
 */
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { SearchItem, SearchKind, SearchResult } from '../../../api/schemas.ts';
import { highestRole } from '../../access/grants.ts';
import { folderIn, officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';

/** Candidates taken from an index before they are ranked: enough that the best of them are good. */
const CANDIDATES = 200;
/** A search that would take longer finds nothing; the next key that is pressed asks again. */
const PATIENCE_MS = 1000;
/** SQLSTATE of a statement that took longer than it may. */
const QUERY_CANCELLED = '57014';
const MAX_WORDS = 8;

export interface SearchPorts {
  database: PrismaClient;
  /** Whether users are found too. */
  withUsers: boolean;
  /** Where offices and agents are looked for. */
  fleet: Places;
  /** Whose folders and files are looked for. */
  content: Places;
}

type Found = SearchItem & { name: string };

/** What fits `text`, best first: whole names, then beginnings, then beginnings of words, then anything; offices before agents before files. */
export async function searchFor(
  text: string,
  limit: number,
  { database, withUsers, fleet, content }: SearchPorts,
): Promise<SearchResult> {
  const words = wordsOf(text);
  if (words.length === 0) return { items: [], complete: true };
  const inFiles = files(database, words, content);
  const found = await Promise.all([
    offices(database, words, fleet),
    agents(database, words, fleet),
    folders(database, words, content),
    inFiles.then(({ items }) => items),
    withUsers ? users(database, words) : [],
  ]);
  const isCut = (await inFiles).isCut || found.some((items) => items.length >= CANDIDATES);
  const query = words.join(' ');
  const ranked = found
    .flat()
    .map((item) => ({ item, rank: rankOf(item.name.toLowerCase(), query, words[0]!) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        kinds.indexOf(a.item.kind) - kinds.indexOf(b.item.kind) ||
        a.item.name.length - b.item.name.length ||
        (a.item.name < b.item.name ? -1 : 1),
    );
  return {
    items: ranked.slice(0, limit).map(({ item: { name: _, ...item } }) => item),
    complete: !isCut && ranked.length <= limit,
  };
}

const kinds: readonly SearchKind[] = ['office', 'folder', 'agent', 'file', 'user'];

function wordsOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
}

function rankOf(name: string, query: string, first: string): number {
  if (name === query) return 0;
  if (name.startsWith(query)) return 1;
  const at = name.indexOf(first);
  if (at === 0) return 2;
  return at > 0 && /[^\p{L}\p{N}]/u.test(name[at - 1]!) ? 3 : 4;
}

/** The database lowers A to Z only; other letters may stand in the name as they are typed, all small, all capital, or with a capital first. */
function spellings(word: string): string[] {
  const small = word.toLowerCase();
  const capital = small.slice(0, 1).toUpperCase() + small.slice(1);
  return [
    ...new Set(
      [small, small.toUpperCase(), capital].map((text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
    ),
  ];
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&');

function contains(column: Prisma.Sql, words: readonly string[]): Prisma.Sql {
  const each = words.map((word) => {
    const any = spellings(word).map((text) => Prisma.sql`${column} LIKE ${`%${escaped(text)}%`}`);
    return Prisma.sql`(${Prisma.join(any, ' OR ')})`;
  });
  return Prisma.join(each, ' AND ');
}

async function offices(database: PrismaClient, words: readonly string[], places: Places): Promise<Found[]> {
  const rows = await database.$queryRaw<{ id: string; name: string; region: string | null }[]>`
    SELECT "id", "name", "region" FROM "Office"
    WHERE ${contains(Prisma.sql`lower("name" || ' ' || coalesce("region", '') COLLATE "C")`, words)}
      AND ${officeIn(Prisma.sql`"id"`, places)} LIMIT ${CANDIDATES}`;
  return rows.map(({ id, name, region }) => ({
    kind: 'office',
    id,
    name,
    label: name,
    description: region ?? '',
    officeId: id,
  }));
}

async function agents(database: PrismaClient, words: readonly string[], places: Places): Promise<Found[]> {
  const [word = ''] = words;
  const byName = contains(Prisma.sql`lower(a."hostname" COLLATE "C")`, words);
  // An id, or the beginning of an address: nobody types those with spaces.
  const byId =
    words.length === 1 && /^[a-z2-7]{6,52}$/.test(word) ? Prisma.sql`starts_with(a."id", ${word})` : Prisma.sql`false`;
  const looksLikeAddress = words.length === 1 && /^\d{1,3}\.[\d.]{1,12}$|^\[?[0-9a-f]{0,4}:[0-9a-f:]*\]?$/.test(word);
  const byAddress = looksLikeAddress
    ? Prisma.sql`EXISTS (SELECT FROM jsonb_array_elements_text(a."reported"->'addresses') t(address) WHERE starts_with(t.address, ${word}))`
    : Prisma.sql`false`;
  const rows = await database.$queryRaw<{ id: string; hostname: string; officeId: string; office: string }[]>`
    SELECT a."id", a."hostname", a."officeId", o."name" AS office FROM "Agent" a JOIN "Office" o ON o."id" = a."officeId"
    WHERE a."revokedAt" IS NULL AND (${byName} OR ${byId} OR ${byAddress})
      AND ${officeIn(Prisma.sql`a."officeId"`, places)} ORDER BY a."hostname" LIMIT ${CANDIDATES}`;
  return rows.map(({ id, hostname, officeId, office }) => ({
    kind: 'agent',
    id,
    name: hostname,
    label: hostname,
    description: office,
    officeId,
  }));
}

async function folders(database: PrismaClient, words: readonly string[], places: Places): Promise<Found[]> {
  const rows = await database.$queryRaw<{ id: string; name: string; path: string }[]>`
    SELECT "id", "name", "path" FROM "Folder" f WHERE ${contains(Prisma.sql`lower("name" COLLATE "C")`, words)}
      AND ${folderIn(Prisma.sql`f."id"`, places)} LIMIT ${CANDIDATES}`;
  return rows.map(({ id, name, path }) => ({
    kind: 'folder',
    id,
    name,
    label: name,
    description: path,
    folderId: id,
  }));
}

async function users(database: PrismaClient, words: readonly string[]): Promise<Found[]> {
  const rows = await database.$queryRaw<{ id: string; name: string; roles: string[] }[]>`
    SELECT u."id", u."name", ARRAY(SELECT g."role" FROM "Grant" g WHERE g."userId" = u."id") AS "roles" FROM "User" u
    WHERE ${contains(Prisma.sql`lower(u."name" COLLATE "C")`, words)} LIMIT ${CANDIDATES}`;
  return rows.map(({ id, name, roles }) => ({
    kind: 'user',
    id,
    name,
    label: name,
    description: highestRole(roles) ?? '',
  }));
}

interface FileRow {
  folderId: string;
  path: string;
  folder: string;
}

/** What the indexes are over; the planner uses them for exactly this. */
const fileName = Prisma.sql`lower(split_part(f."path", '/', -1))`;

/** `isCut`: there may be more, because the search ran out of patience. */
async function files(
  database: PrismaClient,
  words: readonly string[],
  places: Places,
): Promise<{ items: Found[]; isCut: boolean }> {
  const parts = await Promise.all([filesBeginning(database, words, places), filesContaining(database, words, places)]);
  const rows = new Map(parts.flatMap((part) => part ?? []).map((row) => [`${row.folderId}/${row.path}`, row]));
  const items = [...rows].map(([id, { folderId, path, folder }]): Found => {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const description = slash < 0 ? folder : `${folder}/${path.slice(0, slash)}`;
    return { kind: 'file', id, name, label: name, description, folderId, path };
  });
  return { items, isCut: parts.includes(undefined) };
}

function filesBeginning(
  database: PrismaClient,
  words: readonly string[],
  places: Places,
): Promise<FileRow[] | undefined> {
  const starts = spellings(words.join(' ')).map((text) => Prisma.sql`${fileName} LIKE ${`${escaped(text)}%`}`);
  return filesWhere(database, Prisma.sql`(${Prisma.join(starts, ' OR ')})`, places);
}

async function filesContaining(
  database: PrismaClient,
  words: readonly string[],
  places: Places,
): Promise<FileRow[] | undefined> {
  if (!words.some((word) => /[a-z0-9]{3}/.test(word))) return [];
  const [index] = await database.$queryRaw<{ name: string | null }[]>`
    SELECT to_regclass('"FileVersion_name_trigrams_idx"')::text AS name`;
  return index?.name == null ? [] : filesWhere(database, contains(fileName, words), places);
}

/**
 * Through an index or not at all: the planner would otherwise read a million rows where it expects a match among the first. Undefined if it took too
 * long.
 */
async function filesWhere(
  database: PrismaClient,
  condition: Prisma.Sql,
  places: Places,
): Promise<FileRow[] | undefined> {
  try {
    const [, , rows] = await database.$transaction([
      database.$executeRaw`SET LOCAL enable_seqscan = off`,
      database.$executeRaw`SELECT set_config('statement_timeout', ${String(PATIENCE_MS)}, true)`,
      database.$queryRaw<FileRow[]>`
      SELECT f."folderId", f."path", o."name" AS folder
      FROM (SELECT f."folderId", f."path" FROM "FileVersion" f WHERE ${condition} AND ${folderIn(Prisma.sql`f."folderId"`, places)} LIMIT ${CANDIDATES}) f
      JOIN "Folder" o ON o."id" = f."folderId"`,
    ]);
    return rows;
  } catch (error) {
    if (String(error).includes(QUERY_CANCELLED)) return undefined;
    throw error;
  }
}
