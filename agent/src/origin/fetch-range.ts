/**
 * Turns a read into verified chunks: cuts the stream at the chunks' borders and puts each as soon as its last byte is here, so that peers get it
 * while the next one is still crossing the WAN. Holds one chunk at a time.
 */
import { type HarpError, isHarpError } from '@harp/broker/protocol';
import { type BackOff, backOffMs } from '../peer/back-off.ts';
import type { ChunkWanted, Clock } from '../ports.ts';
import type { OriginConnection } from './connection.ts';

/** Tries in a row without a single new chunk. With these waits they span about 7 s: a server restart, not an outage. */
const TRIES = 4;
/** Wrong bytes under the right ETag come again more often than not: asking once more is enough to tell a bad moment from a bad file. */
const TRIES_WRONG_BYTES = 2;
const RETRY: BackOff = { firstMs: 1000, capMs: 4000 };

/** Chunks of one file version that one request gets: in the order of their offsets. */
export interface RangeFetch {
  chunks: readonly ChunkWanted[];
  /** Ask for the file from its start, without a Range header; bytes between the chunks are thrown away. */
  whole: boolean;
}

export interface RangeFetchDeps {
  connection: OriginConnection;
  clock: Clock;
  random: () => number;
  /** Whether the origin may be asked now. @throws {HarpError} */
  checkGate(): void;
  /** Bytes arrived from the WAN. */
  onBytes(bytes: number): void;
  /** Checks and keeps a chunk. @throws {HarpError} `chunk.digest_mismatch`, `disk.*` */
  put(chunk: ChunkWanted, bytes: Uint8Array): Promise<void>;
  /** Bytes that arrived and were of no use. */
  onWasted(bytes: number): void;
}

/**
 * Gets every chunk, asking again from the last verified one when the answer breaks off.
 * @throws {HarpError} `origin.*`, `chunk.digest_mismatch`, `disk.*`, or the signal's reason; chunks before the failure are stored
 */
export async function fetchRange(fetch: RangeFetch, deps: RangeFetchDeps, signal: AbortSignal): Promise<void> {
  const left = [...fetch.chunks];
  let failures = 0;
  while (left.length > 0) {
    signal.throwIfAborted();
    deps.checkGate();
    const before = left.length;
    try {
      await readOnce(left, fetch.whole, deps, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isHarpError(error) || !worthAnotherTry(error)) throw error;
      failures = left.length < before ? 1 : failures + 1;
      if (failures >= (error.code === 'chunk.digest_mismatch' ? TRIES_WRONG_BYTES : TRIES)) throw error;
      await deps.clock.sleep(backOffMs(failures, RETRY, deps.random), signal);
    }
  }
}

/** Pauses are the gate's; a full disk does not empty itself within seconds. */
function worthAnotherTry(error: HarpError): boolean {
  const again = ['origin.unreachable', 'origin.short_body', 'origin.unexpected', 'chunk.digest_mismatch'];
  return again.includes(error.code);
}

/** One request for everything in `left`; takes chunks off its front as they are stored. */
async function readOnce(left: ChunkWanted[], whole: boolean, deps: RangeFetchDeps, signal: AbortSignal): Promise<void> {
  const first = left[0]!;
  const last = left.at(-1)!;
  const { path, etag, fileSize } = first;
  const from = whole ? 0 : first.offset;
  const to = whole ? fileSize : last.offset + last.size;
  let position = from;
  let buffer: Uint8Array | undefined;
  let filled = 0;
  try {
    for await (const bytes of deps.connection.read({ path, etag, fileSize, from, to, whole }, signal)) {
      deps.onBytes(bytes.length);
      let taken = 0;
      while (taken < bytes.length) {
        const chunk = left[0];
        // All there is to gain from this answer has been gained.
        if (chunk === undefined) return deps.onWasted(bytes.length - taken);
        if (position < chunk.offset) {
          const skipped = Math.min(chunk.offset - position, bytes.length - taken);
          deps.onWasted(skipped);
          position += skipped;
          taken += skipped;
          continue;
        }
        buffer ??= new Uint8Array(chunk.size);
        const part = bytes.subarray(taken, taken + chunk.size - filled);
        buffer.set(part, filled);
        filled += part.length;
        taken += part.length;
        position += part.length;
        if (filled < chunk.size) continue;
        const complete = buffer;
        buffer = undefined;
        filled = 0;
        await deps.put(chunk, complete);
        left.shift();
      }
    }
  } finally {
    if (filled > 0) deps.onWasted(filled);
  }
}
