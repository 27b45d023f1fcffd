import { setImmediate } from 'node:timers/promises';
import { type ErrorCode, type FileRecord, type FolderReport, GENESIS } from '@harp/broker/protocol';
import { asDiskError } from '../files/disk.ts';
import { needsManifestBlob } from '../files/manifests.ts';
import type { PartialFile } from '../store/partial-files.ts';
import { createWake } from '../wake.ts';
import { backOffMs } from './back-off.ts';
import { contentOf, type FolderContext, isCurrent } from './context.ts';
import { createFetchWindow } from './fetch-window.ts';
import { createFinisher } from './finisher.ts';
import { createLocalSources } from './local-sources.ts';
import { createManifestLoader } from './manifest-loader.ts';
import { createPutFile } from './put-file.ts';
import { createRearrange } from './rearrange.ts';
import { audit, reconcile, type Totals } from './recheck.ts';
import { createTroubles } from './troubles.ts';

/** Makes what is on disk what the chain says, for one folder: the one loop that decides what is done next. */
export interface FolderWorker {
  run(): Promise<void>;
  /** What the chain wants has changed, and `pending` with it. */
  chainChanged(change: Totals): void;
  /** Ends everything that depends on the wanted state, runs `replace`, and starts over. */
  whileSuspended(replace: () => Promise<void>): Promise<void>;
  report(head: { upToDate: boolean; reason: ErrorCode | undefined }): Omit<FolderReport, 'id' | 'seq' | 'link'>;
}

interface Active {
  record: FileRecord;
  partial: PartialFile | undefined;
  controller: AbortController;
  ended: Promise<void>;
}

/** Files in work at a time, and the chunks they may lack together: enough to keep the window of chunks full. */
const FILES_MAX = 2000;
const CHUNKS_MAX = 2000;
const REFILL_BELOW = 0.75;
/** For a file whose manifest is not here yet. */
const CHUNK_GUESS_BYTES = 1024 * 1024;
const PAGE = 256;
/** Looking at 200 000 files takes some seconds of disk and processor: not more often than people would notice. */
const AUDIT_MS = 10 * 60 * 1000;

export function createFolderWorker(context: FolderContext, onDidChange: () => void): FolderWorker {
  const { id, number, store, wanted, pending, tree, clock, log, stop, deliveries } = context;
  const { folders, blobs, chunks, files, partials } = store;
  const wake = createWake(clock);
  const troubles = createTroubles({
    folder: id,
    clock,
    seed: context.hostname,
    record: context.record,
    onRecordFailed: (error) => log.error({ error: String(error) }, 'an event was not recorded'),
  });
  const sources = createLocalSources(context);
  const finisher = createFinisher(context);
  const manifests = createManifestLoader({ id, number }, blobs, context.swarm, stop);
  const window = createFetchWindow({ folder: id, swarm: context.swarm, chunks, stop, onRoom: wake.notify });
  const putFile = createPutFile(context, { manifests, window, finisher, sources });
  const rearrange = createRearrange(context);

  const active = new Map<string, Active>();
  let totals: Totals = { files: 0, bytes: 0 };
  /** Pending paths up to here were looked at; undefined = from the start. */
  let cursor: string | undefined;
  let allLookedAt = false;
  let mustRearrange = true;
  let scanned = false;
  let prepared = false;
  let suspended = 0;
  /** How often the whole wanted state was replaced: what was prepared for an earlier one does not count. */
  let replacements = 0;
  let auditAtMs = 0;
  let setUpReason: ErrorCode | undefined;

  const lookAgain = () => {
    cursor = undefined;
    allLookedAt = false;
    wake.notify();
  };

  // Files in work.

  const startFile = (record: FileRecord) => {
    const controller = new AbortController();
    const { signal } = controller;
    const entry: Active = { record, partial: undefined, controller, ended: Promise.resolve() };
    active.set(record.path, entry);
    entry.ended = putFile
      .put(record, signal, (partial) => {
        entry.partial = partial;
      })
      .then(
        () => troubles.succeeded(record.path),
        (error: unknown) => {
          if (!signal.aborted) fileFailed(record, error);
        },
      )
      .then(() => (isCurrent(context, record) ? undefined : abandon(entry)))
      .catch((error: unknown) => log.error({ error: String(error), path: record.path }, 'a file was not let go of'))
      .finally(() => {
        active.delete(record.path);
        if (pending.has(record.path)) lookAgain();
        wake.notify();
        onDidChange();
      });
  };
  const fileFailed = (record: FileRecord, error: unknown) => {
    const problem = asDiskError(error, record.path);
    troubles.failed(record.path, problem);
    tree.lookAgain();
    log.info({ folder: id, path: record.path, code: problem.code }, 'a file cannot be delivered now');
  };
  /** The chain wants something else at this path: what was assembled is kept as a source of chunks until the folder is complete. */
  const abandon = async ({ record, partial }: Active) => {
    if (partial !== undefined) {
      chunks.expectNothing(partial);
      await partials.release(partial);
      const row = files.get(partial.file);
      if (row?.kind === 'partial') await files.put(partial.file, { ...row, kind: 'retired' });
    }
    const { journal } = store;
    if (needsManifestBlob(contentOf(record)) && journal.get(number, record.path)?.seq !== record.seq)
      await blobs.release(record.manifest, number, record.seq);
  };
  const endAll = async () => {
    for (const { controller } of active.values()) controller.abort();
    await Promise.all([...active.values()].map(({ ended }) => ended));
  };
  const dropOutdated = () => {
    for (const entry of active.values()) if (!isCurrent(context, entry.record)) entry.controller.abort();
  };

  const chunksLacking = (): number => {
    let lacking = 0;
    for (const { record, partial } of active.values())
      lacking += partial?.missingCount ?? Math.ceil(record.size / CHUNK_GUESS_BYTES);
    return lacking;
  };
  const startFiles = async () => {
    const filesMax = Math.min(FILES_MAX, troubles.triesMax);
    // Counting is work: it is done when there is room for many, not after every file.
    if (allLookedAt || active.size > filesMax * REFILL_BELOW) return;
    let lacking = chunksLacking();
    while (!allLookedAt && active.size < filesMax && lacking < CHUNKS_MAX && !stop.aborted && suspended === 0) {
      const paths = pending.page(cursor, PAGE);
      if (paths.length === 0) allLookedAt = true;
      for (const path of paths) {
        if (active.size >= filesMax || lacking >= CHUNKS_MAX) break;
        cursor = path;
        if (active.has(path) || !troubles.mayTry(path)) continue;
        const record = wanted.get(number, path);
        if (record === undefined) continue;
        startFile(record);
        lacking += Math.ceil(record.size / CHUNK_GUESS_BYTES);
      }
      await setImmediate();
    }
  };

  // Rounds.

  const prepare = async () => {
    const before = replacements;
    await tree.makeRoot();
    totals = await reconcile(context);
    await audit(context);
    auditAtMs = clock.monotonicMs() + AUDIT_MS;
    await deliveries.flush();
    prepared = before === replacements;
    mustRearrange = true;
    lookAgain();
  };
  const runRearrange = async () => {
    mustRearrange = false;
    for (const { path, error } of await rearrange.run((path) => active.has(path))) troubles.failed(path, error);
    onDidChange();
  };
  const complete = async () => {
    const row = folders.get(id)!;
    troubles.allDone();
    await context.lock.run(async () => {
      await sources.tidy();
      await tree.sync();
    });
    await deliveries.flush();
    if (row.completedSeq >= row.position.seq || !pending.isEmpty) return;
    await context.record({ kind: 'folder.completed', atMs: clock.nowMs(), folder: id, seq: row.position.seq });
    await folders.update(id, { completedSeq: row.position.seq });
    log.info({ folder: id, seq: row.position.seq, files: totals.files }, 'folder complete');
    onDidChange();
  };
  const round = async () => {
    if (!prepared) await prepare();
    if (!prepared || suspended > 0) return;
    if (mustRearrange && !pending.isEmpty) await runRearrange();
    if (pending.putFiles > 0 && !scanned) {
      await sources.scan();
      scanned = true;
    }
    await startFiles();
    if (active.size > 0 || !allLookedAt || suspended > 0) return;
    if (pending.isEmpty) await complete();
    if (clock.monotonicMs() >= auditAtMs) {
      await audit(context);
      auditAtMs = clock.monotonicMs() + AUDIT_MS;
      if (!pending.isEmpty) lookAgain();
    }
  };
  /** Milliseconds until there is something to do unless somebody wakes us. */
  const pauseMs = (): number => {
    if (!prepared) return 0;
    troubles.keepOnly((path) => pending.has(path));
    const untilAuditMs = Math.max(0, auditAtMs - clock.monotonicMs());
    const untilTryMs = troubles.nextTryMs;
    // What may be tried and was not waits for room, and every file that ends wakes us.
    if (active.size > 0) return untilTryMs === undefined || untilTryMs === 0 ? AUDIT_MS : untilTryMs;
    return untilTryMs === undefined ? untilAuditMs : Math.min(untilAuditMs, untilTryMs);
  };
  /** The time has come for paths that had to wait: they are behind the cursor. */
  const retry = () => {
    cursor = undefined;
    allLookedAt = false;
    if (pending.removals > 0) mustRearrange = true;
  };

  return {
    async run() {
      let attempts = 0;
      let waitMs = 0;
      while (await wake.wait(waitMs, stop)) {
        if (suspended > 0) {
          waitMs = AUDIT_MS;
          continue;
        }
        try {
          if (troubles.nextTryMs === 0) retry();
          await round();
          if (setUpReason !== undefined) troubles.succeeded('');
          attempts = 0;
          setUpReason = undefined;
          waitMs = pauseMs();
        } catch (error) {
          if (stop.aborted) break;
          const problem = asDiskError(error, 'folder');
          setUpReason = problem.code;
          if (problem.code === 'disk.full') troubles.failed('', problem);
          log.warn({ folder: id, error: String(error) }, 'a folder is stopped by its disk');
          waitMs = backOffMs(++attempts, `${context.hostname}\n${id}`);
        }
        onDidChange();
      }
      await endAll();
      await window.idle();
      await deliveries.idle();
    },
    chainChanged(change) {
      totals = { files: totals.files + change.files, bytes: totals.bytes + change.bytes };
      troubles.newHead();
      dropOutdated();
      mustRearrange = true;
      lookAgain();
      onDidChange();
    },
    async whileSuspended(replace) {
      suspended++;
      replacements++;
      prepared = false;
      await endAll();
      try {
        await context.lock.run(replace);
        troubles.newHead();
      } finally {
        replacements++;
        suspended--;
        wake.notify();
      }
    },
    report({ upToDate, reason }) {
      const { position } = folders.get(id)!;
      let bytesInWork = 0;
      for (const { partial } of active.values()) bytesInWork += partial?.bytesPresent ?? 0;
      const trouble = setUpReason ?? troubles.reason ?? (upToDate ? undefined : reason);
      const known = prepared && (upToDate || position.seq > GENESIS.seq);
      let state: FolderReport['state'] = 'syncing';
      if (trouble !== undefined && (active.size === 0 || trouble === 'disk.full')) state = 'blocked';
      else if (!known) state = 'starting';
      else if (pending.isEmpty) state = 'complete';
      return {
        state,
        ...(state === 'blocked' && trouble !== undefined ? { reason: trouble } : {}),
        filesTotal: totals.files,
        filesDone: Math.max(0, totals.files - pending.putFiles),
        bytesTotal: totals.bytes,
        bytesDone: Math.min(totals.bytes, Math.max(0, totals.bytes - pending.putBytes + bytesInWork)),
      };
    },
  };
}
