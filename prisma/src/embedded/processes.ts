import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemCodeOf } from '../errors.ts';

const run = promisify(execFile);

/** Whether the system has a process of this number, be it one that has ended and was not collected. */
export function numberInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/**
 * The program name of a process that lives, undefined if there is none.
 *
 * A process that has ended but was not collected by its parent counts as dead: a signal would still find it, which is why
 * PostgreSQL's own check of its pid file is not enough where process 1 collects nobody (containers).
 */
export async function livingProgram(pid: number): Promise<string | undefined> {
  if (!numberInUse(pid)) return undefined;
  const [state, name] = process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  return state === undefined || state.startsWith('Z') ? undefined : name;
}

async function fromProc(pid: number): Promise<[state?: string, name?: string]> {
  // "PID (NAME) STATE …"; the name itself may hold parentheses and blanks (proc_pid_stat(5)).
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const end = stat.lastIndexOf(')');
  return end < 0 ? [] : [stat.slice(end + 2, end + 3), stat.slice(stat.indexOf('(') + 1, end)];
}

async function fromPs(pid: number): Promise<[state?: string, name?: string]> {
  const { stdout } = await run('ps', ['-o', 'stat=,comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [, state, name] = /^(\S+)\s+(.+)$/.exec(stdout.trim()) ?? [];
  return state === undefined || name === undefined ? [] : [state, path.basename(name)];
}
