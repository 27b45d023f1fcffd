/** Keeps a read-only share for every folder in every office: makes missing ones, renews them, has those deleted that were given up. */
import type { FolderId, OfficeId } from '@harp/broker/protocol';
import { isHarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import { rememberOrphans } from '../content/removal.ts';
import { createLimiter, type Limiter } from '../indexer/limiter.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Capabilities } from '../nextcloud/capabilities.ts';
import type { Connections, OpenConnection } from '../nextcloud/connections.ts';
import { createShares, type Shares } from '../nextcloud/shares.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import type { Assignment } from './fleet-rows.ts';
import { sharePlace } from './fleet-rows.ts';
import { createGivenUpShares } from './given-up-shares.ts';

export interface ShareKeeper {
  /** Looks at all assignments; begins what is missing or due. Returns at once. */
  sync(assignments: readonly Assignment[]): void;
  /** An agent was refused with the share of this assignment: looks whether it still serves. */
  suspect(folder: FolderId, office: OfficeId): void;
  /** Assignments whose share is being made right now for the first time. */
  beingMade(): ReadonlySet<string>;
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Between two tries to make a share that failed. */
const RETRY_MS = 60_000;
/** Between two looks at a share that works: in time for any expiry of a day or more. */
const RECHECK_MS = 12 * 3_600_000;
/** Many agents of an office may complain at once. */
const SUSPECT_PAUSE_MS = 60_000;
const CAPABILITIES_TTL_MS = 10 * 60_000;
/**
 * Between two links made for a folder of an office one after the other. Who revokes ten PCs in a row costs two or three links and not ten; meanwhile the
 * office has none, and its PCs share what they have.
 */
const REMAKE_PAUSE_MS = 5000;
/** Shares that are looked at or made at one time at one Nextcloud. */
const CALLS_AT_ONCE = 2;

/** Names an assignment. */
export function assignmentKey({ folderId, officeId }: { folderId: string; officeId: string }): string {
  return `${folderId}/${officeId}`;
}

interface Watch {
  source: string;
  dueAtMs: number;
  lastSuspectMs: number;
  /** When the share was last made or found anew, if it was. */
  madeAtMs: number;
  /** Whether the assignment had a share after the last look at it. */
  isThere: boolean;
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
  let cancelWake = () => {};
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

  const givenUp = createGivenUpShares({
    prisma,
    clock,
    logger,
    remove: ({ nextcloudId, shareId }) => connections.use(nextcloudId, (open) => sharesOf(open).remove(shareId)),
  });

  /** Makes or looks after the share. @returns whether it is the assignment's now; else it was given up meanwhile */
  const ensure = async (assignment: Assignment): Promise<boolean> => {
    const { folderId, officeId, officeName: label, nextcloudId, path, share: known } = assignment;
    const share = await limiterOf(nextcloudId).run(() =>
      connections.use(nextcloudId, async (open) => {
        const wanted = { davUser: open.davUser, path, label, givenUp: await givenUp.idsAt(nextcloudId) };
        return sharesOf(open).ensure(wanted, known);
      }),
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
    return prisma.$transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ shareId: string | null }[]>`
        SELECT "shareId" FROM "FolderOffice" WHERE "folderId" = ${folderId} AND "officeId" = ${officeId} FOR UPDATE`;
      if (row !== undefined && share.id === known?.id && row.shareId !== share.id) return false;
      if (row !== undefined) await tx.folderOffice.updateMany({ where: { folderId, officeId }, data });
      // The assignment was removed meanwhile, with no share to remember.
      else await rememberOrphans(tx, [{ nextcloudId, shareId: share.id }]);
      return true;
    });
  };

  const tend = (assignment: Assignment, watch: Watch): void => {
    const key = assignmentKey(assignment);
    if (underWay.has(key)) return;
    if (assignment.share === undefined) making.add(key);
    const run = ensure(assignment)
      .then((isThere) => {
        if (isThere && assignment.share === undefined) watch.madeAtMs = clock.nowMs();
        watch.isThere = isThere;
        return isThere ? RECHECK_MS : 0;
      })
      .catch(async (error: unknown) => {
        watch.isThere = assignment.share !== undefined;
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

  /** When it is to be looked at. A share that was there and is not was given up; or it was made since `assignment` was read. */
  const dueAtMs = (assignment: Assignment, watch: Watch): number =>
    watch.isThere && assignment.share === undefined ? watch.madeAtMs + REMAKE_PAUSE_MS : watch.dueAtMs;

  return {
    sync(assignments) {
      const nowMs = clock.nowMs();
      const present = new Set(assignments.map(assignmentKey));
      for (const key of watches.keys()) if (!present.has(key)) watches.delete(key);
      let wakeInMs = Number.POSITIVE_INFINITY;
      for (const assignment of assignments) {
        const key = assignmentKey(assignment);
        // At start every share is looked at once: rules may have changed, links may have expired.
        const watch = watches.get(key) ?? { source: '', dueAtMs: 0, lastSuspectMs: 0, madeAtMs: 0, isThere: false };
        watches.set(key, watch);
        const waitMs = watch.source === assignment.source ? dueAtMs(assignment, watch) - nowMs : 0;
        watch.source = assignment.source;
        if (waitMs <= 0) tend(assignment, watch);
        else wakeInMs = Math.min(wakeInMs, waitMs);
      }
      cancelWake();
      if (wakeInMs <= REMAKE_PAUSE_MS) cancelWake = clock.after(wakeInMs, deps.onSettled);
      givenUp.tend();
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
    async stop() {
      cancelWake();
      await givenUp.stop();
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
