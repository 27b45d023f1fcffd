import { join } from 'node:path';
import type { Desired, FolderId, FolderReport, SignedText } from '@harp/broker/protocol';
import { openWantedFiles } from '../chain/wanted.ts';
import { statOf } from '../files/disk.ts';
import { openNameIndex } from '../files/name-index.ts';
import { foldName, rootName, secondRootName } from '../files/names.ts';
import { createListeners } from '../peer/listeners.ts';
import type { FolderSync } from '../ports.ts';
import { type FolderDeps, type RunningFolder, startFolder } from './folder.ts';

export type FolderSyncOptions = Omit<FolderDeps, 'wanted' | 'names'>;

interface Entry {
  name: string;
  /** Heads that came before the folder had started. */
  early: SignedText | undefined;
  folder: RunningFolder | undefined;
}

/** Keeps the folders of the desired state in sync. Nothing runs before `configure`. */
export function createFolderSync(options: FolderSyncOptions): FolderSync {
  const { store, log, platform } = options;
  const deps: FolderDeps = {
    ...options,
    wanted: openWantedFiles(store.state),
    names: openNameIndex(store.state, platform),
  };
  const changed = createListeners();
  const entries = new Map<FolderId, Entry>();
  /** Starts and stops happen one after the other: a folder that goes and comes back must not run twice. */
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  const inTurn = (action: () => Promise<void>) => {
    turn = turn.then(action).catch((error: unknown) => {
      log.error({ error: String(error) }, 'a folder was not started or stopped');
    });
  };

  const start = async (id: FolderId, entry: Entry) => {
    if (entries.get(id) !== entry || stopped) return;
    await settleRoot(id, entry.name);
    entry.folder = startFolder(id, { ...deps, log: log.child({ folder: id }) }, changed.fire);
    if (entry.early !== undefined) entry.folder.offerHead(entry.early);
    entry.early = undefined;
    changed.fire();
  };
  /** Finds the folder's root, and renames it when the folder was renamed. */
  const settleRoot = async (id: FolderId, name: string) => {
    const taken = new Set(
      store.folders
        .all()
        .filter((other) => other.id !== id)
        .map(({ row }) => foldName(row.dir)),
    );
    const plain = rootName(name, platform);
    const dir = taken.has(foldName(plain)) ? secondRootName(name, platform, id) : plain;
    const row = await store.folders.ensure(id, dir);
    if (row.dir === dir) return;
    const from = join(store.filesDir, row.dir);
    const to = join(store.filesDir, dir);
    if ((await statOf(store.disk, from)) !== undefined) {
      // Somebody else's directory: the files stay where they are.
      if ((await statOf(store.disk, to)) !== undefined) return;
      await store.disk.rename(from, to);
    }
    await store.folders.update(id, { dir });
    log.info({ folder: id, dir }, 'the root of a folder was renamed');
  };
  const stopEntry = (id: FolderId, entry: Entry) => {
    entries.delete(id);
    inTurn(async () => {
      await entry.folder?.stop();
    });
  };

  return {
    configure(desired: Desired) {
      if (stopped) return;
      const wanted = new Map<FolderId, string>(desired.folders.map(({ id, name }) => [id, name]));
      for (const [id, entry] of entries) {
        if (wanted.get(id) === entry.name) continue;
        store.folders.setActive(id, false);
        stopEntry(id, entry);
      }
      for (const [id, name] of wanted) {
        store.folders.setActive(id, true);
        if (entries.has(id)) continue;
        const entry: Entry = { name, early: undefined, folder: undefined };
        entries.set(id, entry);
        inTurn(() => start(id, entry));
      }
      changed.fire();
    },
    offerHead(folder, head) {
      const entry = entries.get(folder);
      if (entry === undefined) return;
      if (entry.folder === undefined) entry.early = head;
      else entry.folder.offerHead(head);
    },
    reports: (): FolderReport[] => [...entries.values()].flatMap(({ folder }) => folder?.report() ?? []),
    onDidChange: changed.add,
    async stop() {
      stopped = true;
      for (const [id, entry] of entries) stopEntry(id, entry);
      await turn;
    },
  };
}
