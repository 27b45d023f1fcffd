import type { Telemetry } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';
import { slept } from '../wake.ts';
import type { TrafficCounters } from './traffic-counters.ts';

/** While bytes move, a chart gets a point this often. */
const BUSY_INTERVAL_MS = 10_000;
/** Otherwise this often: enough to draw memory and to see that the agent lives. */
const QUIET_INTERVAL_MS = 60_000;

export interface SamplerDeps {
  counters: TrafficCounters;
  clock: Clock;
  /** Uniform in [0, 1): spreads the agents of an office over the interval. */
  random: () => number;
  channel: { readonly connected: boolean; send(sample: Telemetry): Promise<void> };
  /** Live peers. */
  peers: () => number;
  /** Resident memory now and CPU time since the start of the process. */
  usage: () => { rssBytes: number; cpuMs: number };
}

/**
 * Publishes counters until `signal` aborts. While the channel is down they go on counting, so sums stay right and the next sample says by its
 * `intervalMs` that it covers more.
 */
export async function runSampler(deps: SamplerDeps, signal: AbortSignal): Promise<void> {
  const { counters, clock, random, channel, peers, usage } = deps;
  let sinceMs = clock.monotonicMs();
  let cpuBeforeMs = usage().cpuMs;
  let waitMs = BUSY_INTERVAL_MS * (0.5 + random());
  while (await slept(clock, waitMs, signal)) {
    waitMs = BUSY_INTERVAL_MS;
    const nowMs = clock.monotonicMs();
    const due = counters.moved || nowMs - sinceMs >= QUIET_INTERVAL_MS;
    if (!due || !channel.connected) continue;
    const { rssBytes, cpuMs } = usage();
    const sample: Telemetry = {
      v: 1,
      atMs: clock.nowMs(),
      intervalMs: Math.max(1, Math.round(nowMs - sinceMs)),
      peers: peers(),
      rssBytes,
      cpuMs: Math.max(0, Math.round(cpuMs - cpuBeforeMs)),
      traffic: counters.take(),
    };
    sinceMs = nowMs;
    cpuBeforeMs = cpuMs;
    await channel.send(sample).catch(() => undefined);
  }
}
