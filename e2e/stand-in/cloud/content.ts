import { createCipheriv, createHash } from 'node:crypto';

/** Bytes handed on at once when nothing paces the reader: large enough to be quick, small enough to hold back. */
export const readStepBytes = 64 * 1024;

/**
 * The bytes of one file version. They never change: a new version is a new Content.
 * Whoever keeps one calls `retain` and, when done, `release`; bytes on disk go with the last release.
 */
export interface Content {
  readonly sizeBytes: number;
  /** Bytes `start` (inclusive) to `end` (exclusive) in pieces of at most `readStepBytes`. */
  read(start: number, end: number): AsyncIterable<Buffer>;
  retain(): void;
  release(): Promise<void>;
}

/** What a caller may store: bytes, a stream of bytes, or a Content made by one of the functions below. */
export type ContentSource = Uint8Array | AsyncIterable<Uint8Array> | Content;

/** Tells a ready Content from a plain stream. */
export function isContent(source: ContentSource): source is Content {
  return 'sizeBytes' in source;
}

/** A Content over bytes in memory; `bytes` must not be changed afterwards. */
export function bufferContent(bytes: Uint8Array): Content {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: buffer.length,
    async *read(start, end) {
      for (let at = start; at < end; at += readStepBytes) yield buffer.subarray(at, Math.min(end, at + readStepBytes));
    },
    retain() {},
    async release() {},
  };
}

/**
 * Bytes computed from a seed: the AES-128-CTR key stream of SHA-256(seed), from `offset` on. Same seed, same bytes, on every machine;
 * takes no memory, seeks at once and does not compress.
 */
export function seededContent(seed: string, sizeBytes: number, offset = 0): Content {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return {
    sizeBytes,
    async *read(start, end) {
      for (let at = start; at < end; at += readStepBytes)
        yield keyStream(key, offset + at, offset + Math.min(end, at + readStepBytes));
    },
    retain() {},
    async release() {},
  };
}

const aesBlockBytes = 16;

function keyStream(key: Buffer, start: number, end: number): Buffer {
  const firstBlock = Math.floor(start / aesBlockBytes);
  const counter = Buffer.alloc(aesBlockBytes);
  counter.writeBigUInt64BE(BigInt(firstBlock), 8);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  const lead = start - firstBlock * aesBlockBytes;
  return cipher.update(Buffer.alloc(lead + end - start)).subarray(lead);
}

/** Several contents, one after the other. Retaining it retains every part. */
export function concatContent(parts: readonly Content[]): Content {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    async *read(start, end) {
      let partStart = 0;
      for (const part of parts) {
        const from = Math.max(start, partStart) - partStart;
        const to = Math.min(end, partStart + part.sizeBytes) - partStart;
        if (from < to) yield* part.read(from, to);
        partStart += part.sizeBytes;
      }
    },
    retain() {
      for (const part of parts) part.retain();
    },
    async release() {
      for (const part of parts) await part.release();
    },
  };
}

/** Bytes `start` (inclusive) to `end` (exclusive) of another content. */
export function sliceContent(content: Content, start: number, end: number): Content {
  return {
    sizeBytes: end - start,
    read: (from, to) => content.read(start + from, start + to),
    retain: () => content.retain(),
    release: () => content.release(),
  };
}

/** Hex digest of the whole content, read as a stream. */
export async function contentDigest(algorithm: string, content: Content): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of content.read(0, content.sizeBytes)) hash.update(piece);
  return hash.digest('hex');
}
