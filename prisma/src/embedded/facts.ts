import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCodeOf } from '../errors.ts';

/** How to reach the embedded server: the content of `postgres.json`. */
export interface ServerFacts {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const factsFile = (dataDir: string) => path.join(dataDir, 'postgres.json');

/** The stored facts, or undefined if for `patienceMs` there are none that make sense. */
export async function readFacts(dataDir: string, patienceMs: number): Promise<ServerFacts | undefined> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const text = await readFile(factsFile(dataDir), 'utf8').catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const facts = parseFacts(text);
    if (facts !== undefined || performance.now() > deadline) return facts;
    await delay(50);
  }
}

function parseFacts(text: string): ServerFacts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { port, user, password, database } = value as Record<string, unknown>;
  return Number.isInteger(port) &&
    typeof user === 'string' &&
    typeof password === 'string' &&
    typeof database === 'string'
    ? { port: port as number, user, password, database }
    : undefined;
}

/** Replaces the stored facts; readable by the owner only, whole or not at all. */
export async function writeFacts(dataDir: string, facts: ServerFacts): Promise<void> {
  const target = factsFile(dataDir);
  const temporary = `${target}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(facts, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The connection URL for `facts`; another database of the same server by `database`. */
export function urlOf(facts: ServerFacts, database = facts.database): string {
  const credentials = `${encodeURIComponent(facts.user)}:${encodeURIComponent(facts.password)}`;
  return `postgresql://${credentials}@127.0.0.1:${facts.port}/${encodeURIComponent(database)}`;
}
