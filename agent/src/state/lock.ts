import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import { diskError, systemCodeOf } from './atomic-file.ts';
import { parseJson } from './json.ts';

/** `birth` tells a process from a later one with the same number; empty where the system does not say. */
const Holder = z.object({ pid: z.int().min(1), birth: z.string() });
type Holder = z.infer<typeof Holder>;

export interface StateLock {
  release(): Promise<void>;
}

/**
 * Takes the state folder for this process; two agents on one state would ruin it. A lock left by a killed process is taken over.
 *
 * @throws {HarpError} `agent.already_running` with `facts.pid`, `disk.full`, `disk.failed`
 */
export async function lockState(path: string): Promise<StateLock> {
  const own = `${path}.${process.pid}`;
  const mine = JSON.stringify({ pid: process.pid, birth: await birthOf(process.pid) });
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Twice: the first finds at most one stale lock to clear away; a second one is a rival that started at the same time.
    for (let attempt = 0; attempt < 2; attempt++) {
      await writeFile(own, mine, { mode: 0o600 });
      // A link appears whole or not at all, so nobody ever reads a lock without its holder.
      if (await linked(own, path)) return { release: () => rm(path, { force: true }) };
      const holder = await holderOf(path);
      if (holder !== undefined) throw alreadyRunning(holder.pid);
      await clearStale(path, own);
    }
    throw alreadyRunning((await holderOf(path))?.pid ?? 0);
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await rm(own, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a lock that looked stale aside and looks again: if a rival has taken it in between, it gets it back. */
async function clearStale(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await holderOf(aside)) !== undefined) await linked(aside, path);
}

/** The process that holds the state folder now, undefined if none runs. */
export async function holderOf(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
  const holder = Holder.safeParse(parseJson(text));
  if (!holder.success || !isAlive(holder.data.pid)) return undefined;
  return (await birthOf(holder.data.pid)) === holder.data.birth ? holder.data : undefined;
}

function alreadyRunning(pid: number): HarpError {
  return new HarpError('agent.already_running', `process ${pid} runs an agent with this state folder`, {
    facts: { pid },
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/** Boot and start time of a process on Linux (proc(5): field 22 of stat, counted after the name, which may hold spaces). */
async function birthOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()}/${startTicks}`;
  } catch {
    return '';
  }
}
