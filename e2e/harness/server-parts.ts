/** The processes behind a server, one by one, for tests that kill them; and its database, for tests that tamper with it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import type { Server } from './fleet.ts';
import { until } from './process.ts';

export type ServerPart = 'broker' | 'console' | 'postgres';

const scripts = { broker: /broker\/dist\/main\.js/, console: /console\/dist\/server\.js/ } as const;

/** Process id of a part that runs now; undefined while it does not. */
export function pidOfPart(server: Server, part: ServerPart): number | undefined {
  if (part === 'postgres') {
    const file = join(server.dataDir, 'postgres', 'postmaster.pid');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : Number.NaN;
    return pid > 0 && isAlive(pid) ? pid : undefined;
  }
  return processes().find(
    ({ parent, command }) => parent === server.process.pid && command.some((word) => scripts[part].test(word)),
  )?.pid;
}

/** kill -9 of one part; resolves when that process is gone. The supervisor is to start another. */
export async function killPart(server: Server, part: ServerPart): Promise<void> {
  const pid = await until(`${part} runs`, () => pidOfPart(server, part));
  process.kill(pid, 'SIGKILL');
  await until(`${part} is dead`, () => !isAlive(pid));
}

/** Resolves when API, database and broker work (again). */
export async function works(server: Server): Promise<void> {
  await until(
    'the server works',
    async () => {
      // Refused while the console server starts: that is what is waited for.
      const answer = await fetch(`${server.url}/api/v1/health`).catch(() => undefined);
      const health = answer?.ok ? ((await answer.json()) as { broker?: boolean }) : undefined;
      return health?.broker === true;
    },
    60_000,
  );
}

interface ProcessRow {
  pid: number;
  parent: number;
  command: string[];
}

/** What runs on this machine: /proc on Linux, where `ps` may be missing; `ps` elsewhere. */
function processes(): ProcessRow[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([pid, parent, ...command]) => ({ pid: Number(pid), parent: Number(parent), command }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The name in parentheses may hold anything; the parent is the second field after it (proc(5)).
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return [{ pid: Number(pid), parent: Number(parent), command }];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

function isAlive(pid: number): boolean {
  if (process.platform === 'linux') return processes().some((row) => row.pid === pid);
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const PostgresFile = z.object({ port: z.int(), user: z.string(), password: z.string(), database: z.string() });

/** A connection to the embedded database, as somebody with its password could have one. Whoever opens it ends it. */
export async function openDatabase(server: Pick<Server, 'dataDir'>): Promise<Client> {
  const access = PostgresFile.parse(JSON.parse(readFileSync(join(server.dataDir, 'postgres.json'), 'utf8')));
  const client = new Client({ host: '127.0.0.1', ...access });
  await client.connect();
  return client;
}

/** Runs one statement in the embedded database. Returns the rows. */
export async function sql(
  server: Server,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = await openDatabase(server);
  try {
    return (await client.query(text, [...values])).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Tells broker and console that somebody changed the fleet in the database. */
export async function notifyFleet(server: Server): Promise<void> {
  await sql(server, `SELECT pg_notify('harp_fleet', '')`);
}
