import { setImmediate } from 'node:timers/promises';
import type { FileRecord } from '@harp/broker/protocol';
import { asDiskError, statOf, timesOf } from '../files/disk.ts';
import type { HeldFile } from '../files/journal.ts';
import { needsManifestBlob } from '../files/manifests.ts';
import { foldName, foldsNames } from '../files/names.ts';
import type { FileNumber } from '../store/file-table.ts';
import { contentOf, type FolderContext } from './context.ts';

/**
 * The part of a plan that needs no bytes: files whose content is on disk under another name are renamed, files that the chain no longer has are
 * removed. Moves come first, so that nothing is deleted that could have been moved; then deletions, so that a file can take the place of a directory.
 */
export interface Rearrange {
  /**
   * Does all that is pending and possible, but for files that are being delivered. Paths that failed are returned with the reason; they stay
   * pending. Holds the folder's lock.
   */
  run(isInWork: (path: string) => boolean): Promise<{ path: string; error: Error }[]>;
}

const PAGE = 500;
/** Moves or removals that share directory fsyncs. */
const BATCH = 256;

interface Move {
  record: FileRecord;
  storedPath: string;
  /** What the file was as; where it is now is in its row. */
  source: HeldFile;
}

export function createRearrange(context: FolderContext): Rearrange {
  const { number, store, tree, local, names, wanted, pending } = context;
  const { disk, files, journal, blobs } = store;

  const forEachPending = async (action: (path: string) => Promise<void> | void) => {
    let after: string | undefined;
    for (;;) {
      const paths = pending.page(after, PAGE);
      if (paths.length === 0) return;
      for (const path of paths) await action(path);
      after = paths.at(-1);
      await setImmediate();
    }
  };
  const storedPathOf = (path: string): string | undefined => {
    const mapped = names.map(number, tree.root, path);
    if ('refused' in mapped || wanted.anyUnder(number, path)) return undefined;
    return mapped.stored;
  };

  /** Held files that are about to lose their place, by content. */
  const leaving = async (): Promise<Map<string, HeldFile[]>> => {
    const byManifest = new Map<string, HeldFile[]>();
    await forEachPending((path) => {
      const held = journal.get(number, path);
      if (held === undefined || held.row.sizeBytes === 0) return;
      const record = wanted.get(number, path);
      if (record?.manifest === held.manifest && storedPathOf(path) === held.row.path) return;
      byManifest.set(held.manifest, [...(byManifest.get(held.manifest) ?? []), held]);
    });
    return byManifest;
  };
  const planMoves = async (isInWork: (path: string) => boolean): Promise<Move[]> => {
    const sources = await leaving();
    if (sources.size === 0) return [];
    const moves: Move[] = [];
    await forEachPending((path) => {
      if (isInWork(path)) return;
      const record = wanted.get(number, path);
      const candidates = record === undefined ? undefined : sources.get(record.manifest);
      if (record === undefined || candidates === undefined || candidates.length === 0) return;
      const storedPath = storedPathOf(path);
      if (storedPath === undefined) return;
      // Itself under another name, else the same version (a move in the chain), else any with this content.
      const choice =
        candidates.find((held) => held.path === path) ??
        candidates.find((held) => held.seq === record.seq) ??
        candidates[0]!;
      candidates.splice(candidates.indexOf(choice), 1);
      moves.push({ record, storedPath, source: choice });
    });
    return moves;
  };

  const move = async ({ record, storedPath, source }: Move, done: Set<FileNumber>): Promise<boolean> => {
    const { file } = source;
    // By now it may be retired: another file took its place a moment ago.
    const row = files.get(file);
    if (row === undefined || (row.kind !== 'held' && row.kind !== 'retired')) return false;
    if (row.kind === 'held' && (await local.check(source)) !== 'same') return false;
    await tree.makeParents(storedPath, (inTheWay) => local.clear(inTheWay, record.path, true));
    // Where the system takes both names for one, what stands at the new name is the file itself.
    const isItself = foldsNames(context.platform) && foldName(row.path) === foldName(storedPath);
    if (row.path !== storedPath && !isItself) await local.clear(storedPath, record.path, true);
    const before = journal.get(number, record.path);
    await files.whileMoving([file], async () => {
      const target = tree.absolute(storedPath);
      await disk.rename(tree.absolute(row.path), target);
      const handle = await disk.open(target, 'write');
      try {
        await handle.utimes(...timesOf(record.mtimeMs));
      } finally {
        await handle.close();
      }
      const stat = await statOf(disk, target);
      tree.touched(row.path);
      tree.touched(storedPath);
      done.add(file);
      if (row.kind === 'held') await journal.remove(source);
      await journal.put({
        path: record.path,
        file,
        seq: record.seq,
        manifest: record.manifest,
        ...(record.chunk === undefined ? {} : { chunk: record.chunk }),
        row: { ...row, path: storedPath, mtimeMs: stat?.mtimeMs ?? 0, kind: 'held' },
      });
    });
    // A version held at this path under another stored name has not made room yet.
    if (before !== undefined && before.file !== file && files.get(before.file)?.kind === 'held') {
      await local.remove(before, true);
    }
    if (needsManifestBlob(contentOf(record)) && source.seq !== record.seq) {
      await blobs.claim(record.manifest, number, record.seq);
      await blobs.release(record.manifest, number, source.seq);
    }
    await Promise.all([pending.clear(record.path), tree.removeEmptyParents(row.path)]);
    if (storedPath !== record.path && row.path !== storedPath) {
      const { id, clock } = context;
      await context.record({
        kind: 'name.mapped',
        atMs: clock.nowMs(),
        folder: id,
        path: record.path,
        storedAs: storedPath,
      });
    }
    return true;
  };

  const removeUnwanted = async (failed: { path: string; error: Error }[]) => {
    let sinceSync = 0;
    await forEachPending(async (path) => {
      if (wanted.get(number, path) !== undefined) return;
      try {
        const held = journal.get(number, path);
        // Small files can only be of use as a whole, and then they would have been moved.
        if (held !== undefined) await local.remove(held, pending.putFiles > 0 && held.chunk === undefined);
        await pending.clear(path);
        if (++sinceSync % BATCH === 0) await tree.sync();
      } catch (error) {
        failed.push({ path, error: asDiskError(error, path) });
      }
    });
  };

  return {
    run: (isInWork) =>
      context.lock.run(async () => {
        const failed: { path: string; error: Error }[] = [];
        const done = new Set<FileNumber>();
        let sinceSync = 0;
        for (const planned of await planMoves(isInWork)) {
          try {
            if (!done.has(planned.source.file)) await move(planned, done);
            if (++sinceSync % BATCH === 0) await tree.sync();
          } catch (error) {
            // It is delivered like any other file then, from the chunks that are here.
            context.log.warn({ error: String(error), path: planned.record.path }, 'a file was not moved');
          }
        }
        if (pending.removals > 0) await removeUnwanted(failed);
        await tree.sync();
        return failed;
      }),
  };
}
