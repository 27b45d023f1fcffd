import { execFile, type SpawnOptions } from 'node:child_process';
import { promisify } from 'node:util';
import { DatabaseError, messageOf } from '../errors.ts';

const run = promisify(execFile);

/** A user and a group, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs PostgreSQL's programs, and how they are started so. */
export interface ServerAccount {
  /** Owner that files of the cluster must have; undefined when it is this process's own. */
  readonly owner?: Owner;
  /** Turns a command into one that runs as this account; pass its result to spawn or execFile. */
  command(file: string, args: readonly string[]): { file: string; args: string[]; options: SpawnOptions };
}

/** Fixed on purpose: variables such as PGDATA or PGPORT of whoever starts Harp must not reach PostgreSQL. */
const variables: NodeJS.Dict<string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};
// Next.js's types want NODE_ENV in every environment.
const environment = variables as NodeJS.ProcessEnv;

/** The account of this process. */
const ownAccount: ServerAccount = {
  command: (file, args) => ({ file, args: [...args], options: { env: environment } }),
};

/**
 * The account that PostgreSQL can run from, given that it must reach `paths`.
 *
 * PostgreSQL refuses to run as root, so root runs it as `dataOwner`, who has the data already, else as the user `postgres`,
 * which is made if there is none. If that user may not enter a folder above one of `paths` (as in /root), it gets the one
 * capability needed to pass through, not more.
 * @throws {DatabaseError} `database.account`
 */
export async function serverAccount(paths: readonly string[], dataOwner?: Owner): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return ownAccount;
  const owner = dataOwner !== undefined && dataOwner.uid !== 0 ? dataOwner : await postgresUser();
  const candidates: ServerAccount[] = [
    {
      owner,
      command: (file, args) => ({ file, args: [...args], options: { ...owner, env: environment, cwd: '/' } }),
    },
    // Containers often lack the first of these capabilities, and have the second.
    ...['dac_read_search', 'dac_override'].map(
      (capability): ServerAccount => ({
        owner,
        command: (file, args) => ({
          file: 'setpriv',
          args: [
            `--reuid=${owner.uid}`,
            `--regid=${owner.gid}`,
            '--clear-groups',
            `--inh-caps=+${capability}`,
            `--ambient-caps=+${capability}`,
            file,
            ...args,
          ],
          options: { env: environment, cwd: '/' },
        }),
      }),
    ),
  ];
  for (const account of candidates) {
    if (await reaches(account, paths)) return account;
  }
  throw new DatabaseError(
    'database.account',
    `Harp runs as root and PostgreSQL as user ${owner.uid}, who may not enter ${paths.join(' or ')}: choose a folder that every user may pass through, run Harp as an ordinary user, or set DATABASE_URL`,
  );
}

async function reaches(account: ServerAccount, paths: readonly string[]): Promise<boolean> {
  const script = paths.map((_, index) => `test -x "$${index + 1}"`).join(' && ');
  const { file, args, options } = account.command('/bin/sh', ['-c', script, 'sh', ...paths]);
  return run(file, args, options).then(
    () => true,
    () => false,
  );
}

async function postgresUser(): Promise<Owner> {
  const known = await idsOf('postgres');
  if (known !== undefined) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (cause) {
    throw new DatabaseError(
      'database.account',
      `PostgreSQL does not run as root, and the user postgres could not be made (${messageOf(cause).trim()}): make it, run Harp as an ordinary user, or set DATABASE_URL`,
      { cause },
    );
  }
  const made = await idsOf('postgres');
  if (made === undefined)
    throw new DatabaseError('database.account', 'the user postgres was made but is not to be found');
  return made;
}

async function idsOf(user: string): Promise<Owner | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    return undefined;
  }
}
