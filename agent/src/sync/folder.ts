import { join } from 'node:path';
import type { FolderId, FolderReport, SignedText, SigningKey } from '@harp/broker/protocol';
import { applyChanges, type ChangedPaths, changesOf, replaceState } from '../chain/apply.ts';
import { readSnapshot } from '../chain/snapshot-reader.ts';
import type { WantedFiles } from '../chain/wanted.ts';
import { createLock } from '../concurrency.ts';
import { createFolderTree } from '../files/folder-tree.ts';
import { createLocalFiles } from '../files/local-files.ts';
import type { NameIndex } from '../files/name-index.ts';
import { foldsNames, type NamePlatform } from '../files/names.ts';
import type { Clock, Logger, Outbox, Swarm, TrafficMeter } from '../ports.ts';
import type { FileStore } from '../store/index.ts';
import type { FolderContext } from './context.ts';
import { openDeliveries } from './deliveries.ts';
import { createFolderWorker } from './folder-worker.ts';
import { createHeadFollower, type Verified } from './head-follower.ts';
import { openPending } from './pending.ts';
import { differs, type Totals } from './recheck.ts';

/** What the folders of one agent share. */
export interface FolderDeps {
  store: FileStore;
  wanted: WantedFiles;
  names: NameIndex;
  swarm: Swarm;
  keys: () => readonly SigningKey[];
  clock: Clock;
  log: Logger;
  outbox: Outbox;
  meter: TrafficMeter;
  hostname: string;
  platform: NamePlatform;
}

/** One folder being kept in sync. */
export interface RunningFolder {
  offerHead(signed: SignedText): void;
  report(): FolderReport;
  /** Ends all work; files and journal stay as they are. */
  stop(): Promise<void>;
}

const PAGE = 500;

/** Starts to keep a folder in sync. Its row in `store.folders` exists. */
export function startFolder(id: FolderId, deps: FolderDeps, onDidChange: () => void): RunningFolder {
  const stopping = new AbortController();
  const context = createContext(id, deps, stopping.signal);
  const { store, log } = context;
  const worker = createFolderWorker(context, onDidChange);
  const follower = createHeadFollower({
    folder: context,
    state: store.state,
    folders: store.folders,
    blobs: store.blobs,
    swarm: deps.swarm,
    keys: deps.keys,
    record: context.record,
    clock: deps.clock,
    log,
    stop: context.stop,
    apply: async (verified) => {
      if (verified.plan.kind === 'snapshot') await worker.whileSuspended(() => replaceBySnapshot(context, verified));
      else worker.chainChanged(await context.lock.run(() => applyEntries(context, verified)));
      log.info({ folder: id, seq: verified.head.seq, by: verified.plan.kind }, 'head followed');
    },
    onDidChange,
  });
  const running = Promise.all([worker.run(), follower.run()]).catch((error: unknown) => {
    if (!context.stop.aborted) log.error({ folder: id, error: String(error) }, 'a folder stopped unexpectedly');
  });
  return {
    offerHead: follower.offer,
    report() {
      const { position } = store.folders.get(id)!;
      return { id, seq: position.seq, link: position.link, ...worker.report(follower) };
    },
    async stop() {
      stopping.abort(new Error('the folder is stopped'));
      await running;
    },
  };
}

function createContext(id: FolderId, deps: FolderDeps, stop: AbortSignal): FolderContext {
  const { store, clock, log, hostname, platform, wanted } = deps;
  const row = store.folders.get(id)!;
  const folder = { id, number: row.number };
  const tree = createFolderTree(row.number, join(store.filesDir, row.dir), store.disk, store.journal);
  const record: Outbox['record'] = (event) => deps.outbox.record(event);
  return {
    ...folder,
    store,
    wanted,
    names: deps.names,
    pending: openPending(store.state, row.number),
    tree,
    local: createLocalFiles({
      folder,
      tree,
      disk: store.disk,
      journal: store.journal,
      files: store.files,
      blob: store.blobs.get,
      async releaseManifest(held) {
        // The same version may be on its way back, and then its manifest is of use.
        if (wanted.get(row.number, held.path)?.seq === held.seq) return;
        await store.blobs.release(held.manifest, row.number, held.seq);
      },
      record,
      clock,
      hostname,
      platform,
    }),
    deliveries: openDeliveries({ state: store.state, folder, clock, record, log, signal: stop }),
    swarm: deps.swarm,
    meter: deps.meter,
    clock,
    log,
    hostname,
    platform,
    record,
    lock: createLock(),
    stop,
  };
}

/** Applies verified entries: wanted state, position and what is pending change together. The lock is held. */
async function applyEntries(context: FolderContext, { verify }: Verified): Promise<Totals> {
  const { number, wanted } = context;
  const entries = verify.segments.flatMap((segment) => segment.entries);
  const { position } = context.store.folders.get(context.id)!;
  const later = entries.filter(({ seq }) => seq > position.seq);
  const changed = changesOf(later, (path) => wanted.get(number, path));
  await applyChanges(applyDeps(context), changed, verify.end, () =>
    [...changed].map(([path, { after }]) => markPath(context, path, after)),
  );
  await followNames(context, changed.keys());
  return totalsOf(changed);
}

async function replaceBySnapshot(context: FolderContext, { plan, verify }: Verified): Promise<void> {
  if (plan.kind !== 'snapshot') return;
  const { id, number, store, wanted } = context;
  const bytes = store.blobs.get(plan.snapshot.blob);
  if (bytes === undefined) return;
  await replaceState(applyDeps(context), readSnapshot(bytes, id, plan.snapshot), plan.snapshot);
  const changed = changesOf(
    verify.segments.flatMap(({ entries }) => entries.filter(({ seq }) => seq > plan.snapshot.seq)),
    (path) => wanted.get(number, path),
  );
  await applyChanges(applyDeps(context), changed, verify.end, () => []);
  if (!foldsNames(context.platform)) return;
  // What is pending is computed anew afterwards; here only the clashes of names are.
  for (let page = wanted.page(number, undefined, PAGE); page.length > 0; ) {
    await context.names.follow(
      number,
      page.map(({ path }) => path),
      (path) => wanted.occupies(number, path),
    );
    page = wanted.page(number, page.at(-1)!.path, PAGE);
  }
  for (let page = store.journal.page(number, undefined, PAGE); page.length > 0; ) {
    await context.names.follow(
      number,
      page.map(({ path }) => path),
      (path) => wanted.occupies(number, path),
    );
    page = store.journal.page(number, page.at(-1)!.path, PAGE);
  }
}

function applyDeps({ id, number, store, wanted }: FolderContext) {
  return { id, number, folders: store.folders, wanted };
}

function markPath(context: FolderContext, path: string, record: ReturnType<WantedFiles['get']>): Promise<unknown> {
  const { number, store, pending } = context;
  const held = store.journal.get(number, path);
  if (record !== undefined && differs(context, record, held)) return pending.mark(path, record.size);
  if (record === undefined && held !== undefined) return pending.mark(path, undefined);
  return pending.clear(path);
}

/** Files whose stored name changes because others came or went. */
async function followNames(context: FolderContext, changed: Iterable<string>): Promise<void> {
  const { names, number, wanted } = context;
  const affected = await names.follow(number, changed, (path) => wanted.occupies(number, path));
  for (const path of affected) {
    const record = wanted.get(number, path);
    if (record !== undefined) await markPath(context, path, record);
    for (let page = wanted.page(number, `${path}/`, PAGE); page.length > 0; ) {
      const below = page.filter((file) => file.path.startsWith(`${path}/`));
      for (const file of below) await markPath(context, file.path, file);
      page = below.length < page.length ? [] : wanted.page(number, page.at(-1)!.path, PAGE);
    }
  }
}

function totalsOf(changed: ChangedPaths): Totals {
  const totals = { files: 0, bytes: 0 };
  for (const { before, after } of changed.values()) {
    totals.files += (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    totals.bytes += (after?.size ?? 0) - (before?.size ?? 0);
  }
  return totals;
}
