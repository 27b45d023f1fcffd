/** A fleet of any size over the API, written by the database itself: what list routes and searches cost can be measured with it. */
import { GENESIS_LINK } from '@harp/broker/protocol';
import { type ServerHarness, serverHarness } from './server-harness.ts';

/** How much there is. `files` are spread over one folder's directories; deliveries and samples over the last day. */
export interface FleetSize {
  offices: number;
  agents: number;
  files: number;
  deliveries: number;
}

export const largeFolder = `fld-${'a'.repeat(16)}`;

/** Words of file names: the first occurs in every second name, the last in one of fifty. */
const words = ['report', 'invoice', 'drawing', 'photo', 'contract', 'minutes', 'budget', 'übersicht', 'plan', 'zebra'];

/** Makes a fleet of this size. Takes about a minute for 10 000 agents, a million files and a million deliveries. */
export async function largeFleet({ offices, agents, files, deliveries }: FleetSize): Promise<ServerHarness> {
  const server = await serverHarness();
  const { database, clock } = server;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  await database.nextcloud.create({
    data: { id: 'nxc-1', name: 'main', url: 'https://c.example', userName: 'harp', passwordSealed: 'x' },
  });
  await database.folder.create({
    data: {
      id: largeFolder,
      name: 'Projects',
      nextcloudId: 'nxc-1',
      path: '/Projects',
      link: 'f'.repeat(64),
      seq: files,
    },
  });
  await database.$executeRaw`
    INSERT INTO "Office" ("id", "name", "region")
    SELECT 'off-' || lpad(n::text, 16, 'a'), 'Office ' || n, 'Region ' || n % 7 FROM generate_series(1, ${offices}) AS n`;
  await database.$executeRaw`
    INSERT INTO "FolderOffice" ("folderId", "officeId", "shareId") SELECT ${largeFolder}, "id", '1' FROM "Office"`;
  await database.$executeRaw`
    INSERT INTO "Agent" ("id", "officeId", "hostname", "platform", "version", "certificateSerial", "certificateEndsAt", "online",
      "lastSeenAt", "reportedAt", "reported")
    SELECT lpad(translate(lpad(to_hex(n), 8, '0'), '0189', 'ghij'), 52, 'z'), 'off-' || lpad((1 + n % ${offices})::text, 16, 'a'), 'PC-' || n,
      'linux', '0.1.' || n % 3, '1', ${new Date(nowMs + 90 * 86_400_000)}::timestamp, n % 20 <> 0, ${now}::timestamp, ${now}::timestamp,
      jsonb_build_object('v', 1, 'addresses', jsonb_build_array('10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256 || ':7000'),
        'peers', (SELECT jsonb_agg(repeat('p', 52)) FROM generate_series(1, 20)),
        'folders', jsonb_build_array(jsonb_build_object('id', ${largeFolder}::text, 'state',
          CASE WHEN n % 100 = 0 THEN 'blocked' WHEN n % 10 = 0 THEN 'syncing' ELSE 'complete' END,
          'reason', CASE WHEN n % 100 = 0 THEN 'disk.full' END, 'seq', CASE WHEN n % 10 = 0 THEN 0 ELSE ${files}::int END,
          'link', CASE WHEN n % 10 = 0 THEN ${GENESIS_LINK} ELSE repeat('f', 64) END, 'filesTotal', 100, 'filesDone', 50,
          'bytesTotal', 1000, 'bytesDone', 500)))
    FROM generate_series(1, ${agents}) AS n`;
  await database.$executeRaw`
    INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
    SELECT ${largeFolder}, 'dir ' || n / 5000 || '/sub ' || n / 100 % 50 || '/' || (${words}::text[])[1 + least(9, n % 20)] || ' ' ||
      (${words}::text[])[1 + n / 7 % 10] || ' ' || n || '.pdf', n, 'e', 1000, 5, 'm', 'c', n
    FROM generate_series(1, ${files}) AS n`;
  await database.$executeRaw`
    INSERT INTO "Entry" ("folderId", "seq", "body", "link", "path")
    SELECT "folderId", "seq", jsonb_build_object('path', "path", 'atMs', 5, 'size', 1000)::text, repeat('f', 64), "path" FROM "FileVersion" WHERE "seq" <= 20000 OR "seq" = ${files}`;
  await database.$executeRaw`
    WITH all_agents AS MATERIALIZED (SELECT array_agg("id" ORDER BY "id") AS ids FROM "Agent")
    INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs")
    SELECT ids[1 + n % ${agents}::int], ${largeFolder}, 1 + n / ${agents}::int,
      ${now}::timestamp - make_interval(secs => n * 86000.0 / ${deliveries}::int), 900, 100, 0, 10
    FROM all_agents, generate_series(0, ${deliveries}::int - 1) AS n`;
  await database.$executeRaw`
    INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT o."id", step, at, 900 * step, 100 * step, 0, 0, 0 FROM "Office" o, (VALUES (1), (5), (60)) AS s(step),
      LATERAL generate_series(${new Date(nowMs - 86_400_000)}::timestamp, ${now}::timestamp, make_interval(mins => step)) AS at`;
  await database.$executeRaw`
    INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT '', "stepMinutes", "at", sum("fromPeers"), sum("fromOrigin"), 0, 0, 0 FROM "OfficeTraffic" GROUP BY 2, 3`;
  await database.$executeRaw`
    INSERT INTO "OfficeCensus" ("officeId", "at", "agents", "online")
    SELECT o."id", at, 50, 45 FROM "Office" o,
      LATERAL generate_series(${new Date(nowMs - 86_400_000)}::timestamp, ${now}::timestamp, '5 minutes') AS at`;
  await database.$executeRaw`
    INSERT INTO "VersionCensus" ("at", "version", "agents", "online")
    SELECT at, '0.1.' || v, ${agents}::int / 3, 1 FROM generate_series(0, 2) AS v,
      generate_series(${new Date(nowMs - 86_400_000)}::timestamp, ${now}::timestamp, '5 minutes') AS at`;
  // The last minutes are read from what PCs sent themselves.
  await database.rollupMark.create({ data: { name: 'office', at: new Date(nowMs - 60_000) } });
  await database.$executeRaw`
    INSERT INTO "Sample" ("agentId", "folderId", "at", "intervalMs", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
    SELECT a."id", ${largeFolder}, ${now}::timestamp - make_interval(secs => 10 * n), 10000, 9, 1, 0, 0, 0
    FROM "Agent" a, generate_series(1, 12) AS n`;
  await database.$executeRaw`ANALYZE`;
  return server;
}
