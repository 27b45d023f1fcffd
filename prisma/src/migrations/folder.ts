import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The migrations and schema of this build, read from disk. */
export interface MigrationFolder {
  readonly dir: string;
  /** Oldest first; a name is `<UTC time, 14 digits>_<words>`. */
  readonly migrations: readonly { name: string; sql: string }[];
  readonly lockfile: string;
}

/** Folder of the installed @harp/prisma package: the same from source, from tests and from a bundle elsewhere. */
function packageDir(): string {
  return path.dirname(createRequire(import.meta.url).resolve('@harp/prisma/package.json'));
}

/** Folder that holds this build's migrations. */
export function migrationsDir(): string {
  return path.join(packageDir(), 'migrations');
}

/** Reads the migrations in `dir`, which is in Prisma's own format. */
export async function readMigrations(dir: string): Promise<MigrationFolder> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  const migrations = await Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(path.join(dir, name, 'migration.sql'), 'utf8') })),
  );
  return { dir, migrations, lockfile: await readFile(path.join(dir, 'migration_lock.toml'), 'utf8') };
}

/** The schema's files, as the schema engine wants them. */
export async function readSchema(): Promise<{ path: string; content: string }[]> {
  const dir = path.join(packageDir(), 'schema');
  const names = (await readdir(dir)).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(
    names.map(async (name) => ({ path: path.join(dir, name), content: await readFile(path.join(dir, name), 'utf8') })),
  );
}
