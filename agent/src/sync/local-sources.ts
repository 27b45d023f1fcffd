import { setImmediate } from 'node:timers/promises';
import { forEachBounded, heard } from '../concurrency.ts';
import { cutFile } from '../files/content.ts';
import { isSystemError, statOf } from '../files/disk.ts';
import { isOwnName } from '../files/names.ts';
import type { FileNumber } from '../store/file-table.ts';
import type { FolderContext } from './context.ts';

/**
 * Files under a folder's root that Harp did not put there: never touched, but their chunks need not cross a network. And what earlier processes of the
 * agent left hidden there.
 */
export interface LocalSources {
  /** Walks the tree once: indexes unknown files, and takes stock of hidden ones. Expensive the first time only. */
  scan(): Promise<void>;
  /** Indexes the chunks of one file, unless that was done and it has not changed. */
  cut(storedPath: string): Promise<void>;
  /** Deletes retired files and what was left of assemblies that nobody goes on with. */
  tidy(): Promise<void>;
}

const PAGE = 500;
/** Directories read at a time. */
const LISTS_MAX = 4;
/** Places written before waiting for the index. */
const PLACES_AT_ONCE = 200;

export function createLocalSources(context: FolderContext): LocalSources {
  const { number, store, tree, wanted, log, stop } = context;
  const { disk, files, index, journal, partials } = store;

  const cut = async (storedPath: string) => {
    const path = tree.absolute(storedPath);
    const stat = await statOf(disk, path);
    if (stat === undefined || !stat.isFile() || stat.size === 0) return;
    const known = files.extraAt(number, storedPath);
    const row = known === undefined ? undefined : files.get(known);
    if (row?.kind === 'local' && row.sizeBytes === stat.size && row.mtimeMs === stat.mtimeMs) return;
    const file: FileNumber = files.allocate();
    let writes: Promise<unknown>[] = [];
    for await (const { id, offset, sizeBytes } of cutFile(disk, path, stop)) {
      writes.push(heard(index.add(id, { file, offset, sizeBytes })));
      if (writes.length < PLACES_AT_ONCE) continue;
      await Promise.all(writes);
      writes = [];
    }
    await Promise.all(writes);
    // The row last: places of a file without one do not count, so a cut that was interrupted is done again.
    if (known !== undefined) await files.remove(known);
    await files.put(file, {
      folder: number,
      path: storedPath,
      sizeBytes: stat.size,
      mtimeMs: stat.mtimeMs,
      kind: 'local',
    });
  };

  const visit = async (directory: string): Promise<string[]> => {
    stop.throwIfAborted();
    const below: string[] = [];
    for (const entry of await disk.list(tree.absolute(directory))) {
      const storedPath = directory === '' ? entry.name.normalize('NFC') : `${directory}/${entry.name.normalize('NFC')}`;
      if (entry.isDirectory()) below.push(storedPath);
      if (!entry.isFile()) continue;
      if (isOwnName(entry.name)) await takeStock(storedPath);
      // At a path of the chain it is compared with what belongs there first; only then is it worth cutting.
      else if (journal.atStored(number, storedPath) === undefined && wanted.get(number, storedPath) === undefined) {
        await cut(storedPath);
      }
    }
    return below;
  };
  /** A hidden file without a row: the agent stopped before the row was on disk. It may be gone on with, so it is only noted. */
  const takeStock = async (storedPath: string) => {
    if (files.extraAt(number, storedPath) !== undefined) return;
    await files.put(files.allocate(), { folder: number, path: storedPath, sizeBytes: 0, mtimeMs: 0, kind: 'retired' });
  };

  const forEachExtra = async (action: (path: string, file: FileNumber) => Promise<void>) => {
    let after: string | undefined;
    for (;;) {
      const page = files.extras(number, after, PAGE);
      if (page.length === 0) return;
      for (const { path, file } of page) await action(path, file);
      after = page.at(-1)?.path;
      await setImmediate();
    }
  };

  return {
    async scan() {
      await forEachExtra(async (path, file) => {
        if ((await statOf(disk, tree.absolute(path))) === undefined) await files.remove(file);
      });
      let level = [''];
      while (level.length > 0) {
        const next: string[] = [];
        await forEachBounded(level, LISTS_MAX, async (directory) => {
          try {
            next.push(...(await visit(directory)));
          } catch (error) {
            if (stop.aborted) throw error;
            // One directory or file that cannot be read costs what it might have saved, nothing else.
            log.warn({ error: String(error), directory }, 'a directory was not searched for known chunks');
          }
        });
        level = next;
      }
    },
    cut,
    tidy: () =>
      forEachExtra(async (path, file) => {
        const row = files.get(file);
        if (row?.kind === 'local' || partials.isOpen(tree.absolute(path))) return;
        try {
          await disk.unlink(tree.absolute(path));
          tree.touched(path);
        } catch (error) {
          if (!isSystemError(error, 'ENOENT')) throw error;
        }
        await files.remove(file);
      }),
  };
}
