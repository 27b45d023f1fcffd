/**
 * What this agent is fetching from outside the office or has promised to: the peer server tells askers to wait for it, the swarm keeps it up to
 * date. Written by the swarm, read by the server; neither knows the other.
 */
import type { FolderId } from '@harp/broker/protocol';
import type { Disposable } from '../ports.ts';
import { getOrMake } from './get-or-make.ts';
import { createListeners } from './listeners.ts';

export interface Undertakings {
  /** Whether this agent gets `id` (a chunk or a blob of `folder`) from outside the office. */
  has(folder: FolderId, id: string): boolean;
  /** A counter that grows with every byte of `folder` that arrives from outside the office. */
  progress(folder: FolderId): number;
  undertake(folder: FolderId, ids: Iterable<string>): void;
  /** Got it or gave it up. */
  release(folder: FolderId, ids: Iterable<string>): void;
  /** Bytes arrived. */
  advance(folder: FolderId, bytes: number): void;
  /** Something was undertaken or released. */
  onDidChange(listener: () => void): Disposable;
}

/** Nothing undertaken yet. */
export function createUndertakings(): Undertakings {
  const changed = createListeners();
  const folders = new Map<FolderId, { ids: Set<string>; progress: number }>();
  const at = (folder: FolderId) => getOrMake(folders, folder, () => ({ ids: new Set(), progress: 0 }));
  return {
    has: (folder, id) => folders.get(folder)?.ids.has(id) === true,
    progress: (folder) => folders.get(folder)?.progress ?? 0,
    undertake(folder, ids) {
      const entry = at(folder);
      for (const id of ids) entry.ids.add(id);
      // Counts as progress: whoever waits sees that the promise is new.
      entry.progress++;
      changed.fire();
    },
    release(folder, ids) {
      const entry = at(folder);
      for (const id of ids) entry.ids.delete(id);
      changed.fire();
    },
    advance(folder, bytes) {
      at(folder).progress += bytes;
    },
    onDidChange: (listener) => changed.add(listener),
  };
}
