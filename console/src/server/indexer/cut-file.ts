/** Cuts a stream into chunks and hashes each. Holds one network buffer at a time: memory does not grow with the file. */
import { createHash } from 'node:crypto';
import { createChunker } from '@harp/broker/protocol';

/** Chunk records as they stand in a manifest: SHA-256 (32 bytes) ‖ length (u32 BE). */
export const RECORD_BYTES = 36;

/** Consecutive chunk records, and the offset in the file where the last of them ends. */
export interface CutPiece {
  records: Uint8Array<ArrayBuffer>;
  offset: number;
}

/**
 * Yields chunk records at the first boundary after every `checkpointBytes`, and the rest at the end. `body` starts at `fromByte`, which is 0 or a
 * boundary; cutting goes on there exactly as if it had not been interrupted.
 */
export async function* cutFile(
  body: AsyncIterable<Uint8Array>,
  fromByte: number,
  checkpointBytes: number,
): AsyncGenerator<CutPiece> {
  const chunker = createChunker();
  let hash = createHash('sha256');
  let length = 0;
  let offset = fromByte;
  let nextCheckpoint = fromByte + checkpointBytes;
  let records: Buffer[] = [];

  const closeChunk = (): void => {
    const record = Buffer.alloc(RECORD_BYTES);
    hash.digest().copy(record);
    record.writeUInt32BE(length, 32);
    records.push(record);
    offset += length;
    hash = createHash('sha256');
    length = 0;
  };
  const takePiece = (): CutPiece => {
    const piece = { records: Uint8Array.from(Buffer.concat(records)), offset };
    records = [];
    nextCheckpoint = offset + checkpointBytes;
    return piece;
  };

  for await (const part of body) {
    let start = 0;
    for (const cut of chunker.push(part)) {
      hash.update(part.subarray(start, cut));
      length += cut - start;
      start = cut;
      closeChunk();
    }
    hash.update(part.subarray(start));
    length += part.length - start;
    if (offset >= nextCheckpoint) yield takePiece();
  }
  if (length > 0) closeChunk();
  if (records.length > 0) yield takePiece();
}
