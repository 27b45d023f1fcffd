import type { Delivery, FileRecord } from '@harp/broker/protocol';
import { createGate, forEachBounded } from '../concurrency.ts';
import { asDiskError, type DiskFile, isSystemError, statOf, timesOf } from '../files/disk.ts';
import type { HeldFile } from '../files/journal.ts';
import type { FileNumber } from '../store/file-table.ts';
import type { PartialFile } from '../store/partial-files.ts';
import { type FolderContext, isCurrent } from './context.ts';

/** A file whose bytes are all here and verified. */
export interface ReadyFile {
  record: FileRecord;
  storedPath: string;
  /** Assembled beside the target, or found there with the right content. */
  from: { kind: 'assembled'; partial: PartialFile } | { kind: 'adopted'; file: FileNumber };
  /** To report, unless the file only came back. */
  delivery: Delivery | undefined;
}

/** Gives finished files their names: fsync, check, mtime, rename, fsync of the directory, journal; in that order, many files at once. */
export interface Finisher {
  /**
   * Resolves with true when the file is in the journal, with false if the chain wants something else by now.
   *
   * @throws {HarpError} `disk.full`, `disk.failed`, `name.refused`
   */
  finish(ready: ReadyFile): Promise<boolean>;
}

/** Files in one batch: they share directory fsyncs and a transaction. More would make a new head wait. */
const BATCH = 128;
/** fdatasyncs at a time; the file system merges what is concurrent into one commit of its log. */
const SYNCS_MAX = 16;
const RENAMES_MAX = 16;

/** Content on disk, with the chain's time: only the name is missing. */
interface Lasting {
  sizeBytes: number;
  mtimeMs: number;
}

interface Job extends ReadyFile {
  lasting: Lasting;
  resolve: (placed: boolean) => void;
  reject: (error: unknown) => void;
}

interface Placed {
  job: Job;
  replaced: HeldFile | undefined;
}

export function createFinisher(context: FolderContext): Finisher {
  const { number, store, tree, local, pending, deliveries } = context;
  const { disk, files, journal, partials, chunks } = store;
  const syncs = createGate(SYNCS_MAX);
  let queue: Job[] = [];
  let running = false;

  const work = async () => {
    running = true;
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      queue = queue.slice(BATCH);
      await context.lock
        .run(() => finishBatch(batch))
        .catch((error: unknown) => {
          for (const { reject } of batch) reject(error);
        });
    }
    running = false;
  };

  const finishBatch = async (batch: readonly Job[]) => {
    const current = batch.filter((job) => {
      if (isCurrent(context, job.record)) return true;
      job.resolve(false);
      return false;
    });
    const moving = current.flatMap(({ from }) => (from.kind === 'assembled' ? [from.partial.file] : []));
    await files.whileMoving(moving, async () => {
      const placed: Placed[] = [];
      await forEachBounded(current, RENAMES_MAX, async (job) => {
        try {
          placed.push(await place(job));
        } catch (error) {
          job.reject(asDiskError(error, job.storedPath));
        }
      });
      await tree.sync();
      await Promise.all(placed.map(writeJournal));
      for (const { job } of placed) job.resolve(true);
    });
  };

  const place = async (job: Job): Promise<Placed> => {
    const { record, storedPath, from } = job;
    if (from.kind === 'assembled') {
      await tree.makeParents(storedPath, (inTheWay) => local.clear(inTheWay, record.path, false));
      await makeWay(job);
      await disk.rename(from.partial.path, tree.absolute(storedPath));
      tree.touched(storedPath);
    }
    return { job, replaced: journal.get(number, record.path) };
  };

  /** Before the lock is asked for: while one batch gets its names, the disk already writes the next. */
  const makeLasting = async ({ record, storedPath, from }: ReadyFile): Promise<Lasting> => {
    if (from.kind === 'adopted') {
      return withAdopted(tree.absolute(storedPath), (file) => sealed(file, record));
    }
    const lasting = await from.partial.withFile((file) => sealed(file, record));
    await from.partial.close();
    return lasting;
  };
  /** Content on disk, then the chain's time, then the length as the chain says. Every chunk in the file was hashed by this process. */
  const sealed = async (file: DiskFile, record: FileRecord): Promise<Lasting> => {
    await file.datasync();
    await file.utimes(...timesOf(record.mtimeMs));
    const { size, mtimeMs } = await file.stat();
    if (size !== record.size)
      throw Object.assign(new Error('a finished file has another length than its manifest'), { code: 'EBADMSG' });
    return { sizeBytes: size, mtimeMs };
  };
  const withAdopted = async <T>(path: string, action: (file: DiskFile) => Promise<T>): Promise<T> => {
    const file = await disk.open(path, 'write').catch((error: unknown) => {
      if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) return disk.open(path, 'read');
      throw error;
    });
    try {
      return await action(file);
    } finally {
      await file.close();
    }
  };
  /** What Harp put at the target is replaced by the rename itself, so that the path is never empty; anything else is kept aside first. */
  const makeWay = async ({ record, storedPath }: Job) => {
    const held = journal.atStored(number, storedPath);
    if (held !== undefined && held.path === record.path) {
      if ((await local.check(held)) === 'changed') await local.keepAside(storedPath, record.path);
    } else if (held !== undefined) await local.clear(storedPath, record.path, true);
    else if ((await statOf(disk, tree.absolute(storedPath))) !== undefined) {
      await local.keepAside(storedPath, record.path);
    }
  };

  const writeJournal = async ({ job, replaced }: Placed) => {
    const { record, storedPath, from, delivery, lasting } = job;
    const file = from.kind === 'adopted' ? from.file : from.partial.file;
    const { path, seq, manifest, chunk } = record;
    const row = { folder: number, path: storedPath, ...lasting, kind: 'held' as const };
    await Promise.all([
      journal.put({ path, file, seq, manifest, ...(chunk === undefined ? {} : { chunk }), row }),
      pending.clear(path),
      delivery === undefined ? undefined : deliveries.add(delivery),
    ]);
    if (from.kind === 'assembled') {
      chunks.expectNothing(from.partial);
      await partials.release(from.partial);
    }
    if (storedPath !== path && replaced?.row.path !== storedPath) {
      await context.record({
        kind: 'name.mapped',
        atMs: context.clock.nowMs(),
        folder: context.id,
        path,
        storedAs: storedPath,
      });
    }
    if (replaced !== undefined && replaced.file !== file) await dropReplaced(replaced, job);
  };
  /** The version before: gone by the rename, or still there under the name it had before a clash of names. */
  const dropReplaced = async (replaced: HeldFile, { record, storedPath }: Job) => {
    if (replaced.row.path !== storedPath) {
      const found = await local.check(replaced);
      if (found === 'changed') await local.keepAside(replaced.row.path, record.path);
      if (found === 'same') await disk.unlink(tree.absolute(replaced.row.path));
      tree.touched(replaced.row.path);
    }
    await files.remove(replaced.file);
    if (replaced.seq !== record.seq) await store.blobs.release(replaced.manifest, number, replaced.seq);
  };

  return {
    async finish(ready) {
      const lasting = await syncs.run(() => makeLasting(ready));
      return new Promise((resolve, reject) => {
        queue.push({ ...ready, lasting, resolve, reject });
        if (!running) void work();
      });
    },
  };
}
