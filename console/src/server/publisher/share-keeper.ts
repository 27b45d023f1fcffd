/** Keeps a read-only share for every folder in every office: makes missing ones, renews them, deletes those nobody uses. */
import type { FolderId, OfficeId } from '@harp/broker/protocol';
import { isHarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import { ORPHAN_PREFIX, OrphanShare } from '../content/removal.ts';
import { createLimiter, type Limiter } from '../indexer/limiter.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Capabilities } from '../nextcloud/capabilities.ts';
import type { Connections, OpenConnection } from '../nextcloud/connections.ts';
import { createShares, type Shares } from '../nextcloud/shares.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import type { Assignment } from './fleet-rows.ts';
import { sharePlace } from './fleet-rows.ts';

export interface ShareKeeper {
  /** Looks at all assignments; begins what is missing or due. Returns at once. */
  sync(assignments: readonly Assignment[]): void;
  /** An agent was refused with the share of this assignment: looks whether it still serves. */
  suspect(folder: FolderId, office: OfficeId): void;
  /** Assignments whose share is being made right now for the first time. */
  beingMade(): ReadonlySet<string>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Between two tries to make a share that failed. */
const RETRY_MS = 60_000;
/** Between two looks at a share that works: in time for any expiry of a day or more. */
const RECHECK_MS = 12 * 3_600_000;
/** Many agents of an office may complain at once. */
const SUSPECT_PAUSE_MS = 60_000;
const CAPABILITIES_TTL_MS = 10 * 60_000;
/** Share calls at one time to one Nextcloud. */
const CALLS_AT_ONCE = 2;

/** Names an assignment. */
export function assignmentKey({ folderId, officeId }: { folderId: string; officeId: string }): string {
  return `${folderId}/${officeId}`;
}

interface Watch {
  source: string;
  dueAtMs: number;
  lastSuspectMs: number;
}

export function createShareKeeper(deps: {
  prisma: PrismaClient;
  connections: Pick<Connections, 'use'>;
  secrets: Pick<Secrets, 'seal'>;
  clock: Clock;
  random: RandomBytes;
  logger: Logger;
  /** A share was made or changed, or one could not be made. */
  onSettled(): void;
}): ShareKeeper {
  const { prisma, connections, secrets, clock, random, logger } = deps;
  const watches = new Map<string, Watch>();
  const underWay = new Map<string, Promise<void>>();
  const making = new Set<string>();
  const limiters = new Map<string, Limiter>();
  const capabilities = new Map<string, { value: Capabilities; atMs: number }>();

  const limiterOf = (nextcloudId: string): Limiter => {
    const known = limiters.get(nextcloudId) ?? createLimiter(CALLS_AT_ONCE);
    limiters.set(nextcloudId, known);
    return known;
  };

  const sharesOf = (open: OpenConnection): Shares => {
    const { client } = open;
    const cached = async (signal?: AbortSignal): Promise<Capabilities> => {
      const known = capabilities.get(open.id);
      if (known !== undefined && clock.nowMs() - known.atMs < CAPABILITIES_TTL_MS) return known.value;
      const value = await client.capabilities(signal);
      capabilities.set(open.id, { value, atMs: clock.nowMs() });
      return value;
    };
    return createShares({
      client: { ocs: client.ocs, answersPublicDav: client.answersPublicDav, capabilities: cached },
      clock,
      random,
    });
  };

  const ensure = async (assignment: Assignment): Promise<void> => {
    const { folderId, officeId, officeName, nextcloudId, path, share: known } = assignment;
    const share = await limiterOf(nextcloudId).run(() =>
      connections.use(nextcloudId, (open) =>
        sharesOf(open).ensure({ davUser: open.davUser, path, label: officeName }, known),
      ),
    );
    const data = {
      shareId: share.id,
      tokenSealed: secrets.seal(sharePlace(assignment, 'tokenSealed'), share.token),
      passwordSealed:
        share.password === undefined ? null : secrets.seal(sharePlace(assignment, 'passwordSealed'), share.password),
      dialect: share.dialect,
      errorCode: null,
      errorDetail: null,
    };
    const { count } = await prisma.folderOffice.updateMany({ where: { folderId, officeId }, data });
    await prisma.setting.deleteMany({ where: { key: orphanKey({ nextcloudId, shareId: share.id }) } });
    // The assignment was removed meanwhile, with no share to remember.
    if (count === 0) await rememberForDeletion({ nextcloudId, shareId: share.id });
  };

  const rememberForDeletion = async (orphan: OrphanShare): Promise<void> => {
    const key = orphanKey(orphan);
    await prisma.setting.upsert({ where: { key }, create: { key, value: orphan }, update: { value: orphan } });
  };

  const tend = (assignment: Assignment, watch: Watch): void => {
    const key = assignmentKey(assignment);
    if (underWay.has(key)) return;
    if (assignment.share === undefined) making.add(key);
    const run = ensure(assignment)
      .then(() => RECHECK_MS)
      .catch(async (error: unknown) => {
        await recordFailure(assignment, error);
        return RETRY_MS;
      })
      .then((pauseMs) => {
        underWay.delete(key);
        making.delete(key);
        watch.dueAtMs = clock.nowMs() + pauseMs;
        deps.onSettled();
      });
    underWay.set(key, run);
  };

  const recordFailure = async (assignment: Assignment, error: unknown): Promise<void> => {
    const { folderId, officeId } = assignment;
    const code = isHarpError(error) ? error.code : 'internal.unexpected';
    const detail = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
    logger.warn({ folder: folderId, office: officeId, code, detail }, 'a share cannot be made');
    await prisma.folderOffice
      .updateMany({ where: { folderId, officeId }, data: { errorCode: code, errorDetail: detail } })
      .catch((cause: unknown) => logger.error({ error: cause }, 'the failure of a share could not be stored'));
  };

  /** Deletes remembered shares, unless an assignment has taken one up again. */
  const deleteOrphans = async (): Promise<void> => {
    const rows = await prisma.setting.findMany({ where: { key: { startsWith: ORPHAN_PREFIX } } });
    for (const { key, value } of rows) {
      const orphan = OrphanShare.safeParse(value);
      if (orphan.success && !(await isUsed(orphan.data))) await deleteShare(orphan.data);
      await prisma.setting.deleteMany({ where: { key } });
    }
  };

  const isUsed = async ({ nextcloudId, shareId }: OrphanShare): Promise<boolean> =>
    (await prisma.folderOffice.count({ where: { shareId, folder: { nextcloudId } } })) > 0;

  const deleteShare = async ({ nextcloudId, shareId }: OrphanShare): Promise<void> => {
    try {
      await limiterOf(nextcloudId).run(() => connections.use(nextcloudId, (open) => sharesOf(open).remove(shareId)));
    } catch (error) {
      // Without its Nextcloud there is no credential to delete it with.
      if (!isHarpError(error, 'api.not_found')) throw error;
      logger.warn({ share: shareId }, 'a share stays at a Nextcloud that was removed here');
    }
  };

  const tendOrphans = (): void => {
    if (underWay.has(ORPHANS)) return;
    const run = deleteOrphans()
      .catch((error: unknown) => logger.warn({ error }, 'unused shares could not be deleted'))
      .finally(() => underWay.delete(ORPHANS));
    underWay.set(ORPHANS, run);
  };

  return {
    sync(assignments) {
      const nowMs = clock.nowMs();
      const present = new Set(assignments.map(assignmentKey));
      for (const key of watches.keys()) if (!present.has(key)) watches.delete(key);
      for (const assignment of assignments) {
        const key = assignmentKey(assignment);
        const known = watches.get(key);
        // At start every share is looked at once: rules may have changed, links may have expired.
        const due = known === undefined || known.source !== assignment.source || nowMs >= known.dueAtMs;
        const watch = known ?? { source: '', dueAtMs: 0, lastSuspectMs: 0 };
        watch.source = assignment.source;
        watches.set(key, watch);
        if (due) tend(assignment, watch);
      }
      tendOrphans();
    },
    suspect(folderId, officeId) {
      const watch = watches.get(assignmentKey({ folderId, officeId }));
      const nowMs = clock.nowMs();
      if (watch === undefined || nowMs - watch.lastSuspectMs < SUSPECT_PAUSE_MS) return;
      watch.lastSuspectMs = nowMs;
      watch.dueAtMs = 0;
      deps.onSettled();
    },
    beingMade: () => making,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** The name under which the deletion of unused shares runs: one at a time. */
const ORPHANS = 'orphans';

function orphanKey({ nextcloudId, shareId }: OrphanShare): string {
  return `${ORPHAN_PREFIX}${nextcloudId}.${shareId}`;
}
