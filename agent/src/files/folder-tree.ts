import { dirname, join } from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { type Disk, isSystemError, statOf, syncDirectory } from './disk.ts';
import type { Journal } from './journal.ts';

/**
 * The directory tree of one folder. No link inside it is ever followed: every directory on the way to a file is looked at, not trusted. (Another
 * program of the same user could still put one there between the look and the use; it could write the file itself as well.)
 */
export interface FolderTree {
  readonly root: string;
  absolute(storedPath: string): string;
  /** Makes the root itself. */
  makeRoot(): Promise<void>;
  /**
   * Makes the directories on the way to `storedPath`, remembering which ones. `makeRoom` is called with the stored path of a file that stands where a
   * directory must be, and moves it or throws.
   *
   * @throws {HarpError} `name.refused` if a symbolic link is in the way
   */
  makeParents(storedPath: string, makeRoom: (storedPath: string) => Promise<void>): Promise<void>;
  /** Whether every directory on the way exists and is one. @throws {HarpError} `name.refused` as above */
  parentsExist(storedPath: string): Promise<boolean>;
  /** Until `release`, the directories on the way to `storedPath` are not removed: a file is about to be made there. */
  hold(storedPath: string): void;
  release(storedPath: string): void;
  /** Removes directories that Harp made, that are empty now and not held, from the parent of `storedPath` upwards. */
  removeEmptyParents(storedPath: string): Promise<void>;
  /** Something was not as expected: directories are looked at again before they are used. */
  lookAgain(): void;
  /** A name in the directory of `storedPath` was added, removed or replaced. */
  touched(storedPath: string): void;
  /** Makes all changes of names since the last call last, one fsync per directory, and forgets which directories were looked at. */
  sync(): Promise<void>;
}

type Found = 'directory' | 'file' | 'nothing';

export function createFolderTree(folder: number, root: string, disk: Disk, journal: Journal): FolderTree {
  /** Directories found to be real since the last sync: a batch of files in one directory looks once. */
  const looked = new Map<string, Promise<Found>>();
  const changed = new Set<string>();
  const holds = new Map<string, number>();
  const hold = (storedPath: string, change: 1 | -1) => {
    for (const parent of parentsOf(storedPath)) {
      const count = (holds.get(parent) ?? 0) + change;
      if (count > 0) holds.set(parent, count);
      else holds.delete(parent);
    }
  };
  const absolute = (storedPath: string) => join(root, storedPath);

  const lookAt = async (storedPath: string): Promise<Found> => {
    const stat = await statOf(disk, absolute(storedPath));
    if (stat === undefined) return 'nothing';
    if (stat.isSymbolicLink()) {
      throw new HarpError('name.refused', 'a symbolic link stands on the way and is not followed', {
        facts: { path: storedPath },
      });
    }
    return stat.isDirectory() ? 'directory' : 'file';
  };
  const isDirectory = async (storedPath: string): Promise<Found> => {
    let look = looked.get(storedPath);
    if (look === undefined) {
      look = lookAt(storedPath);
      looked.set(storedPath, look);
    }
    // Only directories are remembered: anything else is about to change.
    const found = await look.catch((error: unknown) => {
      looked.delete(storedPath);
      throw error;
    });
    if (found !== 'directory' && looked.get(storedPath) === look) looked.delete(storedPath);
    return found;
  };
  const make = async (storedPath: string) => {
    try {
      await disk.mkdir(absolute(storedPath));
      await journal.madeDirectory(folder, storedPath);
      changed.add(dirname(absolute(storedPath)));
    } catch (error) {
      // Another file of the same batch was faster.
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
    looked.delete(storedPath);
    if ((await isDirectory(storedPath)) !== 'directory')
      throw new HarpError('disk.failed', `${storedPath}: not a directory`, { facts: { path: storedPath } });
  };

  return {
    root,
    absolute,
    async makeRoot() {
      for (const path of [dirname(root), root]) {
        try {
          await disk.mkdir(path);
          changed.add(dirname(path));
        } catch (error) {
          if (!isSystemError(error, 'EEXIST')) throw error;
        }
      }
    },
    async makeParents(storedPath, makeRoom) {
      for (const parent of parentsOf(storedPath)) {
        const found = await isDirectory(parent);
        if (found === 'directory') continue;
        if (found === 'file') await makeRoom(parent);
        await make(parent);
      }
    },
    async parentsExist(storedPath) {
      for (const parent of parentsOf(storedPath)) if ((await isDirectory(parent)) !== 'directory') return false;
      return true;
    },
    hold: (storedPath) => hold(storedPath, 1),
    release: (storedPath) => hold(storedPath, -1),
    async removeEmptyParents(storedPath) {
      for (const parent of [...parentsOf(storedPath)].reverse()) {
        if (holds.has(parent) || !journal.hasMade(folder, parent)) return;
        try {
          await disk.rmdir(absolute(parent));
        } catch (error) {
          if (!isSystemError(error, 'ENOENT')) return;
        }
        looked.delete(parent);
        changed.delete(absolute(parent));
        changed.add(dirname(absolute(parent)));
        await journal.forgetDirectory(folder, parent);
      }
    },
    lookAgain: () => looked.clear(),
    touched(storedPath) {
      changed.add(dirname(absolute(storedPath)));
    },
    async sync() {
      const directories = [...changed];
      changed.clear();
      looked.clear();
      await Promise.all(directories.map((path) => syncDirectory(disk, path)));
    },
  };
}

/** `a`, `a/b` of `a/b/c`. */
function* parentsOf(storedPath: string): Iterable<string> {
  for (let slash = storedPath.indexOf('/'); slash !== -1; slash = storedPath.indexOf('/', slash + 1)) {
    yield storedPath.slice(0, slash);
  }
}
