/** Chain: the entries of a folder, each hashed with its predecessor. Pure; runs in browsers and Node. */
import { fromHex, toHex } from './bytes.ts';
import type { Entry, EntryPath, FileRecord } from './entry.ts';
import { serialiseEntry } from './entry.ts';
import { HarpError } from './errors.ts';
import type { Sha3 } from './hashing.ts';
import type { LinkHex } from './ids.ts';

/** The link before the first entry: 32 zero bytes. */
export const GENESIS_LINK = '0'.repeat(64) as LinkHex;

/**
 * The link an entry adds to its folder's chain: SHA3-256(serialise(entry) ‖ previous), 32 bytes.
 *
 * `previous` is the link before it, 32 zero bytes for the first. serialise() is canonical JSON (RFC 8785) with a version tag, so two
 * implementations agree byte for byte. Changing, dropping or reordering any entry changes every later link and so the signed head.
 *
 * @throws {HarpError} `chain.bad_previous` unless `previous` has exactly 32 bytes.
 * @see docs/protocol/chain-v1.md, section 3
 */
export function link(entry: Entry, previous: Uint8Array, sha3: Sha3): Uint8Array {
  if (previous.length !== 32) throw new HarpError('chain.bad_previous', `a link has 32 bytes, not ${previous.length}`);
  return sha3(serialiseEntry(entry), previous);
}

/** A place in a chain: the number of the last entry and its link. */
export interface ChainPosition {
  seq: number;
  link: LinkHex;
}

/** Before the first entry. */
export const GENESIS: ChainPosition = { seq: 0, link: GENESIS_LINK };

/**
 * Walks `entries` from `start` and returns where they lead.
 *
 * @throws {HarpError} `chain.sequence_gap` with `facts.seq` when an entry's number is not its predecessor's plus one.
 */
export function advance(start: ChainPosition, entries: Iterable<Entry>, sha3: Sha3): ChainPosition {
  let { seq } = start;
  let previous = fromHex(start.link);
  for (const entry of entries) {
    if (entry.seq !== seq + 1) {
      throw new HarpError('chain.sequence_gap', `entry ${entry.seq} stands where entry ${seq + 1} belongs`, {
        facts: { seq: seq + 1, found: entry.seq },
      });
    }
    previous = link(entry, previous, sha3);
    seq = entry.seq;
  }
  return { seq, link: toHex(previous) as LinkHex };
}

/** A folder's files by path. */
export type FolderState = Map<EntryPath, FileRecord>;

/**
 * Applies `entry` to `state` in place: what replaying a chain means. A move or delete of a path that is not there changes nothing, so that
 * replay never fails half-way; the indexer never writes one.
 */
export function applyEntry(state: FolderState, entry: Entry): void {
  switch (entry.op) {
    case 'put': {
      const { v: _v, op: _op, atMs: _atMs, ...record } = entry;
      state.set(entry.path, record);
      return;
    }
    case 'move': {
      const record = state.get(entry.from);
      if (record === undefined) return;
      state.delete(entry.from);
      state.set(entry.path, { ...record, path: entry.path });
      return;
    }
    case 'delete':
      state.delete(entry.path);
      return;
  }
}
