import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { migrationList, noFilter, withSchemaEngine } from './engine.ts';
import { migrationsDir, readMigrations, readSchema } from './folder.ts';

/** SQL that leads from the migrations to the schema; undefined if they agree. Needs a server to try the migrations on. */
export async function missingMigration(url: string, dir: string = migrationsDir()): Promise<string | undefined> {
  const folder = await readMigrations(dir);
  const files = await readSchema();
  return withSchemaEngine(url, async (engine) => {
    const { exitCode, stdout } = await engine.diff({
      from: folder.migrations.length === 0 ? { tag: 'empty' } : { tag: 'migrations', ...migrationList(folder) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: noFilter,
    });
    return exitCode === 2 && stdout ? stdout : undefined;
  });
}

/**
 * Writes a new migration that leads to the schema as it is now; returns its folder, undefined if there is nothing to do.
 * `name` is made of lower-case words joined by underscores; `at` (UTC) orders migrations.
 */
export async function writeMigration(
  url: string,
  name: string,
  at: Date,
  dir: string = migrationsDir(),
): Promise<string | undefined> {
  const sql = await missingMigration(url, dir);
  if (sql === undefined) return undefined;
  const stamp = at.toISOString().replace(/\D/g, '').slice(0, 14);
  const target = path.join(dir, `${stamp}_${name}`);
  await mkdir(target);
  await writeFile(path.join(target, 'migration.sql'), sql);
  return target;
}
