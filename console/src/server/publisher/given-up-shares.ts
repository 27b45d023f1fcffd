/** Deletes at Nextcloud the shares that were given up here, and forgets each only when it is gone there. */
import { isHarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import { HAND_OVER_MS, ORPHAN_PREFIX, OrphanShare, orphanPrefixOf } from '../content/removal.ts';
import { createLimiter, type Limiter } from '../indexer/limiter.ts';
import type { Clock, Logger } from '../ports.ts';

export interface GivenUpShares {
  /** Looks at all of them; deletes those that are due. Returns at once; while that runs, one more look follows it. */
  tend(): void;
  /** Ids of those of a Nextcloud, which no assignment may take up again. */
  idsAt(nextcloudId: string): Promise<ReadonlySet<string>>;
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Between two tries to delete a share. */
const RETRY_MS = 15_000;
/** At one time at one Nextcloud. They have a lane of their own: ending a link must not wait for a hundred that are made. */
const DELETIONS_AT_ONCE = 2;

export function createGivenUpShares(deps: {
  prisma: PrismaClient;
  clock: Clock;
  logger: Logger;
  /** Deletes it at Nextcloud; gone already is fine. @throws {HarpError} `api.not_found` if that Nextcloud was removed here */
  remove(share: OrphanShare): Promise<void>;
}): GivenUpShares {
  const { prisma, clock, logger } = deps;
  const limiters = new Map<string, Limiter>();
  /** Settings' keys of shares whose deletion failed. */
  const retryAtMs = new Map<string, number>();
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let cancelLook = () => {};

  const limiterOf = (nextcloudId: string): Limiter => {
    const known = limiters.get(nextcloudId) ?? createLimiter(DELETIONS_AT_ONCE);
    limiters.set(nextcloudId, known);
    return known;
  };

  /** How long a share has to wait. A clock that was set back must not keep it alive. */
  const waitOf = (key: string, { notBeforeMs = 0 }: OrphanShare): number => {
    const nowMs = clock.nowMs();
    return Math.max(
      Math.min(notBeforeMs - nowMs, HAND_OVER_MS),
      Math.min((retryAtMs.get(key) ?? 0) - nowMs, RETRY_MS),
      0,
    );
  };

  /** @returns milliseconds until somebody must look again, undefined if nothing is left */
  const look = async (): Promise<number | undefined> => {
    const rows = await prisma.setting.findMany({ where: { key: { startsWith: ORPHAN_PREFIX } } });
    const waits = await Promise.all(
      rows.map(async ({ key, value }) => {
        const orphan = OrphanShare.safeParse(value);
        if (!orphan.success) {
          await prisma.setting.deleteMany({ where: { key } });
          return [];
        }
        const waitMs = waitOf(key, orphan.data);
        if (waitMs > 0) return [waitMs];
        return (await deleted(key, orphan.data)) ? [] : [RETRY_MS];
      }),
    );
    const left = waits.flat();
    return left.length === 0 ? undefined : Math.min(...left);
  };

  const deleted = (key: string, orphan: OrphanShare): Promise<boolean> =>
    limiterOf(orphan.nextcloudId).run(async () => {
      try {
        if (!(await isUsed(orphan))) await deps.remove(orphan);
      } catch (error) {
        // Without its Nextcloud there is no credential to delete it with.
        if (!isHarpError(error, 'api.not_found')) {
          retryAtMs.set(key, clock.nowMs() + RETRY_MS);
          logger.warn({ share: orphan.shareId, error }, 'a share that was given up could not be deleted yet');
          return false;
        }
        logger.warn({ share: orphan.shareId }, 'a share stays at a Nextcloud that was removed here');
      }
      await prisma.setting.deleteMany({ where: { key } });
      retryAtMs.delete(key);
      return true;
    });

  /** Two folders of one path share a link: only one of them may have given it up. */
  const isUsed = async ({ nextcloudId, shareId }: OrphanShare): Promise<boolean> =>
    (await prisma.folderOffice.count({ where: { shareId, folder: { nextcloudId } } })) > 0;

  const tend = (): void => {
    if (stopped) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = (async () => {
      let nextMs: number | undefined;
      do {
        again = false;
        nextMs = await look().catch((error: unknown) => {
          logger.warn({ error }, 'shares that were given up could not be looked at');
          return RETRY_MS;
        });
      } while (again && !stopped);
      running = undefined;
      cancelLook();
      if (nextMs !== undefined && !stopped) cancelLook = clock.after(nextMs, tend);
    })();
  };

  return {
    tend,
    async idsAt(nextcloudId) {
      const prefix = orphanPrefixOf({ nextcloudId });
      const rows = await prisma.setting.findMany({ where: { key: { startsWith: prefix } }, select: { key: true } });
      return new Set(rows.map(({ key }) => key.slice(prefix.length)));
    },
    async stop() {
      stopped = true;
      cancelLook();
      await running;
    },
  };
}
