import { basename } from 'node:path';
import type { AgentEvent, BlobId, EntryPath, FolderId, Manifest } from '@harp/broker/protocol';
import type { Clock, Outbox } from '../ports.ts';
import type { FileTable } from '../store/file-table.ts';
import { hasContent } from './content.ts';
import { type Disk, isSystemError, statOf } from './disk.ts';
import type { FolderTree } from './folder-tree.ts';
import type { HeldFile, Journal } from './journal.ts';
import { manifestOf } from './manifests.ts';
import { beside, keptName, type NamePlatform, ownName } from './names.ts';

/**
 * What people do to files that Harp delivered, and what Harp does about it: a file that is not as Harp left it is never overwritten or deleted. It is
 * renamed within its directory, and the console hears of it.
 */
export interface LocalFiles {
  /** Compares a held file with the disk: size and mtime, and its content if these differ. */
  check(held: HeldFile): Promise<'same' | 'missing' | 'changed'>;
  /** Renames whatever stands at `storedPath` to a free name; `wanted` is the path of the chain that needed the place. */
  keepAside(storedPath: string, wanted: EntryPath): Promise<void>;
  /**
   * Makes room at `storedPath`: what Harp put there and nobody changed is deleted, or hidden if `retire` (its chunks may be of use); anything else is
   * kept aside. The journal follows.
   */
  clear(storedPath: string, wanted: EntryPath, retire: boolean): Promise<void>;
  /** Takes a held file off the disk and out of the journal, under the same rules. */
  remove(held: HeldFile, retire: boolean): Promise<void>;
}

export interface LocalFilesDeps {
  folder: { id: FolderId; number: number };
  tree: FolderTree;
  disk: Disk;
  journal: Journal;
  files: FileTable;
  blob: (id: BlobId) => Uint8Array | undefined;
  /** The journal no longer needs this version's manifest. */
  releaseManifest: (held: HeldFile) => Promise<void>;
  record: Outbox['record'];
  clock: Pick<Clock, 'nowMs'>;
  hostname: string;
  platform: NamePlatform;
}

/** Kept copies of one file on one day, before something must be wrong. */
const KEPT_MAX = 10_000;

export function createLocalFiles(deps: LocalFilesDeps): LocalFiles {
  const { folder, tree, disk, journal, files, clock, hostname, platform } = deps;

  const heldManifest = ({ row, manifest, chunk }: HeldFile): Manifest | undefined =>
    manifestOf({ sizeBytes: row.sizeBytes, manifest, ...(chunk === undefined ? {} : { chunk }) }, deps.blob);

  const check = async (held: HeldFile) => {
    const { row } = held;
    const path = tree.absolute(row.path);
    if (!(await tree.parentsExist(row.path))) return 'missing';
    const stat = await statOf(disk, path);
    if (stat === undefined) return 'missing';
    if (!stat.isFile() || stat.size !== row.sizeBytes) return 'changed';
    if (stat.mtimeMs === row.mtimeMs) return 'same';
    const manifest = heldManifest(held);
    // Without the manifest nothing is known of the content, so it counts as somebody's work.
    if (manifest === undefined || !(await hasContent(disk, path, manifest))) return 'changed';
    await files.put(held.file, { ...row, mtimeMs: stat.mtimeMs });
    return 'same';
  };

  const freeName = async (storedPath: string): Promise<string> => {
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
    for (let attempt = 1; attempt < KEPT_MAX; attempt++) {
      const path = beside(storedPath, keptName(basename(storedPath), { hostname, day, attempt }, platform));
      if ((await statOf(disk, tree.absolute(path))) === undefined) return path;
    }
    throw Object.assign(new Error('no free name to keep a file aside'), { code: 'EEXIST' });
  };

  const keepAside = async (storedPath: string, wanted: EntryPath) => {
    const kept = await freeName(storedPath);
    const held = journal.atStored(folder.number, storedPath);
    const file = held?.file ?? files.extraAt(folder.number, storedPath);
    const row = file === undefined ? undefined : files.get(file);
    await files.whileMoving(file === undefined ? [] : [file], async () => {
      await disk.rename(tree.absolute(storedPath), tree.absolute(kept));
      tree.touched(storedPath);
      // Its chunks stay of use, wherever it stands.
      if (file !== undefined && row !== undefined) await files.put(file, { ...row, path: kept, kind: 'local' });
    });
    if (held !== undefined) await forget(held);
    await deps.record(keptAside(folder.id, clock.nowMs(), wanted, kept));
  };

  const forget = async (held: HeldFile) => {
    await journal.remove(held);
    await deps.releaseManifest(held);
  };

  /** The root keeps retired files, so that directories can go at once. */
  const retire = async ({ file, row, seq }: HeldFile) => {
    const hidden = ownName(`retired\n${folder.id}\n${file}\n${seq}`);
    await files.whileMoving([file], async () => {
      await disk.rename(tree.absolute(row.path), tree.absolute(hidden));
      tree.touched(hidden);
      await files.put(file, { ...row, path: hidden, kind: 'retired' });
    });
  };

  const remove = async (held: HeldFile, retiring: boolean) => {
    const { row, file } = held;
    const found = await check(held);
    if (found === 'changed') return keepAside(row.path, held.path);
    if (found === 'same' && retiring) await retire(held);
    else {
      if (found === 'same') await unlink(disk, tree.absolute(row.path));
      await files.remove(file);
    }
    tree.touched(row.path);
    await forget(held);
    await tree.removeEmptyParents(row.path);
  };

  return {
    check,
    keepAside,
    async clear(storedPath, wanted, retiring) {
      const held = journal.atStored(folder.number, storedPath);
      const stat = await statOf(disk, tree.absolute(storedPath));
      if (held !== undefined) await remove(held, retiring);
      else if (stat !== undefined) await keepAside(storedPath, wanted);
    },
    remove,
  };
}

async function unlink(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}

function keptAside(folder: FolderId, atMs: number, path: EntryPath, keptAs: string): AgentEvent {
  return { kind: 'file.kept_aside', atMs, folder, path, keptAs };
}
