import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DatabaseError, messageOf } from '../errors.ts';
import type { DatabaseLogger } from '../logger.ts';
import { livingProgram } from './processes.ts';

/** Advisory lock of the one Harp that has the server ("harp", 1). */
const lockKeys = [0x68617270, 1];
const namePrefix = 'harp owner ';
/** A killed owner's session ends within milliseconds; a busy machine may take longer to notice. */
const takeoverMs = 5_000;
const retryMs = 500;

/**
 * The connection that says "this process has the server".
 *
 * It holds an advisory lock for as long as this process lives, so there is no lock file to go stale, and it notices at once
 * when the server dies, whoever started it.
 */
export interface Guard {
  /** Settles when the server is gone or somebody else's, or when the guard was released. */
  readonly over: Promise<'lost' | 'released'>;
  release(): Promise<void>;
}

/** @throws {DatabaseError} `database.in_use` naming the process that has the server */
export async function takeGuard(url: string, serverPid: number, logger: DatabaseLogger): Promise<Guard> {
  const first = await lock(url);
  const release = new AbortController();
  const over = watch(first, { url, serverPid, logger, signal: release.signal });
  return {
    over,
    async release() {
      release.abort();
      await over;
    },
  };
}

interface Watch {
  readonly url: string;
  readonly serverPid: number;
  readonly logger: DatabaseLogger;
  readonly signal: AbortSignal;
}

async function watch(first: pg.Client, about: Watch): Promise<'lost' | 'released'> {
  for (let client: pg.Client | undefined = first; client !== undefined; client = await lockAgain(about)) {
    await sessionEnd(client, about.signal);
    if (about.signal.aborted) return 'released';
    about.logger.warn({ pid: about.serverPid }, 'lost the connection to PostgreSQL');
  }
  return about.signal.aborted ? 'released' : 'lost';
}

/** Waits until the session has ended; an abort ends it. */
async function sessionEnd(client: pg.Client, signal: AbortSignal): Promise<void> {
  const end = () => void client.end();
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  await ended;
  signal.removeEventListener('abort', end);
}

/** A server that cut the session but lives (it restarts its processes when one of them crashed) is given time to come back. */
async function lockAgain({ url, serverPid, logger, signal }: Watch): Promise<pg.Client | undefined> {
  while (!signal.aborted && (await livingProgram(serverPid)) !== undefined) {
    try {
      return await lock(url);
    } catch (error) {
      logger.warn({ pid: serverPid, error: messageOf(error) }, 'PostgreSQL does not take this process back');
      if (error instanceof DatabaseError) return undefined;
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

async function lock(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `${namePrefix}${process.pid}`,
    connectionTimeoutMillis: 10_000,
  });
  // What goes wrong later shows as the end of the session.
  client.on('error', () => {});
  try {
    await client.connect();
    const deadline = performance.now() + takeoverMs;
    while (!(await tryLock(client))) {
      const owner = await ownerOf(client);
      const lives = owner !== undefined && (await livingProgram(owner)) !== undefined;
      if (lives || performance.now() > deadline) {
        throw new DatabaseError(
          'database.in_use',
          `another Harp (process ${owner ?? 'unknown'}) uses this data folder: stop it first, or choose another HARP_DATA`,
          { facts: owner === undefined ? {} : { pid: owner } },
        );
      }
      await delay(50);
    }
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', lockKeys);
  return rows[0]?.taken === true;
}

async function ownerOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2 AND objsubid = 2`,
    lockKeys,
  );
  const pid = Number(rows[0]?.name.slice(namePrefix.length));
  return Number.isInteger(pid) ? pid : undefined;
}
