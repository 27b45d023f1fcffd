import pg from 'pg';
import { DatabaseError, messageOf, systemCodeOf } from '../errors.ts';
import type { DatabaseLogger } from '../logger.ts';
import { migrationList, noFilter, withSchemaEngine } from './engine.ts';
import { type MigrationFolder, migrationsDir, readMigrations } from './folder.ts';

/** Advisory lock of the one process that migrates ("harp", 2). */
const lockKeys = [0x68617270, 2] as const;
/** How long another starter's migrations are waited for. */
const lockTimeoutMs = 300_000;

/**
 * Brings the database at `url` to the schema of this build; returns the names of the migrations it applied.
 *
 * Nothing to do is quick. Starters that race take turns. Each migration is one transaction, so one that fails leaves the
 * database as it was after those before it, and a repaired one is applied at the next start.
 * @param dir another migrations folder than this build's, for tests
 * @throws {DatabaseError} `database.newer` if the database holds migrations that this build does not know,
 * `database.migration_failed` naming the migration, `database.unreachable`
 */
export async function applyMigrations(
  url: string,
  logger: DatabaseLogger,
  dir: string = migrationsDir(),
): Promise<string[]> {
  const folder = await readMigrations(dir);
  const client = new pg.Client({ connectionString: url, application_name: 'harp migrations' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await client.query('SELECT pg_advisory_lock($1, $2)', [...lockKeys]);
  } catch (cause) {
    await client.end().catch(() => {});
    throw new DatabaseError('database.unreachable', `cannot migrate the database: ${messageOf(cause)}`, { cause });
  }
  try {
    const pending = await pendingOf(client, folder);
    if (pending.length === 0) return [];
    await applyAll(url, client, folder, logger);
    return pending;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Migrations of `folder` that the database has not finished. */
async function pendingOf(client: pg.Client, folder: MigrationFolder): Promise<string[]> {
  const finished = new Set(await finishedIn(client));
  const known = new Set(folder.migrations.map(({ name }) => name));
  const newer = [...finished].filter((name) => !known.has(name)).sort();
  if (newer.length > 0) {
    throw new DatabaseError(
      'database.newer',
      `the database was written by a newer Harp (it has ${newer.join(', ')}): start that version, or restore a backup`,
      { facts: { migrations: newer.join(', ') } },
    );
  }
  return folder.migrations.flatMap(({ name }) => (finished.has(name) ? [] : [name]));
}

async function finishedIn(client: pg.Client): Promise<string[]> {
  try {
    const { rows } = await client.query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    return rows.map(({ name }) => name);
  } catch (error) {
    // undefined_table: nothing has ever been applied.
    if (systemCodeOf(error) === '42P01') return [];
    throw error;
  }
}

async function applyAll(
  url: string,
  client: pg.Client,
  folder: MigrationFolder,
  logger: DatabaseLogger,
): Promise<void> {
  const migrationsList = migrationList(folder);
  await withSchemaEngine(url, async (engine) => {
    // A starter that was killed leaves its migration unfinished on record; the transaction itself did not happen.
    for (const migrationName of await unfinishedIn(client)) await engine.markMigrationRolledBack({ migrationName });
    try {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilter });
      logger.info({ migrations: appliedMigrationNames }, 'migrated the database');
    } catch (cause) {
      const failed = await unfinishedIn(client);
      for (const migrationName of failed) await engine.markMigrationRolledBack({ migrationName });
      throw new DatabaseError(
        'database.migration_failed',
        `database migration ${failed.join(', ') || 'failed'}: ${messageOf(cause)}`,
        { cause, facts: { migration: failed.join(', ') } },
      );
    }
  });
}

async function unfinishedIn(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string | null }>(
    "SELECT to_regclass('_prisma_migrations')::text AS name",
  );
  if (rows[0]?.name == null) return [];
  const unfinished = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL',
  );
  return unfinished.rows.map(({ name }) => name);
}
