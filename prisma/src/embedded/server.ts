// The embedded PostgreSQL: this file starts, finds and stops the server of a cluster. Nothing in this folder knows of tables;
// ../database.ts puts the parts together.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DatabaseError, messageOf } from '../errors.ts';
import type { DatabaseLogger } from '../logger.ts';
import { type Cluster, type PidFile, readPidFile, removePidFile } from './cluster.ts';
import { livingProgram, numberInUse } from './processes.ts';

const run = promisify(execFile);

/** Sized for a machine with two cores and 1 GB; everything not named is PostgreSQL's default, fsync included. */
const productionSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  effective_cache_size: '256MB',
  maintenance_work_mem: '32MB',
  max_wal_size: '256MB',
  // Saves the three processes that would read ahead.
  io_method: 'sync',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Crash recovery replays up to max_wal_size, on a slow disk. */
const startTimeoutMs = 120_000;
const pollMs = 20;
/** The log is turned over at a start when it has grown past this. */
const logLimitBytes = 10 * 1024 * 1024;

/** A PostgreSQL server that accepts connections; `child` is there when this process started it. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly child?: ChildProcess;
}

/**
 * The server of `cluster`: the one that runs, else one started here, on `preferredPort` if that is free and with
 * `settings` besides the usual ones.
 *
 * It outlives this process, in a session of its own. Safe against a second starter: PostgreSQL lets only one server have a
 * data directory, and the loser finds the winner's.
 * @throws {DatabaseError} `database.start_failed` with the server's last words
 */
export async function ensureServer(
  cluster: Cluster,
  options: { preferredPort?: number; settings?: Readonly<Record<string, string>>; logger: DatabaseLogger },
): Promise<RunningServer> {
  const { logger } = options;
  const deadline = performance.now() + startTimeoutMs;
  let port = options.preferredPort;
  let lastWords = '';
  while (performance.now() < deadline) {
    const running = await findServer(cluster, deadline, logger);
    if (running) return running;
    port = port !== undefined && (await isFree(port)) ? port : await freePort();
    const outcome = await launch(cluster, port, { ...productionSettings, ...options.settings }, deadline);
    if (typeof outcome !== 'string') {
      logger.info({ pid: outcome.pid, port }, 'PostgreSQL started');
      return outcome;
    }
    lastWords = outcome;
    if (!/could not bind|already exists|shared memory block/.test(outcome)) break;
    // Lost a race for the port or the data directory, or processes of a killed server are still on their way out.
    await delay(200);
  }
  throw new DatabaseError('database.start_failed', `PostgreSQL did not start: ${lastWords || 'no answer'}`, {
    facts: { log: cluster.logFile },
  });
}

/** The server that runs on the cluster already, once it accepts connections. */
async function findServer(
  cluster: Cluster,
  deadline: number,
  logger: DatabaseLogger,
): Promise<RunningServer | undefined> {
  const dir = await realpath(cluster.dir);
  while (performance.now() < deadline) {
    const found = await readPidFile(cluster);
    if (!found) return undefined;
    const program = await livingProgram(found.pid);
    const isOurs = program?.startsWith('postgres') === true && (await realpath(found.dir).catch(() => '')) === dir;
    if (!isOurs) {
      await forget(cluster, found, logger);
      return undefined;
    }
    if (found.ready) {
      logger.info({ pid: found.pid, port: found.port }, 'PostgreSQL runs already');
      return { pid: found.pid, port: found.port };
    }
    await delay(pollMs);
  }
  throw new DatabaseError('database.start_failed', 'the PostgreSQL that runs on this data folder does not get ready', {
    facts: { log: cluster.logFile },
  });
}

/**
 * Deals with the pid file of a server that is gone. PostgreSQL does that itself unless the number belongs to a process again
 * (after a reboot), or still does (one that its parent never collected). Its own check of shared memory, which is named
 * after the data directory, keeps two servers apart all the same.
 */
async function forget(cluster: Cluster, stale: PidFile, logger: DatabaseLogger): Promise<void> {
  if (!numberInUse(stale.pid)) return;
  logger.warn({ pid: stale.pid }, 'removed the pid file of a PostgreSQL that is gone');
  await removePidFile(cluster);
}

/** Starts a server; its last words if it ended instead of getting ready. */
async function launch(
  cluster: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
  deadline: number,
): Promise<RunningServer | string> {
  const logStart = await turnLogOver(cluster.logFile);
  const log = await open(cluster.logFile, 'a', 0o600);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, options } = cluster.account.command(cluster.binaries.postgres, [
    '-D',
    cluster.dir,
    '-p',
    String(port),
    ...flags,
  ]);
  // A session of its own, and a file rather than a pipe for its log: the server must not notice when its parent dies.
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', log.fd, log.fd] });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await log.close();
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && performance.now() < deadline) {
    const found = await readPidFile(cluster);
    if (found?.ready && found.pid === child.pid) {
      child.unref();
      return { pid: found.pid, port, child };
    }
    await Promise.race([delay(pollMs), ended]);
  }
  if (!over) {
    // It goes on recovering; the next start finds it further on.
    child.unref();
    return `it is not ready after ${startTimeoutMs / 1000} s`;
  }
  const words = (await readFile(cluster.logFile)).subarray(logStart).toString('utf8').trim();
  return words.slice(-2000) || `it ended with ${child.exitCode ?? child.signalCode ?? 'no exit code'}`;
}

/** Puts a long log aside. Returns where this run's part of the log will start. */
async function turnLogOver(file: string): Promise<number> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size < logLimitBytes) return size;
  await rename(file, `${file}.1`);
  return 0;
}

/** Fast shutdown: sessions are cut, nothing is lost. Returns when the server is gone. @throws {DatabaseError} `database.stop_failed` */
export async function stopServer(cluster: Cluster, logger: DatabaseLogger): Promise<void> {
  const found = await readPidFile(cluster);
  if (!found || (await livingProgram(found.pid)) === undefined) return;
  for (const mode of ['fast', 'immediate']) {
    const { file, args, options } = cluster.account.command(cluster.binaries.pgCtl, [
      'stop',
      '-D',
      cluster.dir,
      '-m',
      mode,
      '-w',
      '-t',
      '60',
    ]);
    try {
      await run(file, args, options);
      return;
    } catch (error) {
      if ((await livingProgram(found.pid)) === undefined) return;
      logger.warn({ pid: found.pid, mode, error: messageOf(error) }, 'PostgreSQL does not stop');
    }
  }
  throw new DatabaseError('database.stop_failed', `PostgreSQL (process ${found.pid}) does not stop`, {
    facts: { pid: found.pid },
  });
}

/** A port of the loopback interface that nobody uses at the moment. */
async function freePort(): Promise<number> {
  return (
    (await tryListen(0)) ?? Promise.reject(new DatabaseError('database.start_failed', 'no free port on 127.0.0.1'))
  );
}

async function isFree(port: number): Promise<boolean> {
  return (await tryListen(port)) !== undefined;
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
