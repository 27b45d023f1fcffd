import { type ChainPosition, type Entry, type FileRecord, type FolderId, GENESIS } from '@harp/broker/protocol';
import type { Folders } from '../store/folders.ts';
import type { WantedFiles } from './wanted.ts';

/** What entries changed, per path: the record before and after. */
export type ChangedPaths = Map<string, { before: FileRecord | undefined; after: FileRecord | undefined }>;

/**
 * What `entries`, applied in order, change in `state`. The meaning of every entry is that of `applyEntry` of the protocol; here the state is on disk
 * and only the paths that entries name are held in memory.
 */
export function changesOf(entries: Iterable<Entry>, state: (path: string) => FileRecord | undefined): ChangedPaths {
  const changed: ChangedPaths = new Map();
  const at = (path: string) => {
    const change = changed.get(path);
    return change === undefined ? state(path) : change.after;
  };
  const set = (path: string, after: FileRecord | undefined) => {
    const change = changed.get(path);
    if (change === undefined) changed.set(path, { before: state(path), after });
    else change.after = after;
  };
  for (const entry of entries) {
    switch (entry.op) {
      case 'put': {
        const { v: _v, op: _op, atMs: _atMs, ...record } = entry;
        set(entry.path, record);
        break;
      }
      case 'move': {
        const record = at(entry.from);
        if (record === undefined) break;
        set(entry.from, undefined);
        set(entry.path, { ...record, path: entry.path });
        break;
      }
      case 'delete':
        set(entry.path, undefined);
        break;
    }
  }
  return changed;
}

export interface ApplyDeps {
  id: FolderId;
  number: number;
  folders: Folders;
  wanted: WantedFiles;
}

/**
 * Writes changes and the position they lead to in one transaction. `alongside` is called in the same turn: what it puts commits with them.
 *
 * @throws {HarpError} `disk.full`, `disk.failed`; nothing has changed then
 */
export async function applyChanges(
  { id, number, folders, wanted }: ApplyDeps,
  changed: ChangedPaths,
  position: ChainPosition,
  alongside: () => Promise<unknown>[],
): Promise<void> {
  const writes: Promise<unknown>[] = [];
  for (const [path, { before, after }] of changed) {
    if (after !== undefined) writes.push(wanted.put(number, after));
    else if (before !== undefined) writes.push(wanted.remove(number, path));
  }
  writes.push(...alongside(), folders.update(id, { position, floor: position }));
  await Promise.all(writes);
}

/**
 * Replaces the folder's whole state. It is not one transaction: until it ends the position is GENESIS, so that an agent that stops half-way starts
 * again from the snapshot; the floor stays, so that it cannot be led back meanwhile.
 */
export async function replaceState(
  { id, number, folders, wanted }: ApplyDeps,
  records: AsyncIterable<readonly FileRecord[]>,
  position: ChainPosition,
): Promise<void> {
  await folders.update(id, { position: GENESIS });
  await wanted.clear(number);
  for await (const batch of records) await Promise.all(batch.map((record) => wanted.put(number, record)));
  await folders.update(id, { position, floor: position });
}
