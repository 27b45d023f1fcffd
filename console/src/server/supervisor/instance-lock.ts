/** One supervisor for one data folder. The lock also names the parts it runs, so that the next one can end what a kill -9 left behind. */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import { isAlive, ProcessIdentity, type ProcessTable } from './process-identity.ts';

const LockText = z.object({ owner: ProcessIdentity, parts: z.array(ProcessIdentity) });
type LockText = z.infer<typeof LockText>;

export interface InstanceLock {
  /** Parts of a supervisor that died, which may still run. */
  readonly leftovers: readonly ProcessIdentity[];
  /** Writes down which parts run now. */
  record(parts: readonly ProcessIdentity[]): Promise<void>;
  /** Gives the lock up. */
  release(): Promise<void>;
}

/** Healing a stale lock can lose a race against another start; more often than this it is no race. */
const MAX_ATTEMPTS = 5;

/**
 * Takes the lock at `path` for this process.
 *
 * @throws {HarpError} `supervisor.already_running` with `facts.pid` if a living supervisor holds it
 */
export async function takeInstanceLock(path: string, pid: number, table: ProcessTable): Promise<InstanceLock> {
  const owner = table.identify(pid);
  if (owner === undefined) throw new HarpError('internal.unexpected', `process ${pid} cannot be found`);
  const draft = `${path}.${pid}`;
  const write = async (parts: readonly ProcessIdentity[]) =>
    writeFile(draft, `${JSON.stringify({ owner, parts })}\n`, { mode: 0o600 });
  await mkdir(dirname(path), { recursive: true });
  const leftovers: ProcessIdentity[] = [];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    await write([]);
    try {
      // Linking is atomic and fails if the name is taken: the lock appears whole or not at all.
      await link(draft, path);
      await rm(draft);
      return {
        leftovers,
        async record(parts) {
          await write(parts);
          await rename(draft, path);
        },
        release: () => rm(path, { force: true }),
      };
    } catch (error) {
      await rm(draft, { force: true });
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const text = await readFile(path, 'utf8').catch(() => undefined);
    const held = text === undefined ? undefined : parseLock(text);
    if (held !== undefined && isAlive(held.owner, table)) throw alreadyRunning(held.owner.pid, path);
    if (text !== undefined) await discard(path, text, `${draft}.stale`);
    leftovers.push(...(held?.parts ?? []));
  }
  throw new HarpError('supervisor.already_running', `others keep taking ${path}: is Harp being started twice?`);
}

/** Takes a stale lock away. If another start has replaced it meanwhile, its lock is put back: the next attempt finds it. */
async function discard(path: string, staleText: string, aside: string): Promise<void> {
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== staleText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function parseLock(text: string): LockText | undefined {
  try {
    return LockText.parse(JSON.parse(text));
  } catch {
    // Cut short by a full disk or a crash: nobody's.
    return undefined;
  }
}

function alreadyRunning(pid: number, path: string): HarpError {
  return new HarpError(
    'supervisor.already_running',
    `Harp already runs on this data folder as process ${pid}; stop it first (kill ${pid}), or set HARP_DATA to another folder (lock: ${path})`,
    { facts: { pid } },
  );
}
