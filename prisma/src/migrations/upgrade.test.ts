/** A database that is in use keeps what it has, and gets what newer pages count from. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../../test/processes.ts';
import { silentLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../test-db.ts';
import { applyMigrations } from './apply.ts';
import { migrationsDir } from './folder.ts';

const FIRST = '20261122221426_init';

let database: TestDatabase;
let dir: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  dir = await mkdtemp(path.join(tmpdir(), 'harp-migrations-'));
  for (const name of ['migration_lock.toml', FIRST])
    await cp(path.join(migrationsDir(), name), path.join(dir, name), { recursive: true });
  await applyMigrations(database.url, silentLogger, dir);
});
afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const run = async (text: string) => (await sql(database.url, text)) as Record<string, unknown>[];
const upgrade = () => applyMigrations(database.url, silentLogger);

test('from the first release: sums, states and order of paths come from what is there', async () => {
  await run(`
    INSERT INTO "Office" ("id", "name") VALUES ('n', 'north'), ('s', 'south');
    INSERT INTO "Agent" ("id", "officeId", "hostname", "platform", "version", "certificateSerial", "certificateEndsAt", "reportedAt", "reported")
    SELECT id, office, id, 'linux', '1', '1', '2027-01-01', '2026-11-22 11:59', reported::jsonb FROM (VALUES
      ('a', 'n', '{"folders":[{"id":"f","state":"blocked","reason":"disk.full","seq":2,"link":"l","filesTotal":3,"filesDone":2,"bytesTotal":30,"bytesDone":20}]}'),
      ('b', 'n', NULL), ('c', 's', '{"folders":[]}')) AS agent(id, office, reported);
    INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs") VALUES
      ('a', 'f', 1, '2026-11-22 11:00:10', 1, 2, 3, 4), ('b', 'f', 1, '2026-11-22 11:00:50', 1, 2, 3, 9), ('c', 'f', 1, '2026-11-21 11:00', 1, 2, 3, 4);
    INSERT INTO "RollupMark" VALUES ('minute', '2026-11-22 12:00'), ('hour', '2026-11-22 12:00');
    INSERT INTO "SampleHour" VALUES ('a', 'f', '2026-10-01 10:00', 7, 0, 0, 0, 0), ('a', 'f', '2026-11-20 10:00', 10, 0, 0, 0, 0), ('a', 'f', '2026-11-22 11:00', 5, 0, 0, 0, 0);
    INSERT INTO "SampleMinute" VALUES ('a', 'f', '2026-11-20 10:01', 4, 0, 0, 0, 0), ('a', 'f', '2026-11-20 10:07', 6, 0, 0, 0, 0), ('a', 'f', '2026-11-22 11:59', 5, 0, 0, 0, 0);
    INSERT INTO "Sample" VALUES ('a', 'f', '2026-11-22 11:59:10', 10000, 2, 0, 0, 0, 0), ('b', 'f', '2026-11-22 11:59:20', 10000, 3, 0, 0, 0, 0),
      ('c', 'f', '2026-11-22 12:00:01', 10000, 8, 0, 0, 0, 0);`);
  await upgrade();
  expect(await run(`SELECT "agentId", "state", "reason", "seq"::int, "since"::text FROM "AgentFolder"`)).toEqual([
    { agentId: 'a', state: 'blocked', reason: 'disk.full', seq: 2, since: '2026-11-22 11:59:00' },
  ]);
  expect(
    await run(`SELECT "officeId", "agents", "fromOrigin"::int AS bytes, "tookMsMax" FROM "OfficeFile" ORDER BY 1`),
  ).toEqual([
    { officeId: 'n', agents: 2, bytes: 4, tookMsMax: 9 },
    { officeId: 's', agents: 1, bytes: 2, tookMsMax: 4 },
  ]);
  const delivered = `SELECT "officeId" || ' ' || "stepMinutes" || ' ' || "at" || ' ' || "files" AS row FROM "OfficeDelivered" ORDER BY 1`;
  expect((await run(delivered)).map(({ row }) => row)).toEqual([
    'n 1 2026-11-22 11:00:00 2',
    'n 1440 2026-11-22 00:00:00 2',
    'n 60 2026-11-22 11:00:00 2',
    's 1 2026-11-21 11:00:00 1',
    's 1440 2026-11-21 00:00:00 1',
    's 60 2026-11-21 11:00:00 1',
  ]);
  const sums = async (officeId: string, step: number) =>
    (
      await run(
        `SELECT to_char("at", 'MM-DD HH24:MI') || ' ' || "fromPeers" AS row FROM "OfficeTraffic" WHERE "officeId" = '${officeId}' AND "stepMinutes" = ${step} ORDER BY "at"`,
      )
    ).map(({ row }) => row);
  expect(await sums('n', 1)).toEqual(['11-20 10:01 4', '11-20 10:07 6', '11-22 11:59 5']);
  expect(await sums('', 1)).toEqual(['11-20 10:01 4', '11-20 10:07 6', '11-22 11:59 5', '11-22 12:00 8']);
  expect(await sums('n', 5)).toEqual(['11-20 10:00 4', '11-20 10:05 6', '11-22 11:55 5']);
  expect(await sums('n', 60)).toEqual(['10-01 10:00 7', '11-20 10:00 10', '11-22 11:00 5']);
  expect(await sums('n', 360)).toEqual(['10-01 06:00 7', '11-20 06:00 10', '11-22 06:00 5']);
  expect(await sums('', 1440)).toEqual(['10-01 00:00 7', '11-20 00:00 10', '11-22 00:00 13']);
  expect(await run(`SELECT "at"::text FROM "RollupMark" WHERE "name" = 'office'`)).toEqual([
    { at: '2026-11-22 12:00:00' },
  ]);
});

test('from an empty first release: nothing is made up', async () => {
  await upgrade();
  for (const table of ['AgentFolder', 'OfficeFile', 'OfficeDelivered', 'OfficeTraffic', 'RollupMark'])
    expect(await run(`SELECT count(*)::int AS rows FROM "${table}"`)).toEqual([{ rows: 0 }]);
});
