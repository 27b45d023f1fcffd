import { setImmediate } from 'node:timers/promises';
import {
  blobLines,
  FileRecord,
  type FolderId,
  HarpError,
  parseLine,
  SnapshotHeader,
  type SnapshotRef,
} from '@harp/broker/protocol';

/** Records handed on at a time: about 10 ms of work, after which other work gets its turn. */
const BATCH = 500;

/**
 * Reads a snapshot piece by piece and checks its form as `decodeSnapshot` does, without holding all records at once. `ref` is what the head names.
 *
 * @throws {HarpError} `chain.malformed` with `facts.line`, `chain.link_mismatch` if it is another snapshot than `ref` says
 */
export async function* readSnapshot(
  bytes: Uint8Array,
  folder: FolderId,
  ref: SnapshotRef,
): AsyncIterable<FileRecord[]> {
  const lines = blobLines(bytes, 'snapshot');
  const header = parseLine(SnapshotHeader, lines, 0);
  if (header.folder !== folder || header.seq !== ref.seq || header.link !== ref.link) {
    throw new HarpError('chain.link_mismatch', `the snapshot is not the one of entry ${ref.seq}`, {
      facts: { seq: ref.seq },
    });
  }
  if (lines.length - 1 !== header.files)
    throw new HarpError('chain.malformed', 'the file count is not what the header says');
  let previous = '';
  for (let start = 1; start < lines.length; start += BATCH) {
    const batch: FileRecord[] = [];
    for (let index = start; index < Math.min(lines.length, start + BATCH); index++) {
      const record = parseLine(FileRecord, lines, index);
      if (record.path <= previous || record.seq > header.seq) {
        throw new HarpError('chain.malformed', `line ${index + 1}: out of order`, { facts: { line: index + 1 } });
      }
      previous = record.path;
      batch.push(record);
    }
    yield batch;
    await setImmediate();
  }
}
