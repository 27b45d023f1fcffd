/** Gathers what became stale and says so at a pace that people's browsers can follow. */
import type { StreamChange } from '../../api/schemas.ts';
import type { Clock } from '../ports.ts';

export type ChangeKey = StreamChange['keys'][number];

export interface ChangeSignal {
  add(keys: readonly ChangeKey[]): void;
  stop(): void;
}

/** Ingest commits what agents report within 200 ms; whoever reads again before that would see nothing new. Also the pace: below four a second. */
const DELAY_MS = 300;

export function createChangeSignal(deps: { clock: Pick<Clock, 'after'>; emit(keys: ChangeKey[]): void }): ChangeSignal {
  const stale = new Set<ChangeKey>();
  let cancel: (() => void) | undefined;
  return {
    add(keys) {
      for (const key of keys) stale.add(key);
      cancel ??= deps.clock.after(DELAY_MS, () => {
        cancel = undefined;
        const gathered = [...stale];
        stale.clear();
        deps.emit(gathered);
      });
    },
    stop() {
      cancel?.();
      cancel = undefined;
      stale.clear();
    },
  };
}
