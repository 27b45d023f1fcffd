/**
 * The indexer: keeps every folder's chain up to date. Each folder has a loop of its own that runs at every poll, or at once when kicked; what one
 * folder meets does not hold up another. Called by content/services; writes the content tables through content/chain-writer only.
 */
import type { FolderId } from '@harp/broker/protocol';
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { RandomBytes } from '../ports.ts';
import { type FolderIndexerDeps, indexFolder } from './folder-indexer.ts';
import { createLimiter, type Limiter } from './limiter.ts';

export interface Indexer {
  /** Reads the list of folders again: begins loops for new ones, runs failed ones again, ends those of folders that are gone. */
  refresh(): Promise<void>;
  /** Runs now instead of at the next poll; all folders if none is given. A run under way is followed by another. */
  kick(folder?: FolderId): void;
  /** Resolves when a run that began after this call has ended. @throws {HarpError} what that run failed with; `api.not_found` */
  indexNow(folder: FolderId): Promise<void>;
  stop(): Promise<void>;
}

/** Of each Nextcloud, all its folders together: each read holds one of its workers for the whole transfer (api.md 11). */
const READS_AT_ONCE = 4;
const LISTS_AT_ONCE = 2;

export type IndexerDeps = Omit<FolderIndexerDeps, 'limitsOf'> & {
  /** Milliseconds between two looks at a folder's root. */
  pollMs: number;
  random: RandomBytes;
};

export function createIndexer(deps: IndexerDeps): Indexer {
  const { prisma, logger } = deps;
  const loops = new Map<FolderId, FolderLoop>();
  const limits = new Map<string, { reads: Limiter; lists: Limiter }>();
  const stopping = new AbortController();

  const limitsOf = (nextcloudId: string) => {
    const known = limits.get(nextcloudId);
    if (known !== undefined) return known;
    const made = { reads: createLimiter(READS_AT_ONCE), lists: createLimiter(LISTS_AT_ONCE) };
    limits.set(nextcloudId, made);
    return made;
  };

  const begin = (folder: FolderId): FolderLoop => {
    const loop = new FolderLoop({
      run: (signal) => indexFolder({ ...deps, limitsOf }, folder, signal),
      after: (run) => deps.clock.after(jittered(deps.pollMs, deps.random), run),
      onUnexpected: (error) => logger.error({ error, folder }, 'indexing a folder failed unexpectedly'),
    });
    loops.set(folder, loop);
    return loop;
  };

  return {
    async refresh() {
      const rows = await prisma.folder.findMany({ select: { id: true } });
      if (stopping.signal.aborted) return;
      const wanted = new Set(rows.map(({ id }) => id as FolderId));
      for (const [folder, loop] of loops) {
        if (wanted.has(folder)) continue;
        loops.delete(folder);
        void loop.stop();
      }
      for (const folder of wanted) {
        const loop = loops.get(folder);
        // A failed folder may work with what has just been changed.
        if (loop === undefined) begin(folder).kick();
        else if (loop.failed) loop.kick();
      }
    },
    kick(folder) {
      for (const [id, loop] of loops) if (folder === undefined || id === folder) loop.kick();
    },
    async indexNow(folder) {
      if (stopping.signal.aborted) throw new HarpError('internal.unexpected', 'the indexer has stopped');
      const known = loops.get(folder);
      if (known !== undefined) return known.next();
      const there = await prisma.folder.count({ where: { id: folder } });
      if (there === 0) throw new HarpError('api.not_found', 'there is no such folder', { facts: { folder } });
      return (loops.get(folder) ?? begin(folder)).next();
    },
    async stop() {
      stopping.abort();
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
      loops.clear();
    },
  };
}

/** ±10 %: the polls of many folders spread out. */
function jittered(ms: number, random: RandomBytes): number {
  const [byte = 0] = random(1);
  return Math.round(ms * (0.9 + (0.2 * byte) / 255));
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

interface LoopDeps {
  run(signal: AbortSignal): Promise<void>;
  /** Calls back at the next poll; the returned function calls that off. */
  after(run: () => void): () => void;
  onUnexpected(error: unknown): void;
}

/** Runs one thing again and again, never twice at a time. */
class FolderLoop {
  readonly #deps: LoopDeps;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #cancelTimer: (() => void) | undefined;
  #waiters: Waiter[] = [];
  /** Whether the last run failed. */
  failed = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
  }

  kick(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#running = this.#runs();
  }

  next(): Promise<void> {
    const next = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.kick();
    return next;
  }

  async stop(): Promise<void> {
    const stopped = new HarpError('internal.unexpected', 'the indexer has stopped');
    this.#stopping.abort(stopped);
    this.#cancelTimer?.();
    await this.#running;
    for (const { reject } of this.#waiters.splice(0)) reject(stopped);
  }

  async #runs(): Promise<void> {
    const { signal } = this.#stopping;
    do {
      this.#again = false;
      const waiters = this.#waiters.splice(0);
      try {
        await this.#deps.run(signal);
        this.failed = false;
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        this.failed = true;
        if (!signal.aborted && !isHarpError(error)) this.#deps.onUnexpected(error);
        for (const { reject } of waiters) reject(error);
      }
    } while (this.#again && !signal.aborted);
    this.#running = undefined;
    if (!signal.aborted) this.#cancelTimer = this.#deps.after(() => this.kick());
  }
}
