/** Turns a listed file into its manifest: reads it in a worker, resumes after failures and crashes, makes sure it did not change meanwhile. */
import type { ChunkId, ManifestChunk } from '@harp/broker/protocol';
import { blobIdOf, encodeManifest, HarpError, isHarpError, toHex } from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';
import type { FileContent } from '../content/changes.ts';
import type { NextcloudClient } from '../nextcloud/client.ts';
import { joinPath } from '../nextcloud/paths.ts';
import type { Connection } from '../nextcloud/transport.ts';
import type { Clock } from '../ports.ts';
import { RECORD_BYTES } from './cut-file.ts';
import type { Limiter } from './limiter.ts';
import type { ListedFile } from './listing.ts';
import { pause } from './pause.ts';
import type { ProgressStore, ReadProgress } from './progress-store.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Where a folder's files are read from. */
export interface FileSource {
  client: Pick<NextcloudClient, 'guarded' | 'stat'>;
  connection: Connection;
  davUser: string;
  /** The distributed folder in Nextcloud, without leading slash. */
  rootPath: string;
}

const MiB = 1024 * 1024;
/** At most this much is read twice after a crash. */
const CHECKPOINT_MIN_BYTES = 64 * MiB;
/** A checkpoint writes all records so far: 256 of them keep that below 5 GB for a file of a terabyte. */
const CHECKPOINTS_MAX = 256;
/** Waits between the tries to read one file; a server that restarts is back within the last. */
const RETRY_DELAYS_MS = [1000, 4000, 16_000];

/**
 * Reads files of one folder, as many at a time as `limiter` lets through.
 *
 * The returned function throws HarpErrors: `origin.changed` if the listed version is gone, else what reading failed with after the retries.
 */
export function createFileReader(deps: {
  source: FileSource;
  pool: Pick<WorkerPool, 'cut'>;
  limiter: Limiter;
  progress: ProgressStore;
  clock: Pick<Clock, 'after'>;
  signal: AbortSignal;
}): (file: ListedFile) => Promise<FileContent> {
  const { source, pool, limiter, progress, clock, signal } = deps;

  const readOnce = async (file: ListedFile, state: ReadState): Promise<void> => {
    const { client, connection, davUser, rootPath } = source;
    const checkpointBytes = Math.max(CHECKPOINT_MIN_BYTES, Math.ceil(file.size / CHECKPOINTS_MAX));
    const read = { davUser, path: joinPath(rootPath, file.path), etag: file.etag, size: file.size };
    await limiter.run(() =>
      client.guarded(() =>
        pool.cut(
          { connection, read: { ...read, fromByte: state.offset }, checkpointBytes },
          ({ records, offset }) => state.add(records, offset, file),
          signal,
        ),
      ),
    );
    await state.saved();
  };

  const readWhole = async (file: ListedFile): Promise<Uint8Array> => {
    const mayResume = file.size > CHECKPOINT_MIN_BYTES;
    const state = new ReadState(progress, mayResume ? await progress.load(file) : undefined);
    for (let failures = 0; ; failures++) {
      try {
        await readOnce(file, state);
        return state.records();
      } catch (error) {
        const delayMs = RETRY_DELAYS_MS[failures];
        if (delayMs === undefined || !mayHelpToRetry(error)) throw error;
        if (isHarpError(error, 'origin.range_ignored')) state.startOver();
        await pause(clock, delayMs, signal);
      }
    }
  };

  return async (file) => {
    if (file.size === 0) return contentOf(file, new Uint8Array(0));
    const content = contentOf(file, await readWhole(file));
    // A version that takes several chunks may have been replaced while it was read; a server that streams from the path then mixes both.
    if (content.chunk === undefined) {
      const now = await source.client.stat(source.davUser, joinPath(source.rootPath, file.path), signal);
      if (now.etag !== file.etag) throw new HarpError('origin.changed', 'it changed while it was read');
      if (file.size > CHECKPOINT_MIN_BYTES) await progress.clear(file);
    }
    return content;
  };
}

/** The records of one read, across its tries. Checkpoints are saved one after the other. */
class ReadState {
  offset: number;
  readonly #store: ProgressStore;
  #pieces: Uint8Array[];
  #saving: Promise<void> = Promise.resolve();

  constructor(store: ProgressStore, start: ReadProgress | undefined) {
    this.#store = store;
    this.offset = start?.offset ?? 0;
    this.#pieces = start === undefined ? [] : [start.records];
  }

  add(records: Uint8Array, offset: number, file: ListedFile): void {
    this.#pieces.push(records);
    this.offset = offset;
    if (offset === file.size) return;
    const progress = { offset, records: this.records() };
    this.#saving = this.#saving.then(() => this.#store.save(file, progress));
    // `saved` reports it; until then nobody waits for it.
    this.#saving.catch(() => {});
  }

  async saved(): Promise<void> {
    await this.#saving;
  }

  records(): Uint8Array {
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }

  startOver(): void {
    this.offset = 0;
    this.#pieces = [];
  }
}

function mayHelpToRetry(error: unknown): boolean {
  if (!isHarpError(error)) return false;
  if (error.code === 'origin.unreachable') return error.facts.status !== undefined;
  return (
    error.code === 'origin.short_body' || error.code === 'origin.unexpected' || error.code === 'origin.range_ignored'
  );
}

/** The content that chunk records describe. */
function contentOf(file: ListedFile, records: Uint8Array): FileContent {
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  const chunks = Array.from({ length: records.length / RECORD_BYTES }, (_, index): ManifestChunk => {
    const at = index * RECORD_BYTES;
    return { id: toHex(records.subarray(at, at + 32)) as ChunkId, size: view.getUint32(at + 32) };
  });
  const manifestBytes = encodeManifest({ size: file.size, chunks });
  const manifest = blobIdOf(manifestBytes, sha3);
  if (chunks.length > 1) return { manifest, manifestBytes };
  return { manifest, chunk: chunks[0]?.id };
}
