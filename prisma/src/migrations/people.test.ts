/** Who could sign in before roles had a scope can sign in afterwards, and may do what they could. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../../test/processes.ts';
import { silentLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../test-db.ts';
import { applyMigrations } from './apply.ts';
import { migrationsDir } from './folder.ts';

const BEFORE = ['20261122221426_init', '20261123021519_workbench'];

let database: TestDatabase;
let dir: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  dir = await mkdtemp(path.join(tmpdir(), 'harp-migrations-'));
  for (const name of ['migration_lock.toml', ...BEFORE])
    await cp(path.join(migrationsDir(), name), path.join(dir, name), { recursive: true });
  await applyMigrations(database.url, silentLogger, dir);
});
afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const run = async (text: string) => (await sql(database.url, text)) as Record<string, unknown>[];

test('administrators become owners, and sessions and keys go on', async () => {
  await run(`
    INSERT INTO "User" ("id", "name", "passwordHash", "role") VALUES ('usr-a', 'ada', 'hash', 'admin'), ('usr-b', 'bob', 'hash', 'viewer');
    INSERT INTO "Session" ("tokenHash", "userId", "expiresAt") VALUES ('one', 'usr-a', '2030-01-01'), ('two', 'usr-a', '2030-01-01');
    INSERT INTO "UserState" VALUES ('usr-a', 'layout', '{"panels": 1}', '2026-11-22');
    INSERT INTO "ApiKey" ("id", "name", "keyHash", "revokedAt") VALUES ('key-a', 'local command line', 'hash', NULL), ('key-b', 'old', 'other', '2026-01-01');`);
  await applyMigrations(database.url, silentLogger);
  expect(await run(`SELECT "userId", "role", "everywhere", "regions", "officeIds" FROM "Grant" ORDER BY 1`)).toEqual([
    { userId: 'usr-a', role: 'owner', everywhere: true, regions: [], officeIds: [] },
    { userId: 'usr-b', role: 'viewer', everywhere: true, regions: [], officeIds: [] },
  ]);
  expect(await run(`SELECT "name", "passwordHash" FROM "User" ORDER BY 1`)).toEqual([
    { name: 'ada', passwordHash: 'hash' },
    { name: 'bob', passwordHash: 'hash' },
  ]);
  expect(await run(`SELECT "tokenHash", "userId", "expiresAt"::text FROM "Session" ORDER BY 1`)).toEqual([
    { tokenHash: 'one', userId: 'usr-a', expiresAt: '2030-01-01 00:00:00' },
    { tokenHash: 'two', userId: 'usr-a', expiresAt: '2030-01-01 00:00:00' },
  ]);
  expect(await run(`SELECT count(DISTINCT "id")::int AS ids FROM "Session" WHERE "id" ~ '^ses-[0-9a-f]{16}$'`)).toEqual(
    [{ ids: 2 }],
  );
  expect(await run(`SELECT count(*)::int AS rows FROM "UserState"`)).toEqual([{ rows: 1 }]);
  expect(
    await run(
      `SELECT "id", "actions", "everywhere", "userId", "expiresAt", "revokedAt" IS NULL AS live FROM "ApiKey" ORDER BY 1`,
    ),
  ).toEqual([
    { id: 'key-a', actions: ['*'], everywhere: true, userId: null, expiresAt: null, live: true },
    { id: 'key-b', actions: ['*'], everywhere: true, userId: null, expiresAt: null, live: false },
  ]);
});
