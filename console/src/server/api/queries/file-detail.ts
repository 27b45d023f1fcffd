/** One file in full: its versions along the chain, its chunks, and which PCs have it. */
import { type BlobId, decodeManifest, Entry } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { FileDetail, FileHolder, FileVersionRow } from '../../../api/schemas.ts';
import { officeIn } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import { fileRow } from './files.ts';
import { chunkRowsOf } from './manifests.ts';

const MAX_VERSIONS = 200;
/** A file that was moved around is followed back this often. */
const MAX_MOVES = 10;
const MAX_HOLDERS = 1000;

/** What is known of `path` in a folder, and who of the places has it; undefined if it never held a file. */
export async function detailOfFile(
  database: PrismaClient,
  folderId: string,
  path: string,
  places: Places,
): Promise<FileDetail | undefined> {
  const [row, versions] = await Promise.all([
    database.fileVersion.findUnique({ where: { folderId_path: { folderId, path } } }),
    versionsOf(database, folderId, path),
  ]);
  if (row === null && versions.length === 0) return undefined;
  const nothing = { chunksTotal: 0, chunks: [], holdersTotal: 0, holders: [] };
  if (row === null) return { folderId, path, file: null, versions, ...nothing };
  const [chunks, holders] = await Promise.all([
    chunksOf(database, row),
    holdersOf(database, folderId, row.seq, places),
  ]);
  return {
    folderId,
    path,
    file: { ...fileRow(row), etag: row.etag, fileId: row.fileId, manifest: row.manifestId },
    versions,
    ...chunks,
    ...holders,
  };
}

/** Entries at this path, newest first; where the oldest is a move, on at the path it came from. */
async function versionsOf(database: PrismaClient, folderId: string, path: string): Promise<FileVersionRow[]> {
  const versions: FileVersionRow[] = [];
  let place: string | null = path;
  let before: number | undefined;
  for (let moves = 0; place !== null && moves <= MAX_MOVES && versions.length < MAX_VERSIONS; moves++) {
    const rows: { body: string; link: string }[] = await database.entry.findMany({
      where: { folderId, path: place, ...(before === undefined ? {} : { seq: { lt: before } }) },
      orderBy: { seq: 'desc' },
      take: MAX_VERSIONS - versions.length,
      select: { body: true, link: true },
    });
    const read = rows.flatMap(versionOf);
    versions.push(...read);
    const oldest = read.at(-1);
    place = oldest?.op === 'move' ? oldest.from : null;
    before = oldest?.seq;
  }
  return versions;
}

function versionOf({ body, link }: { body: string; link: string }): FileVersionRow[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // A damaged entry is what a verification is for; it must not hide the others.
    return [];
  }
  const entry = Entry.safeParse(value).data;
  if (entry === undefined) return [];
  const { seq, op, atMs, path } = entry;
  const nothing = { from: null, sizeBytes: null, mtimeMs: null, etag: null, manifest: null };
  const common = { seq, op, atMs, path, link, ...nothing };
  if (entry.op === 'move') return [{ ...common, from: entry.from }];
  if (entry.op === 'delete') return [common];
  const { size, mtimeMs, etag, manifest } = entry;
  return [{ ...common, sizeBytes: size, mtimeMs, etag, manifest }];
}

async function chunksOf(
  database: PrismaClient,
  { size, chunkId, manifestId }: { size: bigint; chunkId: string | null; manifestId: string },
): Promise<Pick<FileDetail, 'chunksTotal' | 'chunks'>> {
  if (chunkId !== null) return { chunksTotal: 1, chunks: [{ id: chunkId, offset: 0, size: Number(size) }] };
  if (size === 0n) return { chunksTotal: 0, chunks: [] };
  const blob = await database.blob.findUnique({ where: { id: manifestId as BlobId }, select: { bytes: true } });
  // A manifest that is missing or damaged is what a verification is for.
  if (blob === null) return { chunksTotal: 0, chunks: [] };
  try {
    return chunkRowsOf(decodeManifest(blob.bytes));
  } catch {
    return { chunksTotal: 0, chunks: [] };
  }
}

/** Who has the version that entry `seq` put: whoever delivered it, or is complete at it or later. Whoever is not that far does not have it. */
async function holdersOf(
  database: PrismaClient,
  folderId: string,
  seq: number,
  places: Places,
): Promise<Pick<FileDetail, 'holdersTotal' | 'holders'>> {
  // The list travels as JSON, which is read at once.
  const rows = await database.$queryRaw<{ total: number; list: FileHolder[] | null }[]>`
    WITH member AS MATERIALIZED (
      SELECT a."id", a."hostname", CASE
        WHEN d."at" IS NOT NULL OR (k."state" = 'complete' AND k."seq" >= ${seq}) THEN true
        WHEN k."seq" < ${seq} THEN false END AS holds
      FROM "FolderOffice" fo
      JOIN "Agent" a ON a."officeId" = fo."officeId" AND a."revokedAt" IS NULL
      LEFT JOIN "AgentFolder" k ON k."folderId" = fo."folderId" AND k."agentId" = a."id"
      LEFT JOIN "Delivery" d ON d."agentId" = a."id" AND d."folderId" = ${folderId} AND d."seq" = ${seq}
      WHERE fo."folderId" = ${folderId} AND ${officeIn(Prisma.sql`fo."officeId"`, places)}
    ), chosen AS MATERIALIZED (
      SELECT * FROM member ORDER BY holds DESC NULLS LAST, "hostname", "id" LIMIT ${MAX_HOLDERS}
    )
    SELECT (SELECT (count(*) FILTER (WHERE holds))::int FROM member) AS "total", (
      SELECT json_agg(json_build_object(
        'agentId', a."id", 'hostname', a."hostname", 'officeId', a."officeId", 'officeName', o."name",
        'state', CASE WHEN a."online" THEN 'online' ELSE 'offline' END, 'holds', c.holds,
        'delivery', CASE WHEN d."at" IS NOT NULL THEN json_build_object('atMs', (extract(epoch FROM d."at") * 1000)::bigint,
          'fromPeers', d."fromPeers", 'fromOrigin', d."fromOrigin", 'fromLocal', d."fromLocal", 'tookMs', d."tookMs") END
      ) ORDER BY c.holds DESC NULLS LAST, c."hostname", c."id")
      FROM chosen c JOIN "Agent" a ON a."id" = c."id" JOIN "Office" o ON o."id" = a."officeId"
      LEFT JOIN "Delivery" d ON d."agentId" = c."id" AND d."folderId" = ${folderId} AND d."seq" = ${seq}
    ) AS list`;
  const [found] = rows;
  return { holdersTotal: found?.total ?? 0, holders: found?.list ?? [] };
}
