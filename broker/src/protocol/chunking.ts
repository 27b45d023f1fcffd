/**
 * Content-defined chunking: FastCDC (Xia et al., USENIX ATC 2016) with normalised chunking level 2. Indexer and agents must cut alike, so this
 * file is the contract; docs/protocol/chunking-v1.md restates it for other languages with golden vectors.
 */
import { utf8 } from './bytes.ts';
import { portableSha256 } from './hashing.ts';
import { limits } from './limits.ts';

/** Before the average size a cut needs 22 zero bits, after it 18: sizes gather around the average (normalised chunking). */
const MASK_BEFORE_AVERAGE = 0xff_ff_fc_00 | 0;
const MASK_AFTER_AVERAGE = 0xff_ff_c0_00 | 0;

/** gear[b] = first 4 bytes, big-endian, of SHA-256("harp/gear/v1" ‖ b). Derived, so that nobody has to trust a table. */
const gear = Int32Array.from({ length: 256 }, (_, byte) => {
  const digest = portableSha256(utf8('harp/gear/v1'), Uint8Array.of(byte));
  return new DataView(digest.buffer, digest.byteOffset).getInt32(0);
});

/** Finds chunk boundaries in a stream. Holds three numbers of state, no bytes: memory does not grow with the file. */
export interface Chunker {
  /**
   * Takes the next bytes of the stream and returns the offsets in `bytes` where a chunk ends (exclusive, ascending).
   * The bytes after the last one belong to a chunk that goes on. Boundaries do not depend on how the stream is split into calls.
   */
  push(bytes: Uint8Array): number[];
  /** Bytes since the last boundary; at the end of the stream they are the last chunk, if there are any. */
  readonly pendingBytes: number;
}

/** A chunker at the start of a stream. A stream resumed at a boundary continues exactly as if it had not been interrupted. */
export function createChunker(): Chunker {
  let length = 0;
  let hash = 0;
  return {
    get pendingBytes() {
      return length;
    },
    push(bytes) {
      const cuts: number[] = [];
      let position = 0;
      while (position < bytes.length) {
        if (length < limits.chunkMinBytes) {
          const skip = Math.min(limits.chunkMinBytes - length, bytes.length - position);
          position += skip;
          length += skip;
          continue;
        }
        const limit = length < limits.chunkAverageBytes ? limits.chunkAverageBytes : limits.chunkMaxBytes;
        const mask = length < limits.chunkAverageBytes ? MASK_BEFORE_AVERAGE : MASK_AFTER_AVERAGE;
        const end = Math.min(bytes.length, position + (limit - length));
        const start = position;
        let found = false;
        while (position < end) {
          hash = ((hash << 1) + (gear[bytes[position++]!] as number)) | 0;
          if ((hash & mask) === 0) {
            found = true;
            break;
          }
        }
        length += position - start;
        if (found || length === limits.chunkMaxBytes) {
          cuts.push(position);
          length = 0;
          hash = 0;
        }
      }
      return cuts;
    },
  };
}

/** The chunk lengths of a whole file in memory, in order; they add up to `bytes.length`. An empty file has none. */
export function chunkLengths(bytes: Uint8Array): number[] {
  const chunker = createChunker();
  let previous = 0;
  const lengths = chunker.push(bytes).map((cut) => {
    const length = cut - previous;
    previous = cut;
    return length;
  });
  return chunker.pendingBytes > 0 ? [...lengths, chunker.pendingBytes] : lengths;
}
