// Real processes and real servers for the tests of this workspace.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { livingProgram } from '../src/embedded/processes.ts';

/** A TypeScript program of this folder that has said its first line. */
export interface Program {
  readonly child: ChildProcess;
  readonly said: { url?: string; error?: string };
  /** SIGKILL to it and its process group; returns when it is gone. */
  kill(): Promise<void>;
}

/** Starts `file` of this folder and waits for its line of JSON. */
export async function startProgram(file: string, ...args: string[]): Promise<Program> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own, so that a test can kill it with everything that it has not set free.
    detached: true,
  });
  const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
  return {
    child,
    said: JSON.parse(line) as Program['said'],
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await gone;
    },
  };
}

/** Number of the server process that runs on the data folder. @throws if there is none */
export async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** Waits until `condition` holds. @throws after 20 seconds */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${condition.toString()}`);
    await delay(20);
  }
}

/** Waits until the process is gone. */
export function untilGone(pid: number): Promise<void> {
  return until(async () => (await livingProgram(pid)) === undefined);
}

/** Rows of one statement on a connection of its own. */
export async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(text);
    return rows as unknown[];
  } finally {
    await client.end();
  }
}
