/** What a process has cost so far, from /proc (Linux). */
import { readFileSync } from 'node:fs';

/** Clock ticks per second of /proc/PID/stat; 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  rssBytes: number;
  /** User and system time since the process began. */
  cpuSeconds: number;
}

/** @throws {Error} if there is no such process */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssBytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { rssBytes, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}
