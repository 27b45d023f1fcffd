import { Telemetry } from '../protocol/index.ts';
import type { SampleRow } from '../store/ingest-store.ts';
import { clampInstant } from './clamp-instant.ts';
import { type Receipt, readPayload } from './intake.ts';

/** PostgreSQL's `integer`. */
const INT_MAX = 2 ** 31 - 1;

/** Reads one interval's counters: a row per folder in which anything moved. An idle agent's telemetry gives none. */
export function readTelemetry(payload: Buffer, { agent, receivedAtMs }: Receipt): SampleRow[] | undefined {
  const telemetry = readPayload(Telemetry, payload);
  if (telemetry === undefined) return undefined;
  const atMs = clampInstant(telemetry.atMs, receivedAtMs);
  const intervalMs = Math.min(telemetry.intervalMs, INT_MAX);
  return telemetry.traffic
    .filter(
      ({ fromPeers, fromOrigin, fromLocal, served, wasted }) =>
        fromPeers + fromOrigin + fromLocal + served + wasted > 0,
    )
    .map(({ folder, ...bytes }) => ({ agent, folder, atMs, intervalMs, ...bytes }));
}
