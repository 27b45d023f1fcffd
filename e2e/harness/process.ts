/** Real processes for tests, demo and benchmarks: started, waited for, killed, never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

export interface ProcessOptions {
  /** Shown in errors. */
  name: string;
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Everything the process writes to stderr goes here. */
  logFile: string;
  /** Longest wait for the ready line, default 60 s. */
  readyTimeoutMs?: number;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** The first line of JSON the process printed. */
  readonly ready: unknown;
  readonly exited: Promise<number>;
  /** SIGTERM, then SIGKILL after 15 s; resolves with the exit code. */
  stop(): Promise<number>;
  /** kill -9: what a power cut looks like to the process. */
  kill(): Promise<void>;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});
// Vitest ends its workers with SIGTERM, and a process that dies of a signal never gets to `exit`.
if (process.env.VITEST !== undefined) process.once('SIGTERM', () => process.exit(0));

/** Starts a process and resolves when it has printed a line of JSON on stdout. Rejects with the end of its log when it dies first. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const child = spawn(options.command, [...options.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  living.add(child);
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    tail.push(line);
    if (tail.length > 15) tail.shift();
  });
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code, signal) => {
      living.delete(child);
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
  // Last words are read after the exit.
  child.on('close', () => log.end());
  const ready = await new Promise<unknown>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${options.name} was not ready in time; see ${options.logFile}\n${tail.join('\n')}`)),
      options.readyTimeoutMs ?? 60_000,
    );
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`stdout: ${line}\n`);
      if (!line.startsWith('{')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`${options.name} ended with ${code} before it was ready\n${tail.join('\n')}`));
    });
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    name: options.name,
    pid: child.pid ?? 0,
    ready,
    exited,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    living.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      living.delete(child);
      resolve({ code: code ?? 128, stdout, stderr });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Asks again until `probe` gives something other than undefined or false. Rejects, naming `what`, after `timeoutMs`. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
  everyMs = 50,
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endsAt) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Looks again and again for `forMs`: for promises that something does not happen. Rejects, naming `what`, when `holds` gives false. */
export async function stays(
  what: string,
  holds: () => boolean | Promise<boolean>,
  forMs: number,
  everyMs = 50,
): Promise<void> {
  const endsAt = performance.now() + forMs;
  while (performance.now() < endsAt) {
    if (!(await holds())) throw new Error(`it did not stay so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
