// Databases for tests, of the broker and the console too: real PostgreSQL, real migrations. One server per process that asks
// for one; it goes when the process ends, however it ends. Production code must not import this.
import pg from 'pg';
import { startEphemeralServer } from './embedded/ephemeral.ts';
import { type ServerFacts, urlOf } from './embedded/facts.ts';
import { silentLogger } from './logger.ts';
import { applyMigrations } from './migrations/apply.ts';

/** A database of a test's own. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Removes the database, cutting what is connected. Leaving it out is safe: the whole server goes with the process. */
  drop(): Promise<void>;
}

const template = 'harp_template';
let prepared: Promise<ServerFacts> | undefined;
let count = 0;

/**
 * A fresh database with every migration applied; with `empty`, without any. The first one of a process takes about two
 * seconds, the others 50 ms.
 */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  prepared ??= prepare();
  const facts = await prepared;
  count += 1;
  const name = `test_${count}`;
  await administer(facts, `CREATE DATABASE ${name} TEMPLATE ${options.empty ? 'template0' : template}`);
  const drop = () => administer(facts, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: urlOf(facts, name), drop, [Symbol.asyncDispose]: drop };
}

async function prepare(): Promise<ServerFacts> {
  const facts = await startEphemeralServer();
  await administer(facts, `CREATE DATABASE ${template}`);
  await applyMigrations(urlOf(facts, template), silentLogger);
  return facts;
}

async function administer(facts: ServerFacts, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(facts) });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
