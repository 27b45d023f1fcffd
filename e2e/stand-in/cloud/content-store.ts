import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bufferContent, type Content, readStepBytes } from './content.ts';

/** Where uploaded bytes are kept. The first `retain` belongs to the caller of `write`: release it if the content is not used. */
export interface ContentStore {
  /** Takes a stream to its end. When the stream fails nothing is kept and the error goes on. */
  write(source: AsyncIterable<Uint8Array>): Promise<Content>;
  /** Removes every byte still kept. */
  dispose(): Promise<void>;
}

/** Keeps uploads in memory: for small trees in unit tests. */
export function memoryStore(): ContentStore {
  return {
    async write(source) {
      const pieces: Uint8Array[] = [];
      for await (const piece of source) pieces.push(piece);
      return bufferContent(Buffer.concat(pieces));
    },
    async dispose() {},
  };
}

/**
 * Keeps uploads as numbered files under `directory`/blobs, which it empties at the start: names, ids and ETags live in memory,
 * so bytes of an earlier run belong to nothing. Memory use does not depend on file sizes.
 */
export async function diskStore(directory: string): Promise<ContentStore> {
  const blobs = join(directory, 'blobs');
  await rm(blobs, { recursive: true, force: true });
  await mkdir(blobs, { recursive: true });
  let written = 0;
  return {
    async write(source) {
      written += 1;
      const path = join(blobs, String(written));
      try {
        return blobContent(path, await writeBlob(path, source));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    dispose: () => rm(blobs, { recursive: true, force: true }),
  };
}

async function writeBlob(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'w');
  let sizeBytes = 0;
  try {
    for await (const piece of source) {
      await file.writeFile(piece);
      sizeBytes += piece.byteLength;
    }
  } finally {
    await file.close();
  }
  return sizeBytes;
}

/** A reader that has begun keeps its file handle, so the bytes outlive the unlink. */
function blobContent(path: string, sizeBytes: number): Content {
  let holders = 1;
  return {
    sizeBytes,
    async *read(start, end) {
      if (start >= end) return;
      const file = await open(path, 'r');
      try {
        for (let at = start; at < end; ) {
          const step = Math.min(readStepBytes, end - at);
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(step), 0, step, at);
          if (bytesRead === 0) throw new Error(`${path} is shorter than ${sizeBytes} bytes`);
          yield buffer.subarray(0, bytesRead);
          at += bytesRead;
        }
      } finally {
        await file.close();
      }
    },
    retain() {
      holders += 1;
    },
    async release() {
      holders -= 1;
      if (holders === 0) await rm(path, { force: true });
    },
  };
}
