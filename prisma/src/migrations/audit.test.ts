/** The audit log begins in a database that is in use, empty and with its first link, and is only ever added to. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../../test/processes.ts';
import { silentLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../test-db.ts';
import { applyMigrations } from './apply.ts';
import { migrationsDir } from './folder.ts';

const AUDIT = '20261123090000_audit';

let database: TestDatabase;
let dir: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  dir = await mkdtemp(path.join(tmpdir(), 'harp-migrations-'));
  for (const name of await readdir(migrationsDir()))
    if (name < AUDIT || name.endsWith('.toml'))
      await cp(path.join(migrationsDir(), name), path.join(dir, name), { recursive: true });
  await applyMigrations(database.url, silentLogger, dir);
});
afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const run = (text: string) => sql(database.url, text);

test('what was there stays, and the log stands before its first entry', async () => {
  await run(`INSERT INTO "Office" ("id", "name") VALUES ('n', 'north')`);
  await run(`INSERT INTO "Setting" ("key", "value") VALUES ('console.settings', '{"a":1}')`);
  await applyMigrations(database.url, silentLogger);
  expect(await run(`SELECT "name" FROM "Office"`)).toEqual([{ name: 'north' }]);
  expect(await run(`SELECT "value" FROM "Setting"`)).toEqual([{ value: { a: 1 } }]);
  expect(await run(`SELECT "id", "seq", "link", "signedSeq" FROM "AuditState"`)).toEqual([
    { id: 1, seq: 0, link: '0'.repeat(64), signedSeq: 0 },
  ]);
});

test.each(['AuditEntry', 'AuditHead'])('rows of %s are neither changed nor deleted', async (table) => {
  await applyMigrations(database.url, silentLogger);
  await run(`INSERT INTO "AuditHead" ("seq", "text", "key", "signature") VALUES (1, 't', 'k', 's')`);
  await run(`INSERT INTO "AuditEntry" ("seq", "at", "actorKind", "actorName", "action", "objectKind", "objectId", "objectName", "body", "link")
    VALUES (1, '2026-11-23', 'system', 'Harp', 'a.b', 'a', 'a', 'a', '{}', 'l')`);
  for (const statement of [`UPDATE "${table}" SET "seq" = 2`, `DELETE FROM "${table}"`, `TRUNCATE "${table}"`])
    await expect(run(statement)).rejects.toThrow(/only ever added to/);
});
