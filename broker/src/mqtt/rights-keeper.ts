/**
 * Keeps the rights of a broker that others run those of the fleet: writes the ACL file, has the broker read it, and makes sure that it did. Agents that
 * are gone are cut off before (while their last will may still be published) and after (should they have come back in between).
 */
import { createHash } from 'node:crypto';
import { aclFile, aclLines, type FleetRights } from '../acl/acl-file.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';

/** The broker has read a file of ten thousand agents by then. */
const CONFIRM_MS = 5_000;
/** A broker that has the rights already says so within one round trip. */
const ALREADY_MS = 400;
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** Between two versions at most: hundreds of PCs may enrol in a minute, and every one of them waits for the next version only. */
const PAUSE_MAX_MS = 1_000;

export interface RightsKeeperPorts {
  rights(): FleetRights;
  /** The file as it stands; undefined if there is none. */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
  /** Makes the broker read the file. Does nothing where something else does. */
  reload(): Promise<void>;
  /** Whether the broker goes by the version `digest`, asked for at most `withinMs`. */
  goesBy(digest: string, withinMs: number): Promise<boolean>;
  cutOff(agents: readonly AgentId[]): Promise<void>;
  clock: Clock;
  logger: Logger;
}

export interface RightsKeeper {
  /** Since when, and why, the broker does not go by the newest rights. */
  readonly behind: { sinceMs: number; cause: string } | undefined;
  /** The fleet was read, or these agents are no longer of it. */
  changed(gone?: readonly AgentId[]): void;
  /** Resolves when what the fleet was at this call has been tried, with or without success. */
  settled(): Promise<void>;
  /** The broker may have forgotten what it was told. */
  doubt(): void;
  stop(): void;
}

export function createRightsKeeper(ports: RightsKeeperPorts): RightsKeeper {
  const { clock, logger } = ports;
  const gone = new Set<AgentId>();
  let asked = 0;
  let done = 0;
  let confirmed: string | undefined;
  let behind: RightsKeeper['behind'];
  let retryMs = RETRY_MIN_MS;
  let isStopped = false;
  let running = false;
  let cancelRetry = () => {};
  let waiters: { until: number; resolve: () => void }[] = [];

  const settle = (upTo: number): void => {
    done = upTo;
    const ready = waiters.filter(({ until }) => until <= upTo);
    waiters = waiters.filter(({ until }) => until > upTo);
    for (const { resolve } of ready) resolve();
  };

  const publish = async (): Promise<void> => {
    const lines = aclLines(ports.rights());
    const digest = createHash('sha256').update(lines).digest('hex').slice(0, 32);
    if (digest === confirmed) return;
    const text = aclFile(lines, digest);
    const isNew = (await ports.read()) !== text;
    if (isNew) await ports.write(text);
    if (isNew || !(await ports.goesBy(digest, ALREADY_MS))) {
      await ports.reload();
      if (!(await ports.goesBy(digest, CONFIRM_MS))) throw new Error('it was not heard to use them');
    }
    confirmed = digest;
    logger.debug({ rights: digest.slice(0, 8) }, 'the broker goes by the newest rights');
  };

  const step = async (): Promise<void> => {
    const upTo = asked;
    const leaving = [...gone];
    if (leaving.length > 0) await ports.cutOff(leaving);
    try {
      await publish();
      if (behind !== undefined) logger.info({}, 'the broker goes by the newest rights again');
      behind = undefined;
      retryMs = RETRY_MIN_MS;
      if (leaving.length > 0) await ports.cutOff(leaving);
      for (const agent of leaving) gone.delete(agent);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      if (behind === undefined)
        logger.error({ cause }, 'the broker does not go by the newest rights; it is tried again');
      behind = { sinceMs: behind?.sinceMs ?? clock.nowMs(), cause };
      cancelRetry();
      if (!isStopped) cancelRetry = clock.after(retryMs, ask);
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    }
    settle(upTo);
  };

  const run = async (): Promise<void> => {
    running = true;
    while (done < asked && !isStopped) {
      const startedAtMs = clock.nowMs();
      await step();
      const tookMs = clock.nowMs() - startedAtMs;
      if (done < asked && tookMs > 0) await pause(Math.min(PAUSE_MAX_MS, tookMs));
    }
    running = false;
  };
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

  const ask = (): void => {
    asked += 1;
    if (!running && !isStopped) void run();
  };

  return {
    get behind() {
      return behind;
    },
    changed(agents = []) {
      for (const agent of agents) gone.add(agent);
      ask();
    },
    settled: () =>
      isStopped || done >= asked
        ? Promise.resolve()
        : new Promise((resolve) => void waiters.push({ until: asked, resolve })),
    doubt() {
      confirmed = undefined;
      ask();
    },
    stop() {
      isStopped = true;
      cancelRetry();
      settle(asked);
    },
  };
}
