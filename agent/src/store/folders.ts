import { join } from 'node:path';
import { type BlobId, type ChainPosition, type FolderId, GENESIS, type LinkHex } from '@harp/broker/protocol';
import type { State } from './state.ts';

/** What the agent remembers of a folder, whether or not it still holds it. */
export interface FolderRow {
  /** Short name of the folder in every other table. Never given twice. */
  number: number;
  /** Name of the folder's root under the files directory. */
  dir: string;
  /** The newest entry that was verified and applied. GENESIS while a snapshot is being applied. */
  position: ChainPosition;
  /** The newest entry ever verified: no head below it is followed, whatever `position` says. */
  floor: ChainPosition;
  /** The newest entry whose state was completely on disk, 0 if none. */
  completedSeq: number;
  /** Blobs that the present head and the one before it name. */
  headBlobs: BlobId[];
  previousHeadBlobs: BlobId[];
}

/** The folders this agent knows. Few, so they are in memory; every change is on disk when its promise resolves. */
export interface Folders {
  get(id: FolderId): FolderRow | undefined;
  all(): { id: FolderId; row: FolderRow }[];
  /** The row of `id`, made with root `dir` if it is new. */
  ensure(id: FolderId, dir: string): Promise<FolderRow>;
  update(id: FolderId, change: Partial<Omit<FolderRow, 'number'>>): Promise<void>;
  /** Absolute path of a folder's root. */
  rootOf(folder: number): string | undefined;
  /** Whether the desired state names the folder. Set by the folder side; nothing is served of a folder that is not active. */
  isActive(id: FolderId): boolean;
  setActive(id: FolderId, active: boolean): void;
}

type Tuple = [
  number: number,
  dir: string,
  seq: number,
  link: string,
  floorSeq: number,
  floorLink: string,
  completedSeq: number,
  headBlobs: string[],
  previousHeadBlobs: string[],
];

export function openFolders(state: State, filesDir: string): Folders {
  const table = state.table<Tuple, string>('folders.rows');
  const rows = new Map<FolderId, FolderRow>();
  const active = new Set<FolderId>();
  for (const { key, value } of table.getRange({})) rows.set(key as FolderId, decode(value));
  /** In memory at once, so that changes made at the same time do not undo each other; taken back if the disk refuses. */
  const save = async (id: FolderId, row: FolderRow, before: FolderRow | undefined) => {
    rows.set(id, row);
    try {
      await table.put(id, encode(row));
    } catch (error) {
      if (rows.get(id) === row && before !== undefined) rows.set(id, before);
      else if (rows.get(id) === row) rows.delete(id);
      throw error;
    }
  };
  return {
    get: (id) => rows.get(id),
    all: () => [...rows].map(([id, row]) => ({ id, row })),
    async ensure(id, dir) {
      const known = rows.get(id);
      if (known !== undefined) return known;
      const number = 1 + Math.max(0, ...[...rows.values()].map((row) => row.number));
      const row: FolderRow = {
        number,
        dir,
        position: GENESIS,
        floor: GENESIS,
        completedSeq: 0,
        headBlobs: [],
        previousHeadBlobs: [],
      };
      await save(id, row, undefined);
      return row;
    },
    async update(id, change) {
      const row = rows.get(id);
      if (row !== undefined) await save(id, { ...row, ...change }, row);
    },
    rootOf(folder) {
      for (const row of rows.values()) if (row.number === folder) return join(filesDir, row.dir);
      return undefined;
    },
    isActive: (id) => active.has(id),
    setActive(id, isActive) {
      if (isActive) active.add(id);
      else active.delete(id);
    },
  };
}

function encode({ number, dir, position, floor, completedSeq, headBlobs, previousHeadBlobs }: FolderRow): Tuple {
  return [number, dir, position.seq, position.link, floor.seq, floor.link, completedSeq, headBlobs, previousHeadBlobs];
}

function decode([number, dir, seq, link, floorSeq, floorLink, completedSeq, headBlobs, previous]: Tuple): FolderRow {
  return {
    number,
    dir,
    position: { seq, link: link as LinkHex },
    floor: { seq: floorSeq, link: floorLink as LinkHex },
    completedSeq,
    headBlobs: headBlobs as BlobId[],
    previousHeadBlobs: previous as BlobId[],
  };
}
