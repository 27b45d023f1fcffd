/** Fills a running server's database with a fleet of a size that no machine of ours could run: for benchmarks and pictures, never for correctness. */
import type { Server } from './fleet.ts';
import { notifyFleet, sql } from './server-parts.ts';

export interface LargeFleetOptions {
  agents: number;
  offices: number;
  /** Files of the one folder. */
  files: number;
}

/** What was made. Agents are numbered from 1; `agentIdSql(n)` in SQL gives the id of the n-th. */
export interface LargeFleet {
  folderId: string;
  officeIds: readonly string[];
}

const REGIONS = ['North', 'South', 'East', 'West', 'Islands'] as const;
const DEPARTMENTS = ['accounts', 'design', 'reception', 'workshop', 'planning', 'sales'] as const;

/** 52 characters of the alphabet of agent ids, from a number: SHA-256 in hexadecimal, mapped digit by digit. */
export const agentIdSql = (number: string): string =>
  `substr(translate(encode(sha256(convert_to('agent ' || ${number}, 'UTF8')), 'hex'), '0189', 'wxyz'), 1, 52)`;

/** Adds offices, agents with reports, one folder with files, and a day of deliveries and samples. Takes a minute for 10 000 agents and a million files. */
export async function addLargeFleet(server: Server, options: LargeFleetOptions): Promise<LargeFleet> {
  const { agents, offices, files } = options;
  const folderId = 'fld-largelargelargel';
  const officeIds = Array.from({ length: offices }, (_, index) => `off-${base32(index)}`);
  const run = (text: string, values: readonly unknown[] = []) => sql(server, text, values);

  for (const [index, id] of officeIds.entries()) {
    await run('INSERT INTO "Office" ("id", "name", "subnets", "region") VALUES ($1, $2, $3, $4)', [
      id,
      `office ${String(index + 1).padStart(2, '0')}`,
      [`10.${index}.0.0/16`],
      REGIONS[index % REGIONS.length],
    ]);
  }
  await run(
    `INSERT INTO "Nextcloud" ("id", "name", "url", "userName", "passwordSealed", "errorCode", "errorDetail")
     VALUES ('nxc-largelargelargel', 'archive', 'https://cloud.invalid', 'harp', '', 'nextcloud.unreachable', 'it is made up')`,
  );
  await run(
    `INSERT INTO "Folder" ("id", "name", "nextcloudId", "path", "seq", "link", "fileCount", "byteCount", "indexedAt")
     VALUES ($1, 'Archive', 'nxc-largelargelargel', '/Archive', $2, repeat('0', 64), $2, $3, now())`,
    [folderId, files, files * 20_000],
  );
  for (const id of officeIds) {
    await run('INSERT INTO "FolderOffice" ("folderId", "officeId", "shareId") VALUES ($1, $2, $3)', [
      folderId,
      id,
      'made up',
    ]);
  }
  await run(
    `INSERT INTO "Agent" ("id", "officeId", "hostname", "platform", "version", "certificateSerial", "certificateEndsAt", "online", "lastSeenAt", "reported", "reportedAt")
     SELECT ${agentIdSql('n')}, ($1::text[])[1 + n % $2], ($3::text[])[1 + n % 6] || '-' || lpad(n::text, 5, '0'),
       CASE WHEN n % 9 = 0 THEN 'linux-x64' ELSE 'win32-x64' END, CASE WHEN n % 50 = 0 THEN '0.0.9' ELSE '0.1.0' END,
       md5(n::text), now() + interval '60 days', n % 25 <> 0, now() - (n % 25 = 0)::int * interval '3 hours',
       jsonb_build_object('v', 1, 'addresses', jsonb_build_array('10.' || (n % $2) || '.' || (n / 250) % 250 || '.' || 2 + n % 250 || ':47800'),
         'peers', '[]'::jsonb, 'folders', jsonb_build_array(jsonb_build_object('id', $4::text, 'seq', $5::int - (n % 40 = 0)::int, 'link', repeat('0', 64),
           'state', CASE WHEN n % 40 = 0 THEN 'syncing' WHEN n % 333 = 0 THEN 'blocked' ELSE 'complete' END,
           'filesTotal', $5::int, 'filesDone', $5::int - (n % 40 = 0)::int * 1000, 'bytesTotal', $5::bigint * 20000, 'bytesDone', ($5::bigint - (n % 40 = 0)::int * 1000) * 20000)
           || CASE WHEN n % 333 = 0 AND n % 40 <> 0 THEN '{"reason":"disk.full"}'::jsonb ELSE '{}'::jsonb END)),
       now() - (n % 60) * interval '1 second'
     FROM generate_series(1, $6::int) n`,
    [officeIds, offices, DEPARTMENTS, folderId, files, agents],
  );
  await run(
    `INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
     SELECT $1, 'year ' || 2000 + n % 25 || '/case ' || lpad((n / 200)::text, 5, '0') || '/document ' || lpad(n::text, 7, '0') || '.pdf',
       n::text, md5(n::text), 20000, 1700000000000, md5(n::text) || md5('m' || n), NULL, n
     FROM generate_series(1, $2::int) n`,
    [folderId, files],
  );
  await run(
    `INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs")
     SELECT ${agentIdSql('n')}, $1, s, now() - (random() * 86400) * interval '1 second', CASE WHEN n % 20 = 0 THEN 0 ELSE 20000 END,
       CASE WHEN n % 20 = 0 THEN 20000 ELSE 0 END, 0, 40 + n % 400
     FROM generate_series(1, $2::int) n, generate_series($3::int - 19, $3::int) s`,
    [folderId, agents, files],
  );
  await run(
    `INSERT INTO "SampleMinute" ("agentId", "folderId", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
     SELECT ${agentIdSql('n')}, $1, date_trunc('minute', now()) - m * interval '1 minute', 380000, 20000, 0, 400000, 0
     FROM generate_series(1, $2::int) n, generate_series(1, 60) m WHERE (n + m) % 5 = 0`,
    [folderId, agents],
  );
  await run('ANALYZE');
  await notifyFleet(server);
  return { folderId, officeIds };
}

/**
 * Lets all but every 25th agent have been heard just now: the broker takes who says nothing for offline, and nobody of this fleet says anything. Call it
 * again every minute.
 */
export async function hearFromLargeFleet(server: Server): Promise<void> {
  await sql(
    server,
    `UPDATE "Agent" SET "online" = true, "lastSeenAt" = now() - right("hostname", 1)::int * interval '5 seconds'
     WHERE right("hostname", 5)::int % 25 <> 0`,
  );
  await notifyFleet(server);
}

/** 16 characters of the alphabet of office ids. */
function base32(index: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return [...index.toString(32).padStart(16, '0')].map((digit) => alphabet[Number.parseInt(digit, 32)]).join('');
}
