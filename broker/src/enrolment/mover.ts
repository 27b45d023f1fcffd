/** A PC that connects from another office's network belongs there from then on: its neighbours and folders are that office's. Works through arrivals in batches, because after a restart everybody arrives at once. */
import type { Clock, Logger } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';
import type { PlaceStore } from '../store/place-store.ts';

/** Arrivals are collected for this long. */
const COLLECT_MS = 250;
const RETRY_MS = 5_000;
/** Arrivals in one batch. */
const BATCH = 200;

export interface Mover {
  noteArrival(agent: AgentId, address: string): void;
  stop(): void;
}

export interface MoverOptions {
  store: PlaceStore;
  /** Called with agents that are in another office now. */
  onMoved: (agents: readonly AgentId[]) => Promise<void>;
  clock: Clock;
  logger: Logger;
}

export function createMover({ store, onMoved, clock, logger }: MoverOptions): Mover {
  const arrived = new Map<AgentId, string>();
  let isStopped = false;
  let isBusy = false;
  let cancel = () => {};

  const work = async (): Promise<void> => {
    const batch = new Map([...arrived].slice(0, BATCH));
    for (const agent of batch.keys()) arrived.delete(agent);
    try {
      const moved = await store.arrive(batch);
      if (moved.length > 0) {
        logger.info({ count: moved.length }, 'agents moved to the office whose network they are in');
        await onMoved(moved);
      }
    } catch (error) {
      logger.warn({ err: error }, 'cannot note where agents are; trying again');
      for (const [agent, address] of batch) if (!arrived.has(agent)) arrived.set(agent, address);
      return plan(RETRY_MS);
    }
    if (arrived.size > 0) plan(0);
    else isBusy = false;
  };

  const plan = (delayMs: number): void => {
    if (isStopped) return;
    isBusy = true;
    cancel = clock.after(delayMs, () => void work());
  };

  return {
    noteArrival(agent, address) {
      arrived.set(agent, address);
      if (!isBusy) plan(COLLECT_MS);
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
