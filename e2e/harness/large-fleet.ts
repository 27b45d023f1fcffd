/** Fills a running server's database with a fleet of a size that no machine of ours could run: for benchmarks and pictures, never for correctness. */
import type { Client } from 'pg';
import type { Server } from './fleet.ts';
import { notifyFleet, openDatabase, sql } from './server-parts.ts';

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

/** How much of a day is sampled, in minutes. */
const SAMPLED_MINUTES = 60;

/**
 * Adds offices, agents with reports, one folder with files, and a day of deliveries and samples. The database writes all rows itself; 10 000 agents and
 * a million files take less than a minute. `say` hears how far it is.
 */
export async function addLargeFleet(
  server: Server,
  options: LargeFleetOptions,
  say: (progress: string) => void = () => {},
): Promise<LargeFleet> {
  const { agents, offices, files } = options;
  const folderId = 'fld-largelargelargel';
  const officeIds = Array.from({ length: offices }, (_, index) => `off-${base32(index)}`);
  const database = await openDatabase(server);
  const run = async (text: string, values: readonly unknown[] = []) => {
    await database.query(text, [...values]);
  };
  const timed = async (what: string, work: () => Promise<void>) => {
    const startedAt = performance.now();
    await work();
    say(`${what}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  };
  try {
    // For this connection only: what is lost with a power cut is made again by the next run.
    await run('SET synchronous_commit = off');
    await run(`SET maintenance_work_mem = '768MB'`);
    await run(`SET work_mem = '256MB'`);
    await timed(`${offices} offices`, async () => {
      await run(
        `INSERT INTO "Office" ("id", "name", "subnets", "region")
         SELECT id, 'office ' || lpad(n::text, 2, '0'), ARRAY['10.' || n - 1 || '.0.0/16'], ($2::text[])[1 + (n - 1) % ${REGIONS.length}]
         FROM unnest($1::text[]) WITH ORDINALITY AS made(id, n)`,
        [officeIds, REGIONS],
      );
      await run(
        `INSERT INTO "Nextcloud" ("id", "name", "url", "userName", "passwordSealed", "errorCode", "errorDetail")
         VALUES ('nxc-largelargelargel', 'archive', 'https://cloud.invalid', 'harp', '', 'nextcloud.unreachable', 'it is made up')`,
      );
      await run(
        `INSERT INTO "Folder" ("id", "name", "nextcloudId", "path", "seq", "link", "fileCount", "byteCount", "indexedAt")
         VALUES ($1, 'Archive', 'nxc-largelargelargel', '/Archive', $2, repeat('0', 64), $2, $3, now())`,
        [folderId, files, files * 20_000],
      );
      await run(
        `INSERT INTO "FolderOffice" ("folderId", "officeId", "shareId") SELECT $1, id, 'made up' FROM unnest($2::text[]) id`,
        [folderId, officeIds],
      );
    });
    await timed(`${agents} agents`, () => addAgents(run, { folderId, officeIds, files, from: 1, to: agents }));
    await timed(`${files} files`, () =>
      withoutIndexes(database, 'FileVersion', () =>
        run(
          `INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
           SELECT $1, 'year ' || 2000 + n % 25 || '/case ' || lpad((n / 200)::text, 5, '0') || '/document ' || lpad(n::text, 7, '0') || '.pdf',
             n::text, md5(n::text), 20000, 1700000000000, md5(n::text) || md5('m' || n), NULL, n
           FROM generate_series(1, $2::int) n`,
          [folderId, files],
        ),
      ),
    );
    await timed(`${agents * DELIVERIES} deliveries`, () =>
      withoutIndexes(database, 'Delivery', () =>
        run(
          `INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs")
         SELECT ids.id, $1, s, now() - (random() * 86400) * interval '1 second', CASE WHEN ids.n % 20 = 0 THEN 0 ELSE 20000 END,
           CASE WHEN ids.n % 20 = 0 THEN 20000 ELSE 0 END, 0, 40 + ids.n % 400
         FROM (SELECT n, ${agentIdSql('n')} AS id FROM generate_series(1, $2::int) n) ids, generate_series($3::int - ${DELIVERIES - 1}, $3::int) s`,
          [folderId, agents, files],
        ),
      ),
    );
    await timed('samples and what is summed of them', async () => {
      await run(
        `INSERT INTO "SampleMinute" ("agentId", "folderId", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
         SELECT ids.id, $1, date_trunc('minute', now()) - m * interval '1 minute', 380000, 20000, 0, 400000, 0
         FROM (SELECT n, ${agentIdSql('n')} AS id FROM generate_series(1, $2::int) n) ids, generate_series(1, ${SAMPLED_MINUTES}) m
         WHERE (ids.n + m) % 5 = 0`,
        [folderId, agents],
      );
      // By office, and the whole fleet as the office without a name.
      await run(
        `INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
         SELECT id, step, at, 19000000::bigint * step * share, 1000000::bigint * step * share, 0, 20000000::bigint * step * share, 0
         FROM (SELECT id, 1 AS share FROM unnest($1::text[]) id UNION ALL SELECT '', cardinality($1::text[])) offices, ${sums} ON CONFLICT DO NOTHING`,
        [officeIds],
      );
      await run(
        `INSERT INTO "OfficeCensus" ("officeId", "stepMinutes", "at", "agents", "online")
         SELECT id, step, at, $2::int / $3::int, $2::int / $3::int - 2 FROM unnest($1::text[]) id, ${sums} WHERE step IN (5, 60, 360) ON CONFLICT DO NOTHING`,
        [officeIds, agents, offices],
      );
      await run(
        `INSERT INTO "VersionCensus" ("at", "version", "agents", "online")
         SELECT at, version, $1::int * part / 50, $1::int * part / 51
         FROM (VALUES ('0.1.0', 49), ('0.0.9', 1)) AS versions(version, part), ${sums} WHERE step = 5 ON CONFLICT DO NOTHING`,
        [agents],
      );
    });
    await timed(`${agents * EVENTS} events`, () =>
      withoutIndexes(database, 'AgentEvent', () =>
        run(
          `INSERT INTO "AgentEvent" ("id", "agentId", "at", "kind", "folderId", "body")
         SELECT ids.id || '.' || e, ids.id, now() - make_interval(secs => e * 86000.0 / ${EVENTS}), 'folder.completed', $1, '{"seq": 1}'
         FROM (SELECT ${agentIdSql('n')} AS id FROM generate_series(1, $2::int) n) ids, generate_series(1, ${EVENTS}) e`,
          [folderId, agents],
        ),
      ),
    );
    await timed('statistics', () => run('ANALYZE'));
  } finally {
    await database.end();
  }
  await notifyFleet(server);
  return { folderId, officeIds };
}

/** Files that every agent got in the last day. */
const DELIVERIES = 20;
/** What every agent reported in the last day. */
const EVENTS = 20;
/** The times that sums are kept for: short steps of a day, long ones of a month. */
const sums = `(VALUES (1, 1), (5, 1), (60, 30), (360, 30), (1440, 30)) AS steps(step, days),
  LATERAL generate_series(date_trunc('day', now()) - make_interval(days => days), now(), make_interval(mins => step)) AS at`;

/** Adds agents with these numbers to a fleet that was made by `addLargeFleet`. */
export async function addMoreAgents(
  server: Server,
  { folderId, officeIds }: LargeFleet,
  numbers: { from: number; to: number; files: number },
): Promise<void> {
  const database = await openDatabase(server);
  try {
    await addAgents(async (text, values) => void (await database.query(text, [...values])), {
      folderId,
      officeIds,
      ...numbers,
    });
  } finally {
    await database.end();
  }
  await notifyFleet(server);
}

function addAgents(
  run: (text: string, values: readonly unknown[]) => Promise<void>,
  { folderId, officeIds, files, from, to }: LargeFleet & { files: number; from: number; to: number },
): Promise<void> {
  return run(
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
     FROM generate_series($6::int, $7::int) n`,
    [officeIds, officeIds.length, DEPARTMENTS, folderId, files, from, to],
  );
}

/**
 * Fills a table while it has neither indexes nor references, and makes them again after: to sort a million keys once takes seconds, to find the place
 * of each on its own takes minutes.
 */
async function withoutIndexes(database: Client, table: string, fill: () => Promise<void>): Promise<void> {
  const { rows } = await database.query<{ drop: string; make: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
     FROM pg_constraint WHERE conrelid = format('%I', $1::text)::regclass AND contype IN ('p', 'u', 'f')
     UNION ALL
     SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
     FROM pg_index WHERE indrelid = format('%I', $1::text)::regclass
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))`,
    [table],
  );
  for (const { drop } of rows) await database.query(drop);
  await fill();
  for (const { make } of rows) await database.query(make);
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
