import { type BlobId, type FileRecord, type FolderId, HarpError, limits, type Manifest } from '@harp/broker/protocol';
import { manifestOf, needsManifestBlob } from '../files/manifests.ts';
import type { Swarm } from '../ports.ts';
import type { OwnedBlobStore } from '../store/blob-store.ts';

/** Gets manifests; those asked for at about the same time go into one request. */
export interface ManifestLoader {
  /** @throws {HarpError} `manifest.malformed`, or why the blob cannot be had now */
  load(record: FileRecord, signal: AbortSignal): Promise<Manifest>;
}

interface Waiting {
  id: BlobId;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Requests under way: one is being answered while the next collects. */
const CALLS_MAX = 2;

export function createManifestLoader(
  folder: { id: FolderId; number: number },
  blobs: OwnedBlobStore,
  swarm: Pick<Swarm, 'fetchBlobs'>,
  stop: AbortSignal,
): ManifestLoader {
  let waiting: Waiting[] = [];
  let calls = 0;

  const fetchSome = async () => {
    // What is asked for in the same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, limits.wantMaxIds);
      waiting = waiting.slice(group.length);
      let failure: unknown;
      try {
        await swarm.fetchBlobs(folder.id, [...new Set(group.map(({ id }) => id))], stop);
      } catch (error) {
        failure = error;
      }
      for (const { id, resolve, reject } of group) {
        if (blobs.has(id)) resolve();
        else reject(failure ?? new HarpError('blob.absent', 'a manifest could not be had', { facts: { blob: id } }));
      }
    }
  };
  const fetchBlob = (id: BlobId) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ id, resolve, reject });
      if (calls === CALLS_MAX) return;
      calls++;
      void fetchSome().finally(() => calls--);
    });

  return {
    async load(record, signal) {
      const name = {
        sizeBytes: record.size,
        manifest: record.manifest,
        ...(record.chunk === undefined ? {} : { chunk: record.chunk }),
      };
      if (needsManifestBlob(name)) {
        await blobs.claim(record.manifest, folder.number, record.seq);
        if (!blobs.has(record.manifest)) await fetchBlob(record.manifest);
        signal.throwIfAborted();
      }
      const manifest = manifestOf(name, blobs.get);
      if (manifest === undefined) throw new HarpError('blob.absent', 'a manifest is gone again');
      return manifest;
    },
  };
}
