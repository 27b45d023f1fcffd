/** Telling processes apart: a process id alone is reused, together with the time the process began it is not. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../ports.ts';

/** A process of this machine. `startedAt` is the operating system's own notation: compare, never compute. */
export const ProcessIdentity = z.object({ pid: z.int().min(1), startedAt: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** What of the operating system is needed here. */
export interface ProcessTable {
  /** Which process has this id now; undefined if none. */
  identify(pid: number): ProcessIdentity | undefined;
  /** Signals a process, or its whole group when `pid` is negative. False if there is none. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean;
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity, table: ProcessTable): boolean {
  return table.identify(identity.pid)?.startedAt === identity.startedAt;
}

const POLL_MS = 50;

/** Ends processes that an earlier supervisor left behind: asks, waits up to `graceMs`, then forces. Returns when they are gone. */
export async function endLeftovers(
  leftovers: readonly ProcessIdentity[],
  table: ProcessTable,
  clock: Clock,
  graceMs: number,
): Promise<void> {
  const alive = () => leftovers.filter((identity) => isAlive(identity, table));
  for (const { pid } of alive()) table.signal(pid, 'SIGTERM');
  const deadlineMs = clock.nowMs() + graceMs;
  while (alive().length > 0 && clock.nowMs() < deadlineMs) await pause(clock);
  // The group too: whatever a part started shares it.
  for (const { pid } of alive()) if (!table.signal(-pid, 'SIGKILL')) table.signal(pid, 'SIGKILL');
  while (alive().length > 0) await pause(clock);
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(POLL_MS, resolve));
}

/** The machine's processes. On Linux from /proc, elsewhere from `ps`; on Windows ids count as identities. */
export const systemProcesses: ProcessTable = {
  identify(pid) {
    if (!exists(pid)) return undefined;
    const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
    return startedAt === undefined ? undefined : { pid, startedAt };
  },
  signal(pid, signal) {
    try {
      return process.kill(pid, signal);
    } catch {
      // ESRCH: gone already. EPERM: not ours, so not one we started.
      return false;
    }
  },
};

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat (proc(5)). The command in field 2 may hold spaces and parentheses, so fields count from its last `)`. */
function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not noticed.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
