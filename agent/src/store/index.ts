/**
 * What this PC holds: an index of chunks in the files themselves, the blobs of the chains, and the files being assembled. Bytes are hashed before
 * they are written and again when they are read; no second copy of any content is kept. Called by the peer server, the swarm and the file side.
 */
import { type Disk, nodeDisk } from '../files/disk.ts';
import { type Journal, openJournal } from '../files/journal.ts';
import type { BlobStore, ChunkStore, FolderView, Logger } from '../ports.ts';
import { type OwnedBlobStore, openBlobStore } from './blob-store.ts';
import { createChunkCache } from './chunk-cache.ts';
import { type ChunkIndex, openChunkIndex } from './chunk-index.ts';
import { createChunkStore, type PlacedChunkStore } from './chunk-store.ts';
import { type FileTable, openFileTable } from './file-table.ts';
import { type Folders, openFolders } from './folders.ts';
import { createOpenFiles } from './open-files.ts';
import { createPartialFiles, type PartialFiles } from './partial-files.ts';
import { createSpaceGuard, type SpaceGuard } from './space-guard.ts';
import type { State } from './state.ts';

/** The stores behind the ports, and the parts that only the file side uses. */
export interface FileStore {
  chunks: ChunkStore & PlacedChunkStore;
  blobs: BlobStore & OwnedBlobStore;
  view: FolderView;
  state: State;
  filesDir: string;
  disk: Disk;
  folders: Folders;
  files: FileTable;
  index: ChunkIndex;
  journal: Journal;
  partials: PartialFiles;
  space: SpaceGuard;
  /** To be called every few seconds: lets go of chunks that nobody reads any more. True when there were some: the agent has fallen quiet. */
  sweepMemory(): boolean;
  /** Closes files; the state stays open. */
  close(): Promise<void>;
}

export interface StoreOptions {
  state: State;
  /** Folder NAME lands in `filesDir`/NAME. Absolute. */
  filesDir: string;
  log: Logger;
  disk?: Disk;
}

/** Opens the stores. Places of files that are gone are dropped in the background. */
export async function openStore({ state, filesDir, log, disk = nodeDisk }: StoreOptions): Promise<FileStore> {
  const folders = openFolders(state, filesDir);
  const files = openFileTable(state);
  const index = openChunkIndex(state);
  const blobs = openBlobStore(state);
  const openFiles = createOpenFiles();
  const space = createSpaceGuard(disk, filesDir);
  const partials = createPartialFiles({ disk, files, index, openFiles, space });
  const cache = createChunkCache();
  const chunks = createChunkStore({ disk, index, files, folders, cache, log });
  const stopped = new AbortController();
  const sweeping = index
    .sweep((file) => files.get(file) !== undefined, stopped.signal)
    .catch((error: unknown) => log.error({ error: String(error) }, 'the chunk index was not swept'));
  return {
    chunks,
    blobs,
    view: createFolderView(folders, chunks, blobs),
    state,
    filesDir,
    disk,
    folders,
    files,
    index,
    journal: openJournal(state, files),
    partials,
    space,
    sweepMemory: cache.sweep,
    async close() {
      stopped.abort();
      await sweeping;
      await openFiles.closeAll();
    },
  };
}

function createFolderView(
  folders: Folders,
  chunks: Pick<PlacedChunkStore, 'occursIn'>,
  blobs: Pick<OwnedBlobStore, 'claimedBy'>,
): FolderView {
  const activeRow = (id: Parameters<FolderView['verifiedSeq']>[0]) =>
    folders.isActive(id) ? folders.get(id) : undefined;
  return {
    verifiedSeq: (folder) => activeRow(folder)?.position.seq ?? 0,
    chunkBelongsTo(chunk, folder) {
      const row = activeRow(folder);
      return row !== undefined && chunks.occursIn(chunk, row.number);
    },
    blobBelongsTo(blob, folder) {
      const row = activeRow(folder);
      return row !== undefined && blobs.claimedBy(blob, row.number);
    },
  };
}
