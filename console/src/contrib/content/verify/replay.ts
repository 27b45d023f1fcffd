/** Walks a chain entry by entry with the agents' own functions and stops at the first that is not right. Pure; no input, no output. */
import {
  applyEntry,
  blobIdOf,
  type ChunkId,
  Entry,
  type EntryPath,
  encodeManifest,
  encodeSnapshot,
  type FolderState,
  fromHex,
  GENESIS_LINK,
  type Head,
  isHarpError,
  type LinkHex,
  link,
  parseLine,
  type Sha3,
  toHex,
} from '@harp/broker/protocol';
import type { FileClaim, Finding, Proof, RawEntry } from './finding.ts';

export interface ReplayOptions {
  head: Head;
  sha3: Sha3;
  /** A state of more files than this is not written out to be compared with the snapshot: it would take too long here. */
  snapshotMaxFiles: number;
}

/** What a whole walk came to, beside the counts. */
export interface ReplayEnd {
  finding: Finding | undefined;
  snapshot: Proof;
  file: Proof;
  manifest: Proof;
}

/** A walk towards a head. After a finding it takes nothing more. */
export interface Replay {
  /** Entries that are right so far. */
  readonly entries: number;
  /** Signed places that were compared so far. */
  readonly segments: number;
  /** Takes the next entry. Entries after the head were made since, and are passed over. */
  take(raw: RawEntry): Finding | undefined;
  /** Says whether the walk ended where the head is, and whether a file is what the chain says. */
  end(claim?: FileClaim): ReplayEnd;
}

/** Begins a walk at entry 1. */
export function createReplay({ head, sha3, snapshotMaxFiles }: ReplayOptions): Replay {
  const state: FolderState = new Map();
  const startOf = new Map(head.segments.map((segment) => [segment.from - 1, segment]));
  const endOf = new Map(head.segments.map((segment) => [segment.to, segment]));
  let seq = 0;
  let linkHex: LinkHex = GENESIS_LINK;
  let previous = fromHex(GENESIS_LINK);
  let segments = 0;
  let snapshot: Proof = 'none';
  let finding: Finding | undefined = signedPlaces();

  /** Compares the present link with what the head says of this place. */
  function signedPlaces(): Finding | undefined {
    const begins = startOf.get(seq);
    const ends = endOf.get(seq);
    if (ends !== undefined && ends.link !== linkHex) {
      return { what: 'segmentLinks', code: 'chain.link_mismatch', from: ends.from, to: ends.to };
    }
    if (begins !== undefined && begins.previous !== linkHex) {
      return { what: 'segmentLinks', code: 'chain.link_mismatch', from: 1, to: Math.max(1, seq) };
    }
    if (ends !== undefined) segments += 1;
    return head.snapshot?.seq === seq ? signedState(head.snapshot) : undefined;
  }

  function signedState(named: NonNullable<Head['snapshot']>): Finding | undefined {
    if (named.link !== linkHex) return { what: 'snapshotLinks', code: 'chain.fork', seq };
    if (state.size > snapshotMaxFiles) {
      snapshot = 'notChecked';
      return undefined;
    }
    const bytes = encodeSnapshot({ folder: head.folder, seq, link: linkHex, state });
    if (blobIdOf(bytes, sha3) !== named.blob) return { what: 'snapshotContent', code: 'chain.fork', seq };
    snapshot = 'proved';
    return undefined;
  }

  function step(raw: RawEntry): Finding | undefined {
    const expected = seq + 1;
    if (raw.seq !== expected) return { what: 'entryMissing', code: 'chain.sequence_gap', seq: expected };
    let entry: Entry;
    try {
      entry = parseLine(Entry, [raw.body], 0);
    } catch (error) {
      if (!isHarpError(error)) throw error;
      return { what: 'entryForm', code: error.code, seq: expected, detail: error.message };
    }
    if (entry.seq !== expected) {
      return {
        what: 'entryForm',
        code: 'chain.malformed',
        seq: expected,
        detail: `it carries the number ${entry.seq}`,
      };
    }
    const next = link(entry, previous, sha3);
    const nextHex = toHex(next) as LinkHex;
    if (nextHex !== raw.link) return { what: 'entryChanged', code: 'chain.link_mismatch', seq: expected };
    applyEntry(state, entry);
    seq = expected;
    previous = Uint8Array.from(next);
    linkHex = nextHex;
    return signedPlaces();
  }

  return {
    get entries() {
      return seq;
    },
    get segments() {
      return segments;
    },
    take(raw) {
      if (finding === undefined && raw.seq <= head.seq) finding = step(raw);
      return finding;
    },
    end(claim) {
      if (finding === undefined && seq !== head.seq) {
        finding = { what: 'endMissing', code: 'chain.sequence_gap', seq: seq + 1, from: seq + 1, to: head.seq };
      }
      if (finding === undefined && linkHex !== head.link) {
        finding = { what: 'endLink', code: 'chain.link_mismatch', seq };
      }
      if (finding !== undefined || claim === undefined) return { finding, snapshot, file: 'none', manifest: 'none' };
      finding = fileFinding(state, claim);
      if (finding !== undefined) return { finding, snapshot, file: 'none', manifest: 'none' };
      const manifest = manifestProof(claim, sha3);
      if (manifest === 'differs') finding = { what: 'manifestDiffers', code: 'manifest.malformed' };
      return { finding, snapshot, file: 'proved', manifest: manifest === 'differs' ? 'none' : manifest };
    },
  };
}

function fileFinding(state: FolderState, { path, file }: FileClaim): Finding | undefined {
  const record = state.get(path as EntryPath);
  const same =
    file === null
      ? record === undefined
      : record !== undefined &&
        record.seq === file.seq &&
        record.size === file.sizeBytes &&
        record.etag === file.etag &&
        record.manifest === file.manifest;
  if (same) return undefined;
  const seq = record?.seq ?? file?.seq;
  return { what: 'fileDiffers', code: 'chain.fork', ...(seq === undefined ? {} : { seq }) };
}

function manifestProof({ file, chunks }: FileClaim, sha3: Sha3): Proof | 'differs' {
  if (file === null) return 'none';
  if (chunks === undefined) return 'notChecked';
  const bytes = encodeManifest({
    size: file.sizeBytes,
    chunks: chunks.map(({ id, size }) => ({ id: id as ChunkId, size })),
  });
  return blobIdOf(bytes, sha3) === file.manifest ? 'proved' : 'differs';
}
