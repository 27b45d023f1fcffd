import type { FolderId, FolderTraffic } from '@harp/broker/protocol';
import type { TrafficMeter } from '../ports.ts';

type Kind = Parameters<TrafficMeter['add']>[1];

/** Bytes by folder and source, for telemetry and for `harp-agent status`. */
export interface TrafficCounters extends TrafficMeter {
  /** What was added since the last `take`, folders without traffic left out. */
  take(): FolderTraffic[];
  /** Whether `take` would return anything. */
  readonly moved: boolean;
  /** Since the start of this process. */
  totals(): Record<Kind, number>;
}

const nothing = (): Record<Kind, number> => ({ fromPeers: 0, fromOrigin: 0, fromLocal: 0, served: 0, wasted: 0 });

/** Counters at zero. */
export function createTrafficCounters(): TrafficCounters {
  let interval = new Map<FolderId, Record<Kind, number>>();
  const totals = nothing();
  return {
    add(folder, kind, bytes) {
      if (bytes <= 0) return;
      const counts = interval.get(folder) ?? nothing();
      counts[kind] += bytes;
      totals[kind] += bytes;
      interval.set(folder, counts);
    },
    take() {
      const taken = [...interval].map(([folder, counts]) => ({ folder, ...counts }));
      interval = new Map();
      return taken;
    },
    get moved() {
      return interval.size > 0;
    },
    totals: () => ({ ...totals }),
  };
}
