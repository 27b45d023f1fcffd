import type { Delivery, FolderId } from '@harp/broker/protocol';
import type { Clock, Logger, Outbox } from '../ports.ts';
import type { State } from '../store/state.ts';
import { slept } from '../wake.ts';

/** Collects delivered files and reports them together. What was not reported when the agent stopped is reported after its next start. */
export interface Deliveries {
  /** Writes the delivery down; awaited together with the journal. */
  add(delivery: Delivery): Promise<unknown>;
  /** Reports everything collected so far. */
  flush(): Promise<void>;
  /** Resolves when no report is under way. */
  idle(): Promise<void>;
}

/** As many as one event takes. */
const BATCH = 1000;
/** A person who watches a chart does not see less. */
const DELAY_MS = 2000;

export interface DeliveriesDeps {
  state: State;
  folder: { id: FolderId; number: number };
  clock: Clock;
  record: Outbox['record'];
  log: Logger;
  signal: AbortSignal;
}

export function openDeliveries({ state, folder, clock, record, log, signal }: DeliveriesDeps): Deliveries {
  const table = state.table<Delivery, [number, number]>('sync.deliveries');
  const waiting = () =>
    [...table.getRange({ start: [folder.number, 0], end: [folder.number + 1, 0], limit: BATCH })].map(
      ({ value }) => value,
    );
  let reporting: Promise<void> = Promise.resolve();
  let scheduled = false;
  let collected = 0;

  const report = async () => {
    for (let files = waiting(); files.length > 0; files = waiting()) {
      collected = 0;
      await record({ kind: 'files.delivered', atMs: clock.nowMs(), folder: folder.id, files });
      await Promise.all(files.map(([seq]) => table.remove([folder.number, seq])));
    }
  };
  const flush = () => {
    reporting = reporting.then(report, report);
    return reporting;
  };
  const soon = async () => {
    if (scheduled) return;
    scheduled = true;
    const goesOn = await slept(clock, DELAY_MS, signal);
    scheduled = false;
    if (goesOn) await flush();
  };
  const logged = (error: unknown) => log.warn({ error: String(error) }, 'deliveries were not reported yet');

  return {
    async add(delivery) {
      await table.put([folder.number, delivery[0]], delivery);
      if (++collected >= BATCH) flush().catch(logged);
      else soon().catch(logged);
    },
    flush,
    idle: () => reporting.catch(logged),
  };
}
