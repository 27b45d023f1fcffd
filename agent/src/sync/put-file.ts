import { type Delivery, type FileRecord, HarpError, type Manifest } from '@harp/broker/protocol';
import { createGate } from '../concurrency.ts';
import { hasContent } from '../files/content.ts';
import { statOf } from '../files/disk.ts';
import { beside, ownName } from '../files/names.ts';
import type { PartialFile } from '../store/partial-files.ts';
import { type FolderContext, isCurrent } from './context.ts';
import type { FetchWindow } from './fetch-window.ts';
import type { Finisher, ReadyFile } from './finisher.ts';
import type { LocalSources } from './local-sources.ts';
import type { ManifestLoader } from './manifest-loader.ts';

/** Brings one file version to its path: from what is there already, from elsewhere on this disk, from the swarm. */
export interface PutFile {
  /**
   * Resolves when the file is in its place or no longer wanted.
   *
   * @throws {HarpError} why it cannot be had now
   */
  put(record: FileRecord, signal: AbortSignal, onPartial: (partial: PartialFile) => void): Promise<void>;
}

export interface PutFileParts {
  manifests: ManifestLoader;
  window: FetchWindow;
  finisher: Finisher;
  sources: LocalSources;
}

/** Files hashed or copied on this disk at a time: more would only make the disk seek. */
const DISK_WORK_MAX = 4;

export function createPutFile(context: FolderContext, parts: PutFileParts): PutFile {
  const { id, number, store, tree, local, names, wanted, clock, meter } = context;
  const { disk, journal, files, chunks, partials, space } = store;
  const diskWork = createGate(DISK_WORK_MAX);

  const placeOf = (path: string): string => {
    const mapped = names.map(number, tree.root, path);
    const refuse = (why: string) => new HarpError('name.refused', why, { facts: { path } });
    if ('refused' in mapped) throw refuse(mapped.refused);
    // A path cannot be a file and a directory; a chain that says so gets neither.
    if (wanted.anyUnder(number, path)) throw refuse('the chain has files below this path as well');
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (wanted.get(number, path.slice(0, slash)) !== undefined) throw refuse('the chain has a file above this path');
    }
    return mapped.stored;
  };

  /** What stands at the target, if it is what belongs there. */
  const adopt = async (record: FileRecord, storedPath: string, manifest: Manifest, signal: AbortSignal) => {
    if (!(await tree.parentsExist(storedPath))) return undefined;
    const held = journal.atStored(number, storedPath);
    if (held !== undefined) {
      if (held.path !== record.path || held.manifest !== record.manifest) return undefined;
      return (await local.check(held)) === 'same' ? held.file : undefined;
    }
    const path = tree.absolute(storedPath);
    const stat = await statOf(disk, path);
    if (stat === undefined || !stat.isFile()) return undefined;
    return diskWork.run(async () => {
      const right = stat.size === record.size && (await hasContent(disk, path, manifest, signal));
      if (right) return indexed(storedPath, manifest);
      await parts.sources.cut(storedPath);
      return undefined;
    });
  };
  const indexed = async (storedPath: string, manifest: Manifest) => {
    const file = files.allocate();
    let offset = 0;
    const places = manifest.chunks.map(({ id: chunk, size }) => {
      const place = { file, offset, sizeBytes: size };
      offset += size;
      return store.index.add(chunk, place);
    });
    await Promise.all(places);
    const known = files.extraAt(number, storedPath);
    if (known !== undefined) await files.remove(known);
    return file;
  };

  const openPartial = async (record: FileRecord, storedPath: string, manifest: Manifest) => {
    await tree.makeParents(storedPath, (inTheWay) => context.lock.run(() => local.clear(inTheWay, record.path, false)));
    return partials.open({ folder: number, root: tree.root, hiddenPath: hiddenPathOf(record, storedPath), manifest });
  };
  const hiddenPathOf = ({ path, manifest }: FileRecord, storedPath: string) =>
    beside(storedPath, ownName(`${id}\n${path}\n${manifest}`));
  const copyWhatIsHere = async (partial: PartialFile, signal: AbortSignal) => {
    const { chunks: list } = partial.spec.manifest;
    const isHere = (position: number) => !partial.has(position) && chunks.has(list[position]!.id);
    if (!list.some((_, position) => isHere(position))) return;
    await diskWork.run(async () => {
      for (const position of list.keys()) {
        signal.throwIfAborted();
        if (isHere(position)) await chunks.copy(partial, position);
      }
    });
  };

  const assemble = async (
    record: FileRecord,
    storedPath: string,
    manifest: Manifest,
    signal: AbortSignal,
    onPartial: (partial: PartialFile) => void,
  ): Promise<PartialFile> => {
    const partial = await openPartial(record, storedPath, manifest);
    onPartial(partial);
    const localBefore = partial.sources.local;
    try {
      if (partial.missingCount > 0) await copyWhatIsHere(partial, signal);
      if (partial.missingCount > 0) {
        await space.check(record.size - partial.bytesPresent);
        await parts.window.fill(partial, record, signal);
      }
    } finally {
      const copied = partial.sources.local - localBefore;
      if (copied > 0) meter.add(id, 'fromLocal', copied);
    }
    return partial;
  };

  const bring = async (
    record: FileRecord,
    storedPath: string,
    startedMs: number,
    signal: AbortSignal,
    onPartial: (partial: PartialFile) => void,
  ) => {
    const manifest = await parts.manifests.load(record, signal);
    const isNew = journal.get(number, record.path)?.seq !== record.seq;
    const delivery = (peer: number, origin: number, here: number): Delivery | undefined =>
      isNew ? [record.seq, peer, origin, here, Math.round(clock.monotonicMs() - startedMs)] : undefined;

    const adopted = await adopt(record, storedPath, manifest, signal);
    signal.throwIfAborted();
    let ready: ReadyFile;
    if (adopted !== undefined) {
      await partials.forget(tree.absolute(hiddenPathOf(record, storedPath)));
      if (isNew) meter.add(id, 'fromLocal', record.size);
      ready = { record, storedPath, from: { kind: 'adopted', file: adopted }, delivery: delivery(0, 0, record.size) };
    } else {
      const partial = await assemble(record, storedPath, manifest, signal, onPartial);
      const { peer, origin, local: here } = partial.sources;
      ready = { record, storedPath, from: { kind: 'assembled', partial }, delivery: delivery(peer, origin, here) };
    }
    signal.throwIfAborted();
    if (isCurrent(context, record)) await parts.finisher.finish(ready);
  };

  return {
    async put(record, signal, onPartial) {
      const startedMs = clock.monotonicMs();
      const storedPath = placeOf(record.path);
      tree.hold(storedPath);
      try {
        await bring(record, storedPath, startedMs, signal, onPartial);
      } finally {
        tree.release(storedPath);
      }
    },
  };
}
