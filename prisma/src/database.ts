// Puts the parts together: the embedded server below a data folder, or the database of somebody else's server.
import path from 'node:path';
import pg from 'pg';
import { type Cluster, openCluster, setPassword, superuser } from './embedded/cluster.ts';
import { readFacts, type ServerFacts, urlOf, writeFacts } from './embedded/facts.ts';
import { takeGuard } from './embedded/guard.ts';
import { ensureServer, type RunningServer, stopServer } from './embedded/server.ts';
import { DatabaseError, messageOf, systemCodeOf } from './errors.ts';
import { type DatabaseLogger, silentLogger } from './logger.ts';

/** Stands for "any" in facts of a server that has not been started yet. */
const noPort = 0;
/** Another starter may have made the cluster just now, and writes the facts next. */
const factsPatienceMs = 2_000;

/** A database that accepts connections. */
export interface Database {
  /** Connection URL, password included: never log it. */
  readonly url: string;
  readonly kind: 'embedded' | 'external';
  /** Whether a query is answered now. Never throws. */
  isAlive(): Promise<boolean>;
  /**
   * Calls back once if the embedded server ends without {@link Database.stop}: call {@link openDatabase} again, which
   * recovers it, on the same port (hence the same `url`) unless somebody has taken that meanwhile.
   */
  onExit(listener: () => void): Disposable;
  /**
   * Embedded: fast shutdown, whatever is connected; returns when the server is gone. External: nothing.
   * @throws {DatabaseError} `database.stop_failed`
   */
  stop(): Promise<void>;
}

/** Where the database is; `databaseUrl` wins over the embedded server in `dataDir`. */
export interface OpenDatabaseOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly logger?: DatabaseLogger | undefined;
}

/**
 * The database to work with: the one at `databaseUrl`, else the embedded PostgreSQL of `dataDir`, which is made, started,
 * or attached to if it still runs since its last parent died. Migrations are the caller's next step.
 * @throws {DatabaseError} `database.in_use` if another living process has opened the same `dataDir`, and all codes but those
 * of migrations
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const logger = options.logger ?? silentLogger;
  return options.databaseUrl === undefined
    ? openEmbedded(path.resolve(options.dataDir), logger)
    : openExternal(options.databaseUrl);
}

async function openExternal(url: string): Promise<Database> {
  try {
    await queryOnce(url, 'SELECT 1');
  } catch (cause) {
    throw new DatabaseError('database.unreachable', `DATABASE_URL does not lead to a database: ${messageOf(cause)}`, {
      cause,
    });
  }
  return {
    url,
    kind: 'external',
    isAlive: () => answers(url),
    onExit: () => ({ [Symbol.dispose]() {} }),
    async stop() {},
  };
}

async function openEmbedded(dataDir: string, logger: DatabaseLogger): Promise<Database> {
  const cluster = await openCluster(dataDir, logger);
  const known = await factsFor(cluster, dataDir, logger);
  const server = await ensureServer(cluster, {
    logger,
    ...(known.port === noPort ? {} : { preferredPort: known.port }),
  });
  const facts = { ...known, port: server.port };
  if (known.port !== facts.port) await writeFacts(dataDir, facts);
  const guard = await withDatabase(facts, (url) => takeGuard(url, server.pid, logger));

  const listeners = new Set<() => void>();
  void guard.over.then((how) => {
    if (how === 'released') return;
    logger.warn({ pid: server.pid }, 'PostgreSQL ended unexpectedly');
    for (const listener of listeners) listener();
  });
  const url = urlOf(facts);
  return {
    url,
    kind: 'embedded',
    isAlive: () => answers(url),
    onExit(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    async stop() {
      await guard.release();
      await stopServer(cluster, logger);
      await collected(server);
      logger.info({ pid: server.pid }, 'PostgreSQL stopped');
    },
  };
}

/** The stored facts; new ones for a new cluster, and for one whose `postgres.json` was lost. */
async function factsFor(cluster: Cluster, dataDir: string, logger: DatabaseLogger): Promise<ServerFacts> {
  let password = cluster.newPassword;
  if (password === undefined) {
    const known = await readFacts(dataDir, factsPatienceMs);
    if (known !== undefined) return known;
    logger.warn({}, 'postgres.json is missing or damaged; setting a new database password');
    await stopServer(cluster, logger);
    password = await setPassword(cluster);
  }
  const facts = { port: noPort, user: superuser, password, database: 'harp' };
  await writeFacts(dataDir, facts);
  return facts;
}

/** Runs `use` on the facts' database, which is made if the server does not have it yet. */
async function withDatabase<T>(facts: ServerFacts, use: (url: string) => Promise<T>): Promise<T> {
  try {
    return await use(urlOf(facts));
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === '28P01') {
      throw new DatabaseError(
        'database.data_unusable',
        'postgres.json does not fit this data folder: delete it, and Harp sets a new password',
        { cause: error },
      );
    }
    if (code !== '3D000') throw error;
  }
  try {
    await queryOnce(urlOf(facts, 'postgres'), `CREATE DATABASE ${facts.database}`);
  } catch (error) {
    // A second starter made it in between.
    if (systemCodeOf(error) !== '42P04' && systemCodeOf(error) !== '23505') throw error;
  }
  return use(urlOf(facts));
}

async function collected({ child }: RunningServer): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

async function answers(url: string): Promise<boolean> {
  return queryOnce(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

async function queryOnce(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
