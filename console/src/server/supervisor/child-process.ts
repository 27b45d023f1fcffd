/** Parts as Node processes. Each leads a process group of its own, so that nothing it starts can outlive it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { HarpError } from '@harp/broker/protocol';
import type { RunningPart } from './part.ts';

/** A part's IPC channel: log lines and nothing else. */
export type PartChannel = Pick<ChildProcess, 'on' | 'send' | 'connected'>;

/**
 * Starts `script` with `env`. Its standard error is ours; its standard output is one line of JSON: that it is ready. `withChannel` is given the IPC
 * channel before the part can have said anything.
 */
export function launchScript(
  name: string,
  script: string,
  env: NodeJS.ProcessEnv,
  withChannel?: (channel: PartChannel) => void,
): RunningPart {
  // The IPC channel closes when this process dies, however it dies, and then the part stops by itself.
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
  withChannel?.(child);
  const ready = firstLine(child, name);
  // Whoever never looks at `ready` learns of the failure from `ended`.
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    terminate: () => void child.kill('SIGTERM'),
    kill: () => killGroup(child),
  };
}

async function firstLine(child: ChildProcess, name: string): Promise<unknown> {
  const { stdout } = child;
  if (stdout === null) throw new HarpError('supervisor.part_failed', `${name} has no standard output`);
  const lines = createInterface({ input: stdout });
  try {
    for await (const line of lines) {
      // Next.js greets on standard output before the part has its say.
      if (line.startsWith('{')) return JSON.parse(line);
    }
  } finally {
    // Closing the reader pauses the pipe, and a full pipe would stop the part: read on, without keeping anything.
    lines.close();
    stdout.resume();
  }
  throw new HarpError('supervisor.part_failed', `${name} ended before it was ready`);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No such group: everything in it has ended. (Windows has no groups.)
    child.kill('SIGKILL');
  }
}
