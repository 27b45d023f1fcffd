import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Program, serverPid, sql, startProgram, untilGone } from '../test/processes.ts';
import { type Database, type OpenDatabaseOptions, openDatabase } from './database.ts';
import { serverAccount } from './embedded/account.ts';
import { livingProgram } from './embedded/processes.ts';
import { createTestDatabase } from './test-db.ts';

const copy = promisify(execFile);

let template: string;
let dataDir: string;
let opened: Database[];
let programs: Program[];

/** Making a cluster takes a second or two, copying one does not. */
beforeAll(async () => {
  template = await mkdtemp(path.join(tmpdir(), 'harp-database-'));
  await (await openDatabase({ dataDir: template })).stop();
});

afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  dataDir = await madeFolder();
  opened = [];
  programs = [];
});

afterEach(async () => {
  for (const program of programs) await program.kill();
  for (const database of opened) await database.stop();
  // A program that was killed leaves its server.
  if (await serverPid(dataDir).catch(() => undefined)) await (await openDatabase({ dataDir })).stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function madeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'harp-database-'));
  await copy('cp', ['-a', `${template}/.`, folder]);
  return folder;
}

async function open(options: Partial<OpenDatabaseOptions> = {}): Promise<Database> {
  const database = await openDatabase({ dataDir, ...options });
  opened.push(database);
  return database;
}

async function hold(): Promise<Program> {
  const program = await startProgram('hold-database.ts', dataDir);
  programs.push(program);
  return program;
}

const exitOf = (database: Database) => new Promise<void>((resolve) => database.onExit(resolve));

test('data survive a stop, and the address stays the same', async () => {
  const first = await open();
  expect(first.kind).toBe('embedded');
  await sql(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const pid = await serverPid(dataDir);
  await first.stop();
  expect(await livingProgram(pid)).toBeUndefined();
  expect(await first.isAlive()).toBe(false);

  const second = await open();
  expect(second.url).toBe(first.url);
  expect(await sql(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('the server is set up for Harp: UTF-8, locale C, checksums, durable, loopback only, password needed', async () => {
  const { url } = await open();
  expect(
    await sql(
      url,
      `SELECT current_setting('server_encoding') AS encoding, datcollate AS collate, current_setting('data_checksums') AS checksums,
        current_setting('fsync') AS fsync, current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets
       FROM pg_database WHERE datname = current_database()`,
    ),
  ).toEqual([{ encoding: 'UTF8', collate: 'C', checksums: 'on', fsync: 'on', listen: '127.0.0.1', sockets: '' }]);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(sql(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect((await stat(path.join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
});

test('a server whose parent was killed goes on, and the next parent attaches to it', async () => {
  const parent = await hold();
  const pid = await serverPid(dataDir);
  await parent.kill();
  expect(await livingProgram(pid)).toBe('postgres');

  const database = await open();
  expect(database.url).toBe(parent.said.url);
  expect(await serverPid(dataDir)).toBe(pid);
  await database.stop();
  expect(await livingProgram(pid)).toBeUndefined();
});

test('a second Harp on the same folder is told which process has it, and disturbs nothing', async () => {
  const database = await open();
  const second = await hold();
  expect(second.said.error).toMatch(new RegExp(`another Harp \\(process ${process.pid}\\)`));
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({
    code: 'database.in_use',
    facts: { pid: process.pid },
  });
  expect(await database.isAlive()).toBe(true);
});

test('of two that start at once on a new folder one gets it, and the other is told so', async () => {
  await rm(dataDir, { recursive: true });
  const results = await Promise.allSettled([open(), open()]);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(failures).toMatchObject([{ code: 'database.in_use' }]);
  expect(await opened[0]?.isAlive()).toBe(true);
});

test.each([
  ['this process started', async () => open()],
  [
    'this process attached to',
    async () => {
      await (await hold()).kill();
      return open();
    },
  ],
])('the end of a server that %s is reported, and opening again recovers what was committed', async (_, begin) => {
  const first = await begin();
  await sql(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 10000) AS n');
  const over = exitOf(first);
  process.kill(await serverPid(dataDir), 'SIGKILL');
  await over;
  expect(await first.isAlive()).toBe(false);

  const second = await open();
  expect(second.url).toBe(first.url);
  expect(await sql(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 10000 }]);
});

test('a server that restarts its processes by itself is not given up', async () => {
  const database = await open();
  let ended = false;
  database.onExit(() => {
    ended = true;
  });
  const [session] = (await sql(
    database.url,
    "SELECT pid, application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'harp owner %'",
  )) as { pid: number; name: string }[];
  process.kill(session?.pid ?? 0, 'SIGKILL');
  await untilGone(session?.pid ?? 0);
  // The lock is taken again once the server is back; whoever asked for it before that would take it away.
  const holders = () =>
    sql(database.url, "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND granted").catch(
      () => [],
    );
  await expect.poll(holders, { timeout: 20_000 }).toEqual([{ n: 1 }]);
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'database.in_use' });
  expect(ended).toBe(false);
});

test.each([
  ['a process that is gone', () => 2 ** 22 - 1],
  // Of the same user: PostgreSQL itself ignores processes that it may not signal, but not this one.
  ['a process that is no PostgreSQL', (bystander: number) => bystander],
])('a pid file that names %s does not keep the server from starting', async (_, pidOf) => {
  const { file, args, options } = (await serverAccount([])).command('sleep', ['600']);
  const bystander = spawn(file, args, { ...options, stdio: 'ignore' });
  try {
    await writeFile(
      path.join(dataDir, 'postgres', 'postmaster.pid'),
      `${pidOf(bystander.pid ?? 0)}\n${path.join(dataDir, 'postgres')}\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n`,
    );
    const database = await open();
    expect(await database.isAlive()).toBe(true);
  } finally {
    bystander.kill('SIGKILL');
  }
});

test('a server of another folder is not mistaken for this one when a pid file was copied along', async () => {
  const otherDir = await madeFolder();
  const other = await openDatabase({ dataDir: otherDir });
  try {
    await (await open()).stop();
    const pidFile = (dir: string) => path.join(dir, 'postgres', 'postmaster.pid');
    await copyFile(pidFile(otherDir), pidFile(dataDir));
    const database = await open();
    expect(await serverPid(dataDir)).not.toBe(await serverPid(otherDir));
    expect(await database.isAlive()).toBe(true);
    expect(await other.isAlive()).toBe(true);
  } finally {
    await other.stop();
    await rm(otherDir, { recursive: true, force: true });
  }
});

test.each([
  ['missing', (file: string) => rm(file)],
  ['damaged', (file: string) => writeFile(file, '{"port": 1')],
])('with postgres.json %s the server gets a new password and keeps its data', async (_, spoil) => {
  const first = await open();
  await sql(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  await spoil(path.join(dataDir, 'postgres.json'));

  const second = await open();
  expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
  expect(await sql(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('a port that somebody took meanwhile is replaced', async () => {
  const first = await open();
  await first.stop();
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(Number(new URL(first.url).port), '127.0.0.1', resolve));
  try {
    const second = await open();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    expect(await second.isAlive()).toBe(true);
    expect(JSON.parse(await readFile(path.join(dataDir, 'postgres.json'), 'utf8'))).toMatchObject({
      port: Number(new URL(second.url).port),
    });
  } finally {
    blocker.close();
  }
});

test('data of another major version are refused by name', async () => {
  await (await open()).stop();
  const file = path.join(dataDir, 'postgres', 'PG_VERSION');
  await writeFile(file, '17\n');
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({
    code: 'database.data_unusable',
    facts: { found: '17' },
  });
  await writeFile(file, '18\n');
});

test('a server that cannot start says why', async () => {
  await (await open()).stop();
  const file = path.join(dataDir, 'postgres', 'postgresql.conf');
  const before = await readFile(file, 'utf8');
  await writeFile(file, `${before}\nno_such_setting = 1\n`);
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({
    code: 'database.start_failed',
    message: expect.stringContaining('no_such_setting'),
  });
  await writeFile(file, before);
});

test.runIf(process.getuid?.() === 0)('root may keep its data where nobody else may look', async () => {
  const closed = await mkdtemp(path.join(tmpdir(), 'harp-closed-'));
  await copy('cp', ['-a', template, path.join(closed, 'data')]);
  const database = await openDatabase({ dataDir: path.join(closed, 'data') });
  try {
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    expect(await database.isAlive()).toBe(true);
  } finally {
    await database.stop();
    await rm(closed, { recursive: true, force: true });
  }
});

test('an external database is used as it is, and one that does not answer is an error without the password', async () => {
  await using own = await createTestDatabase();
  const database = await open({ databaseUrl: own.url });
  expect(database).toMatchObject({ kind: 'external', url: own.url });
  expect(await database.isAlive()).toBe(true);
  await database.stop();
  expect(await database.isAlive()).toBe(true);

  const wrong = new URL(own.url);
  wrong.password = 'not-the-one';
  const failure = await openDatabase({ dataDir, databaseUrl: wrong.href }).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'database.unreachable' });
  expect(String(failure)).not.toContain('not-the-one');
});
