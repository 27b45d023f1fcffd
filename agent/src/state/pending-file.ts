import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { readFileIfPresent } from './atomic-file.ts';
import { parseJson } from './json.ts';
import type { StateLayout } from './layout.ts';

/** `pending.json`: what an agent that is not let in yet shows, for `harp-agent status` and scripts. There only while it waits. */
export const Pending = z.object({
  v: z.literal(1),
  pid: z.int(),
  /** How it found the server, and which one. Absent while it looks for one. */
  via: z.string().exactOptional(),
  server: z.string().exactOptional(),
  /** Error code: why it waits. */
  cause: z.string(),
  /** What whoever approves has to type. */
  code: z.string().exactOptional(),
});
export type Pending = z.infer<typeof Pending>;

/** What the process that waits with this state folder shows; undefined if none does. @throws {HarpError} `disk.failed` */
export async function readPending(layout: StateLayout): Promise<Pending | undefined> {
  const parsed = Pending.safeParse(parseJson((await readFileIfPresent(layout.pending)) ?? ''));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

/** Renamed into place, but not synced: after a power cut it is worthless anyway. A disk that refuses is found out by what has to be kept. */
export async function writePending(layout: StateLayout, pending: Omit<Pending, 'v' | 'pid'>): Promise<void> {
  const text = JSON.stringify({ v: 1, pid: process.pid, ...pending } satisfies Pending);
  const beside = `${layout.pending}.new`;
  try {
    await mkdir(layout.root, { recursive: true, mode: 0o700 });
    await writeFile(beside, `${text}\n`, { mode: 0o600 });
    await rename(beside, layout.pending);
  } catch {
    // Shown in the log as well.
  }
}

export async function removePending(layout: StateLayout): Promise<void> {
  await rm(layout.pending, { force: true }).catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is one.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
