/** A fleet of any size over the API, written by the database itself: what list routes and searches cost can be measured with it. */
import { GENESIS_LINK } from '@harp/broker/protocol';
import { Prisma } from '@harp/prisma';
import { type ServerHarness, serverHarness } from './server-harness.ts';

/**
 * How much there is. `files` are spread over one folder's directories, `flatFiles` lie in one directory of another; deliveries and samples are of the
 * last day, sums of the last month. Every agent has as many events, but for those of the first office, which has none.
 */
export interface FleetSize {
  offices: number;
  agents: number;
  files: number;
  flatFiles: number;
  deliveries: number;
  eventsPerAgent: number;
}

export const largeFolder = `fld-${'a'.repeat(16)}`;
/** A folder whose root holds all its files. */
export const flatFolder = `fld-${'b'.repeat(16)}`;
/** The office whose agents report no events. */
export const quietOffice = `off-${'1'.padStart(16, 'a')}`;
/** An agent's id by its number, from 1. */
export const agentNumber = (number: number): string =>
  number
    .toString(16)
    .padStart(8, '0')
    .replace(/[0189]/g, (digit) => 'ghij'['0189'.indexOf(digit)]!)
    .padStart(52, 'z');

/** Words of file names: the first occurs in every second name, the last in one of fifty. */
const words = ['report', 'invoice', 'drawing', 'photo', 'contract', 'minutes', 'budget', 'übersicht', 'plan', 'zebra'];

/** Makes a fleet of this size. Takes about a minute for 10 000 agents, a million files and a million deliveries. */
export async function largeFleet(size: FleetSize): Promise<ServerHarness> {
  const { offices, agents, files, flatFiles, deliveries, eventsPerAgent } = size;
  const server = await serverHarness();
  const { database, clock } = server;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  await database.nextcloud.create({
    data: { id: 'nxc-1', name: 'main', url: 'https://c.example', userName: 'harp', passwordSealed: 'x' },
  });
  const folder = { nextcloudId: 'nxc-1', link: 'f'.repeat(64) };
  await database.folder.createMany({
    data: [
      { ...folder, id: largeFolder, name: 'Projects', path: '/Projects', seq: files },
      { ...folder, id: flatFolder, name: 'Scans', path: '/Scans', seq: flatFiles },
    ],
  });
  await database.$executeRaw`
    INSERT INTO "Office" ("id", "name", "region")
    SELECT 'off-' || lpad(n::text, 16, 'a'), 'Office ' || n, 'Region ' || n % 7 FROM generate_series(1, ${offices}) AS n`;
  await database.$executeRaw`
    INSERT INTO "FolderOffice" ("folderId", "officeId", "shareId") SELECT f."id", o."id", '1' FROM "Office" o, "Folder" f`;
  await database.$executeRaw`
    INSERT INTO "Agent" ("id", "officeId", "hostname", "platform", "version", "certificateSerial", "certificateEndsAt", "online",
      "lastSeenAt", "reportedAt", "reported")
    SELECT lpad(translate(lpad(to_hex(n), 8, '0'), '0189', 'ghij'), 52, 'z'), 'off-' || lpad((1 + n % ${offices})::text, 16, 'a'), 'PC-' || n,
      'linux', '0.1.' || n % 3, '1', ${new Date(nowMs + 90 * 86_400_000)}::timestamp, n % 20 <> 0, ${now}::timestamp, ${now}::timestamp,
      jsonb_build_object('v', 1, 'addresses', jsonb_build_array('10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256 || ':7000'),
        'peers', (SELECT jsonb_agg(repeat('p', 52)) FROM generate_series(1, 20)),
        'folders', (SELECT jsonb_agg(jsonb_build_object('id', f."id", 'state',
          CASE WHEN n % 100 = 0 THEN 'blocked' WHEN n % 10 = 0 THEN 'syncing' ELSE 'complete' END,
          'reason', CASE WHEN n % 100 = 0 THEN 'disk.full' END, 'seq', CASE WHEN n % 10 = 0 THEN 0 ELSE f."seq" END,
          'link', CASE WHEN n % 10 = 0 THEN ${GENESIS_LINK} ELSE f."link" END, 'filesTotal', 100, 'filesDone', 50,
          'bytesTotal', 1000, 'bytesDone', 500)) FROM "Folder" f))
    FROM generate_series(1, ${agents}) AS n`;
  await database.$executeRaw`
    INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
    SELECT ${largeFolder}, 'dir ' || n / 5000 || '/sub ' || n / 100 % 50 || '/' || (${words}::text[])[1 + least(9, n % 20)] || ' ' ||
      (${words}::text[])[1 + n / 7 % 10] || ' ' || n || '.pdf', n, 'e', 1000, 5, 'm', 'c', n
    FROM generate_series(1, ${files}) AS n`;
  await database.$executeRaw`
    INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
    SELECT ${flatFolder}, 'scan ' || lpad(n::text, 7, '0') || '.tif', n, 'e', 1000, 5, 'm', 'c', n FROM generate_series(1, ${flatFiles}) AS n`;
  await database.$executeRaw`
    INSERT INTO "Entry" ("folderId", "seq", "body", "link", "path")
    SELECT "folderId", "seq", jsonb_build_object('path', "path", 'atMs', 5, 'size', 1000)::text, repeat('f', 64), "path" FROM "FileVersion" WHERE "seq" <= 20000 OR "seq" = ${files}`;
  await database.$executeRaw`
    WITH all_agents AS MATERIALIZED (SELECT array_agg("id" ORDER BY "id") AS ids FROM "Agent")
    INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs")
    SELECT ids[1 + n % ${agents}::int], ${largeFolder}, 1 + n / ${agents}::int,
      ${now}::timestamp - make_interval(secs => n * 86000.0 / ${deliveries}::int), 900, 100, 0, 10
    FROM all_agents, generate_series(0, ${deliveries}::int - 1) AS n`;
  // Short steps of a day, long ones of a month.
  const sums = Prisma.sql`(VALUES (1, 1), (5, 1), (60, 30), (360, 30), (1440, 30)) AS s(step, days),
      LATERAL generate_series(date_trunc('day', ${now}::timestamp) - make_interval(days => days), ${now}::timestamp, make_interval(mins => step)) AS at`;
  await database.$executeRaw`
    INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT o."id", step, at, 900 * step, 100 * step, 0, 0, 0 FROM "Office" o, ${sums}`;
  await database.$executeRaw`
    INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT '', "stepMinutes", "at", sum("fromPeers"), sum("fromOrigin"), 0, 0, 0 FROM "OfficeTraffic" GROUP BY 2, 3`;
  await database.$executeRaw`
    INSERT INTO "OfficeCensus" ("officeId", "stepMinutes", "at", "agents", "online")
    SELECT o."id", step, at, 50, 45 FROM "Office" o, ${sums} WHERE step IN (5, 60, 360)`;
  await database.$executeRaw`
    INSERT INTO "OfficeDelivered" ("officeId", "stepMinutes", "at", "files", "fromPeers", "fromOrigin", "fromLocal")
    SELECT o."id", step, at, 10, 900 * step, 100 * step, 0 FROM "Office" o, ${sums} WHERE step IN (60, 1440) ON CONFLICT DO NOTHING`;
  await database.$executeRaw`
    INSERT INTO "AgentEvent" ("id", "agentId", "at", "kind", "folderId", "body")
    SELECT a."id" || '.' || n, a."id", ${now}::timestamp - make_interval(secs => n * 86000.0 / ${eventsPerAgent}::int), 'folder.completed',
      ${largeFolder}, '{"seq": 1}'
    FROM "Agent" a, generate_series(1, ${eventsPerAgent}::int) AS n WHERE a."officeId" <> ${quietOffice}`;
  await database.$executeRaw`
    INSERT INTO "VersionCensus" ("at", "version", "agents", "online")
    SELECT at, '0.1.' || v, ${agents}::int / 3, 1 FROM generate_series(0, 2) AS v,
      generate_series(${new Date(nowMs - 86_400_000)}::timestamp, ${now}::timestamp, '5 minutes') AS at`;
  await database.rollupMark.create({ data: { name: 'office', at: new Date(nowMs - 60_000) } });
  await database.$executeRaw`
    INSERT INTO "Sample" ("agentId", "folderId", "at", "intervalMs", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT a."id", ${largeFolder}, ${now}::timestamp - make_interval(secs => 10 * n), 10000, 9, 1, 0, 0, 0
    FROM "Agent" a, generate_series(1, 12) AS n`;
  await database.$executeRaw`ANALYZE`;
  return server;
}
