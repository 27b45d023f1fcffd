/** What the file side needs around it: a chain to follow, a swarm that feeds chunks from a map, an outbox and a meter that remember. */
import { setImmediate } from 'node:timers/promises';
import {
  type AgentEvent,
  advance,
  applyEntry,
  type BlobId,
  blobIdOf,
  type ChainPosition,
  type ChunkId,
  chunkLengths,
  type Desired,
  defaultOfficePolicy,
  type Entry,
  type EntryPath,
  encodeManifest,
  encodeSegment,
  encodeSnapshot,
  type FolderId,
  type FolderState,
  GENESIS,
  HarpError,
  type Head,
  type Manifest,
  type SegmentRef,
  type SignedText,
  snapshotSigningText,
  toHex,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, sha3, sha256 } from '@harp/broker/protocol/node';
import type { ChunkWanted, Outbox, Swarm, TrafficMeter } from '../../src/ports.ts';
import type { FileStore } from '../../src/store/index.ts';

export const folderA = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
export const folderB = 'fld-bbbbbbbbbbbbbbbb' as FolderId;

type Put = { op: 'put'; path: string; content: Uint8Array; mtimeMs?: number };
type Change = Put | { op: 'move'; path: string; from: string } | { op: 'delete'; path: string };

/** The data centre for one folder: appends entries, signs heads, knows every chunk and blob. */
export interface FakeChain {
  readonly folder: FolderId;
  readonly chunks: Map<ChunkId, Uint8Array>;
  readonly blobs: Map<BlobId, Uint8Array>;
  readonly state: FolderState;
  readonly position: ChainPosition;
  readonly keys: ReturnType<typeof createSigner>['key'][];
  /** Appends one segment and returns the new signed head. */
  append(...changes: Change[]): SignedText;
  /** The present head again, changed by `change` before it is signed. */
  head(change?: (head: Head) => Head): SignedText;
  /** From now on heads start at a snapshot of the present state. */
  snapshot(): void;
}

/** An empty chain. `pem` makes two chains of one data centre. */
export function fakeChain(folder: FolderId = folderA, pem = generateSigningKeyPem()): FakeChain {
  const signer = createSigner(pem);
  const chunks = new Map<ChunkId, Uint8Array>();
  const blobs = new Map<BlobId, Uint8Array>();
  const state: FolderState = new Map();
  let position = GENESIS;
  let segments: SegmentRef[] = [];
  let snapshot: Head['snapshot'] = null;

  const keep = (bytes: Uint8Array): BlobId => {
    const id = blobIdOf(bytes, sha3);
    blobs.set(id, bytes);
    return id;
  };
  const entryOf = (change: Change, seq: number): Entry => {
    const base = { v: 1 as const, seq, atMs: 1_790_000_000_000 + seq };
    const path = change.path as EntryPath;
    if (change.op === 'delete') return { ...base, op: 'delete', path };
    if (change.op === 'move') return { ...base, op: 'move', path, from: change.from as EntryPath };
    const manifest = manifestFor(change.content, chunks);
    const only = manifest.chunks.length === 1 ? manifest.chunks[0] : undefined;
    return {
      ...base,
      op: 'put',
      path,
      size: change.content.length,
      mtimeMs: change.mtimeMs ?? 1_700_000_000_000 + seq * 1000,
      etag: `etag-${seq}`,
      fileId: String(seq),
      manifest: keep(encodeManifest(manifest)),
      ...(only === undefined ? {} : { chunk: only.id }),
    };
  };
  const head = (change: (head: Head) => Head = (same) => same) => {
    const { seq, link } = position;
    const plain: Head = { v: 1, folder, seq, link, atMs: 1_790_000_000_000, snapshot, segments: segments.slice(-16) };
    return signer.sign('harp/head/v1', JSON.stringify(change(plain)));
  };
  return {
    folder,
    chunks,
    blobs,
    state,
    keys: [signer.key],
    get position() {
      return position;
    },
    append(...changes) {
      const entries = changes.map((change, index) => entryOf(change, position.seq + 1 + index));
      const blob = keep(encodeSegment(folder, position.link, entries));
      const end = advance(position, entries, sha3);
      segments.push({ from: position.seq + 1, to: end.seq, previous: position.link, link: end.link, blob });
      for (const entry of entries) applyEntry(state, entry);
      position = end;
      return head();
    },
    head,
    snapshot() {
      const blob = keep(encodeSnapshot({ folder, ...position, state }));
      const ref = { ...position, blob };
      const { signature } = signer.sign('harp/snapshot/v1', snapshotSigningText(folder, ref));
      snapshot = { ...ref, signature };
      segments = [];
    },
  };
}

function manifestFor(content: Uint8Array, chunks: Map<ChunkId, Uint8Array>): Manifest {
  let offset = 0;
  const list = chunkLengths(content).map((size) => {
    const bytes = content.slice(offset, offset + size);
    offset += size;
    const id = toHex(sha256(bytes)) as ChunkId;
    chunks.set(id, bytes);
    return { id, size };
  });
  return { size: content.length, chunks: list };
}

/** What a fake swarm was asked for, and knobs for what goes wrong. */
export interface FakeSwarm extends Swarm {
  /** Chunk ids in the order in which they were put into the store. */
  readonly delivered: ChunkId[];
  readonly asked: ChunkWanted[];
  readonly blobsAsked: BlobId[];
  /** Called before a chunk is handed over; what it throws is the failure of that chunk. */
  before: (wanted: ChunkWanted) => Promise<void> | void;
  beforeBlob: (id: BlobId) => Promise<void> | void;
  source: 'peer' | 'origin';
  /** Most chunks that were wanted at one time. */
  readonly mostWanted: number;
}

/** A swarm that has every chunk and blob of `chains`. */
export function fakeSwarm(store: () => Pick<FileStore, 'chunks' | 'blobs'>, ...chains: FakeChain[]): FakeSwarm {
  const delivered: ChunkId[] = [];
  const asked: ChunkWanted[] = [];
  const blobsAsked: BlobId[] = [];
  let open = 0;
  let mostWanted = 0;
  const swarm: FakeSwarm = {
    delivered,
    asked,
    blobsAsked,
    before: () => undefined,
    beforeBlob: () => undefined,
    source: 'peer',
    get mostWanted() {
      return mostWanted;
    },
    configure: () => undefined,
    async fetchChunks(_folder, wanted, onChunk, signal) {
      open += wanted.length;
      mostWanted = Math.max(mostWanted, open);
      let failure: unknown;
      for (const want of wanted) {
        await setImmediate();
        open--;
        if (signal.aborted || store().chunks.has(want.id)) continue;
        try {
          asked.push(want);
          await swarm.before(want);
          const bytes = chains.map(({ chunks }) => chunks.get(want.id)).find((found) => found !== undefined);
          if (bytes === undefined) throw new HarpError('chunk.absent', 'nobody has it');
          await store().chunks.put(want.id, bytes.slice(), swarm.source);
          delivered.push(want.id);
          onChunk(want, swarm.source);
        } catch (error) {
          failure ??= error;
        }
      }
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
    },
    async fetchBlobs(_folder, ids, signal) {
      for (const id of ids) {
        await setImmediate();
        signal.throwIfAborted();
        if (store().blobs.has(id)) continue;
        blobsAsked.push(id);
        await swarm.beforeBlob(id);
        const bytes = chains.map(({ blobs }) => blobs.get(id)).find((found) => found !== undefined);
        if (bytes === undefined) throw new HarpError('blob.absent', 'nobody has it');
        await store().blobs.put(id, bytes);
      }
    },
  };
  return swarm;
}

/** An outbox in memory. */
export function memoryOutbox(): Outbox & {
  events: AgentEvent[];
  of<K extends AgentEvent['kind']>(kind: K): Extract<AgentEvent, { kind: K }>[];
} {
  const events: AgentEvent[] = [];
  return {
    events,
    of: <K extends AgentEvent['kind']>(kind: K) =>
      events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind),
    async record(event) {
      events.push(event);
    },
  };
}

/** A meter that adds up per kind. */
export function memoryMeter(): TrafficMeter & { totals: Record<string, number> } {
  const totals: Record<string, number> = {};
  return {
    totals,
    add(_folder, kind, bytes) {
      totals[kind] = (totals[kind] ?? 0) + bytes;
    },
  };
}

/** A desired state with these folders. */
export function desiredWith(...folders: { id: FolderId; name: string }[]): Desired {
  return {
    v: 1,
    agent: 'a'.repeat(52) as Desired['agent'],
    revision: 1,
    atMs: 0,
    office: { id: 'off-aaaaaaaaaaaaaaaa' as Desired['office']['id'], name: 'Office' },
    policy: defaultOfficePolicy,
    folders: folders.map(({ id, name }) => ({ id, name, origin: null })),
    roster: [],
  };
}

/** Bytes that look random and are the same for the same seed (xorshift, four bytes at a time). */
export function noise(sizeBytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}
