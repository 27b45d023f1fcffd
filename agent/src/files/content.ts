import { createHash } from 'node:crypto';
import { type ChunkId, createChunker, limits, type Manifest } from '@harp/broker/protocol';
import { type Disk, readFully } from './disk.ts';

/** Whether the regular file at `path` has exactly the content of `manifest`. Stops at the first chunk that differs. */
export async function hasContent(disk: Disk, path: string, manifest: Manifest, signal?: AbortSignal): Promise<boolean> {
  const file = await disk.open(path, 'read');
  try {
    if ((await file.stat()).size !== manifest.size) return false;
    let offset = 0;
    for (const { id, size } of manifest.chunks) {
      signal?.throwIfAborted();
      const bytes = new Uint8Array(size);
      if ((await readFully(file, bytes, offset)) < size) return false;
      if (createHash('sha256').update(bytes).digest('hex') !== id) return false;
      offset += size;
    }
    return true;
  } finally {
    await file.close();
  }
}

export interface CutChunk {
  id: ChunkId;
  offset: number;
  sizeBytes: number;
}

const READ_BYTES = 1024 * 1024;

/** Cuts the file at `path` as the indexer would and names every chunk, in order. Memory: one chunk and one read. */
export async function* cutFile(disk: Disk, path: string, signal: AbortSignal): AsyncIterable<CutChunk> {
  const file = await disk.open(path, 'read');
  try {
    const chunker = createChunker();
    const buffer = new Uint8Array(Math.min(READ_BYTES, limits.chunkMaxBytes));
    let hash = createHash('sha256');
    let start = 0;
    let position = 0;
    for (;;) {
      signal.throwIfAborted();
      const length = await readFully(file, buffer, position);
      if (length === 0) break;
      let done = 0;
      for (const cut of chunker.push(buffer.subarray(0, length))) {
        hash.update(buffer.subarray(done, cut));
        done = cut;
        const end = position + cut;
        yield { id: hash.digest('hex') as ChunkId, offset: start, sizeBytes: end - start };
        start = end;
        hash = createHash('sha256');
      }
      hash.update(buffer.subarray(done, length));
      position += length;
    }
    if (chunker.pendingBytes > 0)
      yield { id: hash.digest('hex') as ChunkId, offset: start, sizeBytes: position - start };
  } finally {
    await file.close();
  }
}
