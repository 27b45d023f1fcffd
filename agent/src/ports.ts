/**
 * The seams inside the agent: what each part promises the others. Parts are built against these types and joined in main.ts only, so every part
 * can be tested with fakes from test/fakes.
 */
import type {
  AgentEvent,
  AgentId,
  BlobId,
  ChunkId,
  Desired,
  EntryPath,
  FolderId,
  FolderReport,
  RosterMember,
  SigningKey,
} from '@harp/broker/protocol';

/** The outside world's time. */
export interface Clock {
  /** UTC epoch, milliseconds. */
  nowMs(): number;
  /** Monotonic, milliseconds: for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason if aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Structured log. Never pass secrets; ids may be shortened to 8 characters. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(facts: object): Logger;
}

export interface Disposable {
  dispose(): void;
}

/** Where a chunk's bytes came from. */
export type ChunkSource = 'peer' | 'origin' | 'local';

/** Chunks on this PC. Holds no copy: an index of places in target files and in the partial files beside them. */
export interface ChunkStore {
  /** Whether the index knows a place for these bytes. They are hashed again when read. */
  has(id: ChunkId): boolean;
  /** The bytes, hashed again; undefined (and forgotten) if no place holds them any more. */
  read(id: ChunkId): Promise<Uint8Array | undefined>;
  /**
   * Checks `bytes` against `id`, writes them at every place that waits for this chunk, then announces them. The buffer passes to the store.
   * @throws {HarpError} `chunk.digest_mismatch`, `disk.full`, `disk.failed`
   */
  put(id: ChunkId, bytes: Uint8Array, source: ChunkSource): Promise<void>;
  /** Called after a chunk became readable. */
  onDidStore(listener: (id: ChunkId) => void): Disposable;
}

/** Blobs on this PC: manifests, segments, snapshots of the folders it holds. */
export interface BlobStore {
  has(id: BlobId): boolean;
  get(id: BlobId): Uint8Array | undefined;
  /** Checks SHA3-256 and keeps. @throws {HarpError} `blob.digest_mismatch` */
  put(id: BlobId, bytes: Uint8Array): Promise<void>;
  onDidStore(listener: (id: BlobId) => void): Disposable;
}

/** A chunk that a file needs, with how to fetch it from the origin. */
export interface ChunkWanted {
  id: ChunkId;
  size: number;
  /** Byte offset in the file. */
  offset: number;
  manifest: BlobId;
  path: EntryPath;
  etag: string;
  fileSize: number;
}

/** How one file's bytes came. */
export interface FetchOutcome {
  fromPeers: number;
  fromOrigin: number;
}

/**
 * Gets chunks and blobs into the stores: from peers, else from the WAN by the one agent responsible. Concurrency, ownership and failover live
 * behind this. Rejections are HarpErrors; `origin.changed` and `origin.not_found` mean the wanted version is gone: wait for a newer head.
 */
export interface Swarm {
  /**
   * Gets every chunk into the chunk store. Chunks already held cost nothing. `onChunk` is called once per chunk as it arrives.
   * Rejects at the first chunk that cannot be had now, after the others of this call have been tried.
   */
  fetchChunks(
    folder: FolderId,
    wanted: readonly ChunkWanted[],
    onChunk: (wanted: ChunkWanted, source: 'peer' | 'origin') => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Gets blobs into the blob store, over the WAN once per office. */
  fetchBlobs(folder: FolderId, ids: readonly BlobId[], signal: AbortSignal): Promise<void>;
  /** New desired state: folders, grants, roster, policy. */
  configure(desired: Desired): void;
}

/** What this agent offers to and knows of others, answered by the folder side for the peer server. */
export interface FolderView {
  /** Newest verified entry, 0 if none. */
  verifiedSeq(folder: FolderId): number;
  /** Whether `chunk` occurs in the folder (present state or one being fetched): having the hash alone is not enough to be served. */
  chunkBelongsTo(chunk: ChunkId, folder: FolderId): boolean;
  blobBelongsTo(blob: BlobId, folder: FolderId): boolean;
}

/** Live peers: authenticated, in the roster, answered lately. */
export interface PeerDirectory {
  live(): readonly RosterMember[];
  onDidChange(listener: () => void): Disposable;
}

/** Counters for telemetry; every part that moves bytes adds to them. */
export interface TrafficMeter {
  add(folder: FolderId, kind: 'fromPeers' | 'fromOrigin' | 'fromLocal' | 'served' | 'wasted', bytes: number): void;
}

/** Durable queue of things to report. `record` returns when the event is on disk. */
export interface Outbox {
  record(event: AgentEvent): Promise<void>;
}

/** The folder side as the control side sees it. */
export interface FolderSync {
  /** Authenticated desired state: start new folders, stop removed ones (files stay). */
  configure(desired: Desired): void;
  /** An authenticated head text arrived. */
  offerHead(folder: FolderId, head: import('@harp/broker/protocol').SignedText): void;
  reports(): FolderReport[];
  onDidChange(listener: () => void): Disposable;
  stop(): Promise<void>;
}

/** Which agent we are. */
export interface Self {
  agent: AgentId;
}

/** Keys and certificates for TLS, in PEM. `ca` may hold several certificates. */
export interface TlsMaterial {
  key: string;
  certificate: string;
  ca: string;
}

/** This agent as the CA knows it. Renewal replaces certificate and pinned keys while the agent runs: ask again for every new connection. */
export interface Identity extends Self {
  /** For a client connection or `server.setSecureContext`. */
  tls(): TlsMaterial;
  /** The data centre's keys: what heads, snapshots and desired states must be signed with. */
  signingKeys(): readonly SigningKey[];
  /** The certificate or the pinned keys were replaced. */
  onDidChange(listener: () => void): Disposable;
}
