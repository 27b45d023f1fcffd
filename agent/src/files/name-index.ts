import { createHash } from 'node:crypto';
import type { State } from '../store/state.ts';
import { foldName, foldsNames, type MappedPath, mapPath, mustMap, type NamePlatform, pathLength } from './names.ts';

/** Maps the paths of folders to stored paths. Remembers which names of the chain clash; on Linux, where none do, it remembers nothing. */
export interface NameIndex {
  /** `root`: absolute path of the folder's root. */
  map(folder: number, root: string, path: string): MappedPath;
  /**
   * Follows changes of the chain's set of paths. Returns the directories or files (paths of the chain) whose stored name may have changed because
   * of it. `exists` says whether a path is a file of the chain or has one below it.
   */
  follow(folder: number, changed: Iterable<string>, exists: (path: string) => boolean): Promise<string[]>;
}

export function openNameIndex(state: State, platform: NamePlatform): NameIndex {
  if (!foldsNames(platform)) {
    return {
      map: (_, root, path) => mapPath(path, platform, pathLength(root, platform), () => []),
      follow: async () => [],
    };
  }
  const table = state.table<Buffer, Buffer>('names.folds', {
    dupSort: true,
    keyEncoding: 'binary',
    encoding: 'binary',
  });
  const namesAt = (key: Buffer) => [...table.getValues(key)].map((value) => value.toString('utf8'));
  const keyOf = (folder: number, parent: string, fold: string) =>
    createHash('sha256').update(`${folder}\n${parent}\n${fold}`).digest();
  return {
    map: (folder, root, path) =>
      mapPath(path, platform, pathLength(root, platform), (parent, fold) => namesAt(keyOf(folder, parent, fold))),
    async follow(folder, changed, exists) {
      const prefixes = new Set<string>();
      for (const path of changed) for (const prefix of prefixesOf(path)) prefixes.add(prefix);
      const affected = new Set<string>();
      for (const prefix of prefixes) {
        const slash = prefix.lastIndexOf('/');
        const name = prefix.slice(slash + 1);
        // Stored elsewhere under rule 2a–d, so it clashes with nobody; and it may be too long for a row.
        if (mustMap(name, platform)) continue;
        const parent = slash === -1 ? '' : prefix.slice(0, slash);
        const key = keyOf(folder, parent, foldName(name));
        const names = namesAt(key);
        const stays = exists(prefix);
        if (stays === names.includes(name)) continue;
        await (stays ? table.put(key, Buffer.from(name)) : table.remove(key, Buffer.from(name)));
        for (const other of names) if (other !== name) affected.add(parent === '' ? other : `${parent}/${other}`);
      }
      return [...affected];
    },
  };
}

/** `a`, `a/b`, `a/b/c` of `a/b/c`. */
function* prefixesOf(path: string): Iterable<string> {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) yield path.slice(0, slash);
  yield path;
}
