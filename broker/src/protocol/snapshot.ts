/** Snapshot: the whole state of a folder after one entry, as a blob. A new agent starts there instead of replaying years of entries. */
import { z } from 'zod';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { FolderState } from './chain.ts';
import { FileRecord } from './entry.ts';
import { HarpError } from './errors.ts';
import { BlobId, FolderId, LinkHex } from './ids.ts';
import { blobLines, parseLine } from './segment.ts';

/** First line of a snapshot: the state after entry `seq`, whose link is `link`. */
export const SnapshotHeader = z.strictObject({
  v: z.literal(1),
  kind: z.literal('snapshot'),
  folder: FolderId,
  seq: z.int().min(0),
  link: LinkHex,
  files: z.int().min(0),
});

/** How a head refers to a snapshot. `signature` is its own (see `snapshotSigningText`), so a snapshot can be checked without a head. */
export const SnapshotRef = z.strictObject({
  seq: z.int().min(0),
  link: LinkHex,
  blob: BlobId,
  signature: z.base64(),
});
export type SnapshotRef = z.infer<typeof SnapshotRef>;

export interface Snapshot {
  folder: FolderId;
  seq: number;
  link: LinkHex;
  state: FolderState;
}

/** The text whose signature, in the context `harp/snapshot/v1`, stands in a SnapshotRef. */
export function snapshotSigningText(folder: FolderId, ref: { seq: number; link: LinkHex; blob: BlobId }): string {
  return canonicalJson({ v: 1, folder, seq: ref.seq, link: ref.link, blob: ref.blob });
}

/** The bytes of a snapshot: header line, then one line per file sorted by path (UTF-16 code units). The same state gives the same bytes. */
export function encodeSnapshot({ folder, seq, link, state }: Snapshot): Uint8Array {
  const files = [...state.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const header = { v: 1, kind: 'snapshot', folder, seq, link, files: files.length };
  return utf8(`${[header, ...files].map(canonicalJson).join('\n')}\n`);
}

/** Reads a snapshot and checks its form. @throws {HarpError} `chain.malformed` with `facts.line`. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const lines = blobLines(bytes, 'snapshot');
  const header = parseLine(SnapshotHeader, lines, 0);
  const state: FolderState = new Map();
  let previous = '';
  for (let index = 1; index < lines.length; index++) {
    const record = parseLine(FileRecord, lines, index);
    if (record.path <= previous || record.seq > header.seq) {
      throw new HarpError('chain.malformed', `line ${index + 1}: out of order`, { facts: { line: index + 1 } });
    }
    previous = record.path;
    state.set(record.path, record);
  }
  if (state.size !== header.files) throw new HarpError('chain.malformed', 'the file count is not what the header says');
  return { folder: header.folder, seq: header.seq, link: header.link, state };
}
