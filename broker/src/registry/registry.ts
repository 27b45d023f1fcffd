/**
 * Who belongs to the fleet right now: agent → office → folders, and who is revoked. A copy of the database in memory, read anew when somebody says
 * that it changed (`harp_fleet`), every half minute in case that was missed, and once more before anybody is turned away.
 */
import type { Membership } from '../acl/acl.ts';
import type { FleetRights } from '../acl/acl-file.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AgentId, FolderId, OfficeId } from '../protocol/index.ts';

/** The fleet as the database has it. */
export interface FleetRows {
  agents: readonly { id: AgentId; officeId: OfficeId; isRevoked: boolean }[];
  folders: readonly { officeId: OfficeId; folderId: FolderId }[];
  /** Whose keys may not come back, also when the agent’s row has gone with its office. */
  blocked: readonly AgentId[];
}

/** Least time between two reads that refused clients cause: a hostile one must not turn refusals into database load. */
const REREAD_EVERY_MS = 250;

/** Safety net for a lost notification. */
const REFRESH_EVERY_MS = 30_000;

const NOTHING: ReadonlySet<FolderId> = new Set();

/** After a failed read. */
const RETRY_AFTER_MS = 1_000;

export interface Registry extends Membership {
  /** Reads the database. Resolves when a read that began after this call has ended. @throws what the database throws; the old state stays. */
  refresh(): Promise<void>;
  /** As `refresh`, but at most four reads a second for all callers together, and never rejects. */
  reread(): Promise<void>;
  /** The fleet changed: reads again soon, and until it succeeds. */
  invalidate(): void;
  /** Everybody's rights, as they were read last. */
  rights(): FleetRights;
  stop(): void;
}

export interface RegistryOptions {
  read: () => Promise<FleetRows>;
  /** Called with agents that were active and no longer are. */
  onGone: (agents: AgentId[]) => void;
  /** Called after every read, and after `onGone`. */
  onRead?: () => void;
  clock: Clock;
  logger: Logger;
}

/** A registry with the fleet as it is now. @throws what the database throws at the first read. */
export async function openRegistry({ read, onGone, onRead, clock, logger }: RegistryOptions): Promise<Registry> {
  let active = new Map<AgentId, OfficeId>();
  let revoked: ReadonlySet<AgentId> = new Set();
  let folders = new Map<OfficeId, Set<FolderId>>();
  let reading: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  let rereading: Promise<void> | undefined;
  let lastReadAtMs = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  let cancelNext = () => {};

  const readOnce = async (): Promise<void> => {
    lastReadAtMs = clock.nowMs();
    const rows = await read();
    const before = active;
    active = new Map(rows.agents.filter(({ isRevoked }) => !isRevoked).map(({ id, officeId }) => [id, officeId]));
    const shutOut = [...rows.agents.filter(({ isRevoked }) => isRevoked).map(({ id }) => id), ...rows.blocked];
    revoked = new Set(shutOut.filter((agent) => !active.has(agent)));
    folders = new Map();
    for (const { officeId, folderId } of rows.folders) {
      folders.set(officeId, (folders.get(officeId) ?? new Set()).add(folderId));
    }
    const gone = [...before.keys()].filter((agent) => !active.has(agent));
    if (gone.length > 0) onGone(gone);
    onRead?.();
  };

  const startRead = (): Promise<void> => {
    reading = readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  const refresh = (): Promise<void> => {
    if (reading === undefined) return startRead();
    // The read under way may have begun before the change that the caller knows of; all callers share the one after it.
    waiting ??= reading
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return startRead();
      });
    return waiting;
  };

  const refreshAndGoOn = (): void => {
    cancelNext();
    refresh().then(
      () => again(REFRESH_EVERY_MS),
      (error: unknown) => {
        logger.warn({ err: error }, 'cannot read the fleet; going on with what is known');
        again(RETRY_AFTER_MS);
      },
    );
  };
  const again = (delayMs: number): void => {
    cancelNext();
    if (!isStopped) cancelNext = clock.after(delayMs, refreshAndGoOn);
  };

  const reread = (): Promise<void> => {
    rereading ??= new Promise<void>((resolve) => {
      const waitMs = Math.max(0, lastReadAtMs + REREAD_EVERY_MS - clock.nowMs());
      const run = () => {
        rereading = undefined;
        refresh().then(resolve, (error: unknown) => {
          logger.warn({ err: error }, 'cannot read the fleet; going on with what is known');
          resolve();
        });
      };
      if (waitMs === 0) run();
      else clock.after(waitMs, run);
    });
    return rereading;
  };

  await refresh();
  again(REFRESH_EVERY_MS);

  return {
    isActive: (agent) => active.has(agent),
    hasFolder: (agent, folder) => {
      const office = active.get(agent);
      return office !== undefined && (folders.get(office)?.has(folder) ?? false);
    },
    refresh,
    reread,
    invalidate: refreshAndGoOn,
    rights: () => ({
      agents: new Map([...active].map(([agent, office]) => [agent, folders.get(office) ?? NOTHING])),
      revoked,
    }),
    stop() {
      isStopped = true;
      cancelNext();
    },
  };
}
