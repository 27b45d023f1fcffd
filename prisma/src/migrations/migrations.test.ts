import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql } from '../../test/processes.ts';
import { silentLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../test-db.ts';
import { applyMigrations } from './apply.ts';
import { missingMigration, writeMigration } from './author.ts';
import { migrationsDir } from './folder.ts';

let database: TestDatabase;
let dir: string;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  dir = await mkdtemp(path.join(tmpdir(), 'harp-migrations-'));
  await cp(path.join(migrationsDir(), 'migration_lock.toml'), path.join(dir, 'migration_lock.toml'));
});

afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

async function migration(name: string, text: string): Promise<void> {
  await mkdir(path.join(dir, name), { recursive: true });
  await writeFile(path.join(dir, name, 'migration.sql'), text);
}

const apply = () => applyMigrations(database.url, silentLogger, dir);
const tables = async () =>
  (
    (await sql(
      database.url,
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%' ORDER BY 1",
    )) as { name: string }[]
  ).map(({ name }) => name);

describe('this build', () => {
  test('its migrations and its schema agree', async () => {
    expect(await missingMigration(database.url)).toBeUndefined();
  });

  test('its migrations apply once', async () => {
    const folder = await readdir(migrationsDir(), { withFileTypes: true });
    const names = folder.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    expect(await applyMigrations(database.url, silentLogger)).toEqual(names);
    expect(await applyMigrations(database.url, silentLogger)).toEqual([]);
    expect(await tables()).toContain('FolderBlob');
  });

  test('starters that race take turns', async () => {
    const results = await Promise.all([1, 2, 3].map(() => applyMigrations(database.url, silentLogger)));
    expect(results.filter((names) => names.length > 0)).toHaveLength(1);
  });
});

describe('applying', () => {
  test('a migration may hold functions and texts with semicolons', async () => {
    await migration(
      '20260101000000_function',
      `CREATE TABLE t (a text DEFAULT 'x;y');
       CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 42; END $$;`,
    );
    await apply();
    expect(await sql(database.url, 'SELECT f() AS answer')).toEqual([{ answer: 42 }]);
  });

  test('one that fails is named, undone whole, keeps those before it, and may be repaired', async () => {
    await migration('20260101000000_good', 'CREATE TABLE good (a int)');
    await migration('20260102000000_bad', 'CREATE TABLE half (a int); INSERT INTO nowhere VALUES (1);');
    await migration('20260103000000_later', 'CREATE TABLE later (a int)');
    await expect(apply()).rejects.toMatchObject({
      code: 'database.migration_failed',
      message: expect.stringMatching(/20260102000000_bad.*nowhere/s),
      facts: { migration: '20260102000000_bad' },
    });
    expect(await tables()).toEqual(['good']);

    await migration('20260102000000_bad', 'CREATE TABLE whole (a int)');
    expect(await apply()).toEqual(['20260102000000_bad', '20260103000000_later']);
    expect(await tables()).toEqual(['good', 'later', 'whole']);
  });

  test('one that was cut short by a kill is applied at the next start', async () => {
    await migration('20260101000000_first', 'CREATE TABLE first (a int)');
    await apply();
    await migration('20260102000000_second', 'CREATE TABLE second (a int)');
    await sql(
      database.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count)
       VALUES ('cut', 'x', '20260102000000_second', now(), 0)`,
    );
    expect(await apply()).toEqual(['20260102000000_second']);
    expect(await apply()).toEqual([]);
  });

  test('a database of a newer build is left alone', async () => {
    await migration('20260101000000_first', 'CREATE TABLE first (a int)');
    await migration('20260102000000_newer', 'CREATE TABLE newer (a int)');
    await apply();
    await rm(path.join(dir, '20260102000000_newer'), { recursive: true });
    await migration('20260101500000_between', 'CREATE TABLE between_them (a int)');
    await expect(apply()).rejects.toMatchObject({
      code: 'database.newer',
      facts: { migrations: '20260102000000_newer' },
    });
    expect(await tables()).toEqual(['first', 'newer']);
  });

  test('a database with tables of somebody else is refused', async () => {
    await sql(database.url, 'CREATE TABLE foreign_table (a int)');
    await migration('20260101000000_first', 'CREATE TABLE first (a int)');
    await expect(apply()).rejects.toMatchObject({ code: 'database.migration_failed' });
    expect(await tables()).toEqual(['foreign_table']);
  });

  test('a database that does not answer is an error of its own', async () => {
    await expect(applyMigrations('postgresql://u:p@127.0.0.1:1/x', silentLogger)).rejects.toMatchObject({
      code: 'database.unreachable',
    });
  });
});

describe('writing', () => {
  test('the first migration makes the whole schema', async () => {
    const target = await writeMigration(database.url, 'init', new Date('2026-01-02T03:04:05Z'), dir);
    expect(path.basename(target ?? '')).toBe('20260102030405_init');
    expect(await readFile(path.join(target ?? '', 'migration.sql'), 'utf8')).toContain('CREATE TABLE "Office"');
    expect(await writeMigration(database.url, 'again', new Date(), dir)).toBeUndefined();
  });

  test('a difference is found, and the shadow database is gone afterwards', async () => {
    await cp(migrationsDir(), dir, { recursive: true });
    await migration(
      '29990101000000_astray',
      'ALTER TABLE "Setting" ADD COLUMN "astray" TEXT; DROP INDEX "Sample_at_idx";',
    );
    const text = await missingMigration(database.url, dir);
    expect(text).toMatch(/DROP COLUMN "astray"/);
    expect(text).toMatch(/CREATE INDEX "Sample_at_idx"/);
    expect(await tables()).toEqual([]);
    expect(await sql(database.url, "SELECT datname FROM pg_database WHERE datname LIKE 'harp_shadow%'")).toEqual([]);
  });
});
