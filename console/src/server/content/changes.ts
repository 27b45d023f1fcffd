/** What the indexer asks the chain to record. Entry numbers, links and times are the chain's business. */
import type { BlobId, ChunkId, EntryPath } from '@harp/broker/protocol';

/** What one file version consists of. */
export interface FileContent {
  manifest: BlobId;
  /** Only for files of exactly one chunk. */
  chunk?: ChunkId | undefined;
  /** The manifest's bytes if it has two or more chunks and may be new here; absent when the folder has this blob already. */
  manifestBytes?: Uint8Array | undefined;
}

/** A file version appears at `path`. */
export interface PutChange {
  op: 'put';
  path: EntryPath;
  size: number;
  mtimeMs: number;
  etag: string;
  fileId: string;
  content: FileContent;
}

/** Changes in the order in which they happen. A move's `from` and a delete's `path` must hold a file at that point. */
export type Change = PutChange | { op: 'move'; path: EntryPath; from: EntryPath } | { op: 'delete'; path: EntryPath };
