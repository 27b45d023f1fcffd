/** Brings one folder's chain up to date with Nextcloud: walks until a walk is complete and the root stands still. */
import type { FolderId } from '@harp/broker/protocol';
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { Folder, PrismaClient } from '@harp/prisma';
import type { ChainWriter, CommittedHead } from '../content/chain-writer.ts';
import { APPEND_MAX_CHANGES } from '../content/chain-writer.ts';
import type { WatchWalk } from '../jobs/index-jobs.ts';
import type { Connections, OpenConnection } from '../nextcloud/connections.ts';
import { joinPath, trimPath } from '../nextcloud/paths.ts';
import type { Clock, Logger } from '../ports.ts';
import { createBatcher } from './batcher.ts';
import { createFileReader } from './file-reader.ts';
import { forgetMarks, loadWalkStart, storeComplete, storeFailure, storeMarks, storeProblems } from './index-rows.ts';
import type { Limiter } from './limiter.ts';
import { createProgressStore } from './progress-store.ts';
import { walkFolder } from './walk.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface FolderIndexerDeps {
  prisma: PrismaClient;
  writer: ChainWriter;
  connections: Pick<Connections, 'use'>;
  pool: Pick<WorkerPool, 'cut'>;
  /** The limits of a Nextcloud, shared by all its folders. */
  limitsOf(nextcloudId: string): { reads: Limiter; lists: Limiter };
  clock: Clock;
  logger: Logger;
  /** A head was committed. */
  onHead(head: CommittedHead): void;
  /** Something people see of the folder changed. */
  onChange(): void;
  /** A walk begins. */
  watchWalk?: WatchWalk | undefined;
}

/** A batch of changes waits this long for more, so that agents get the first files while the rest is still being read. */
const BATCH_MAX_WAIT_MS = 1000;
const BATCH_MAX_BYTES = 32 * 1024 * 1024;
/** Walks in a row while the folder keeps changing; the next poll goes on. */
const ROUNDS_MAX = 6;
/** After so many walks that saw the folder change, what vanished counts as deleted even though it may turn up elsewhere. */
const PATIENT_ROUNDS = 3;

/**
 * One run for one folder. What fails is written on the folder's row and thrown.
 *
 * @throws {HarpError} `api.not_found` if the folder is gone; `origin.*` if Nextcloud does not let us.
 */
export async function indexFolder(deps: FolderIndexerDeps, folderId: FolderId, signal: AbortSignal): Promise<void> {
  const { prisma, connections } = deps;
  const folder = await prisma.folder.findUnique({ where: { id: folderId } });
  if (folder === null) throw new HarpError('api.not_found', 'there is no such folder', { facts: { folder: folderId } });
  try {
    await connections.use(folder.nextcloudId, (open) => walkUntilStill(deps, folder, open, signal));
  } catch (error) {
    signal.throwIfAborted();
    const code = isHarpError(error) ? error.code : 'internal.unexpected';
    const detail = error instanceof Error ? error.message : String(error);
    if (await storeFailure(prisma, folder, { code, detail })) {
      deps.logger.warn({ folder: folder.name, code, detail }, 'a folder cannot be indexed');
      deps.onChange();
    }
    throw error;
  }
}

async function walkUntilStill(
  deps: FolderIndexerDeps,
  folder: Folder,
  open: OpenConnection,
  signal: AbortSignal,
): Promise<void> {
  const { prisma, clock } = deps;
  const folderId = folder.id as FolderId;
  const rootPath = trimPath(folder.path);
  let doneEtag = (await hasHead(prisma, folderId)) ? folder.rootEtag : null;
  let complete = doneEtag !== null;
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const root = await open.client.stat(open.davUser, rootPath, signal);
    if (!root.isFolder) throw new HarpError('origin.not_found', 'the path leads to a file, not to a folder');
    if (root.etag === '') throw new HarpError('origin.unexpected', 'Nextcloud gives the folder no ETag');
    if (root.etag === doneEtag) break;
    complete = await walkWatched(deps, { folder, folderId, rootPath, open, rootEtag: root.etag, round, signal });
    doneEtag = root.etag;
  }
  if (!complete) return;
  await storeComplete(prisma, folderId, { rootEtag: doneEtag, atMs: clock.nowMs() });
  if (folder.errorCode !== null) deps.onChange();
}

interface Round {
  folder: Folder;
  folderId: FolderId;
  rootPath: string;
  open: OpenConnection;
  rootEtag: string;
  round: number;
  signal: AbortSignal;
}

async function walkWatched(deps: FolderIndexerDeps, at: Round): Promise<boolean> {
  const watcher = deps.watchWalk?.({ id: at.folderId, name: at.folder.name });
  try {
    const { complete, problems } = await walkOnce(deps, at, (changes) => watcher?.appended(changes));
    watcher?.ended({ complete, problems });
    return complete;
  } catch (error) {
    watcher?.failed(error);
    throw error;
  }
}

async function walkOnce(
  deps: FolderIndexerDeps,
  at: Round,
  onAppended: (changes: number) => void,
): Promise<{ complete: boolean; problems: number }> {
  const { prisma, writer, clock, logger, onHead, onChange } = deps;
  const { folder, folderId, rootPath, open, rootEtag, round, signal } = at;
  const { reads, lists } = deps.limitsOf(open.id);
  const startedMs = clock.nowMs();
  let appended = 0;
  const append = async (changes: Parameters<ChainWriter['append']>[1]): Promise<void> => {
    const head = await writer.append(folderId, changes);
    appended += changes.length;
    onAppended(changes.length);
    onHead(head);
    onChange();
  };
  const progress = createProgressStore(prisma, folderId);
  const outcome = await walkFolder(
    {
      ...(await loadWalkStart(prisma, folderId)),
      list: (path) => lists.run(() => open.client.list(open.davUser, joinInside(rootPath, path), signal)),
      read: createFileReader({
        source: { ...open, rootPath },
        pool: deps.pool,
        limiter: reads,
        progress,
        clock,
        signal,
      }),
      changes: createBatcher({
        append,
        clock,
        limits: { maxChanges: APPEND_MAX_CHANGES, maxBytes: BATCH_MAX_BYTES, maxWaitMs: BATCH_MAX_WAIT_MS },
      }),
      storeMarks: (marks) => storeMarks(prisma, folderId, marks),
      settled: async () =>
        round > PATIENT_ROUNDS || (await open.client.stat(open.davUser, rootPath, signal)).etag === rootEtag,
    },
    rootEtag,
  );
  await forgetMarks(prisma, folderId, outcome.goneFolders);
  await storeProblems(prisma, folderId, outcome, clock.nowMs());
  // An empty folder has a chain too: agents must know that there is nothing.
  if (outcome.complete && !(await hasHead(prisma, folderId))) await append([]);
  if (outcome.complete) await prisma.indexProgress.deleteMany({ where: { folderId } });
  if (outcome.problems.length > 0) onChange();
  logger.info(
    {
      folder: folder.name,
      changes: appended,
      problems: outcome.problems.length,
      complete: outcome.complete,
      tookMs: clock.nowMs() - startedMs,
    },
    'walked a folder',
  );
  return { complete: outcome.complete, problems: outcome.problems.length };
}

function joinInside(rootPath: string, path: string): string {
  if (path === '') return rootPath;
  return joinPath(rootPath, path);
}

async function hasHead(prisma: PrismaClient, folderId: FolderId): Promise<boolean> {
  return (await prisma.headRow.count({ where: { folderId } })) > 0;
}
