/**
 * The rules that prevent outages (api.md 0), per connection: a refused credential is never tried again, a blocked address rests, maintenance pauses.
 * Every request passes `check` first; every failure is told to `note`.
 */
import { type HarpError, isHarpError } from '@harp/broker/protocol';
import { THROTTLE_MS } from './failures.ts';

/** Between two tries while a server is in maintenance, unless it asks for longer. */
const MAINTENANCE_PAUSE_MS = 30_000;

/** Decides whether a connection may be used now. Takes the time as an argument, so it holds no clock. */
export interface ConnectionGate {
  /** @throws {HarpError} the failure that closed the gate, until it opens again: `origin.unauthorised` never does. */
  check(nowMs: number): void;
  /** Remembers what a failure means for the connection. Other failures change nothing. */
  note(error: unknown, nowMs: number): void;
  /** The failure that keeps the gate closed at `nowMs`; undefined if it is open. */
  closedBy(nowMs: number): HarpError | undefined;
}

export interface GateOptions {
  /** What stopped the connection before this process started. */
  past?: { error: HarpError; atMs: number } | undefined;
  /** Milliseconds between two tries during maintenance, unless the server asks for longer. */
  maintenancePauseMs?: number;
}

/** An open gate, or one that remembers what stopped the connection in the past. */
export function createConnectionGate(options: GateOptions = {}): ConnectionGate {
  const { past, maintenancePauseMs = MAINTENANCE_PAUSE_MS } = options;
  let closed: { error: HarpError; untilMs: number } | undefined;
  const gate: ConnectionGate = {
    check(nowMs) {
      const error = gate.closedBy(nowMs);
      if (error !== undefined) throw error;
    },
    note(error, nowMs) {
      if (!isHarpError(error)) return;
      const restMs = restOf(error, maintenancePauseMs);
      const untilMs = restMs === undefined ? undefined : nowMs + restMs;
      if (untilMs !== undefined && (closed === undefined || untilMs > closed.untilMs)) closed = { error, untilMs };
    },
    closedBy(nowMs) {
      return closed !== undefined && nowMs < closed.untilMs ? closed.error : undefined;
    },
  };
  if (past !== undefined) gate.note(past.error, past.atMs);
  return gate;
}

/** How long a failure closes the connection, in milliseconds; undefined if it does not. */
function restOf(error: HarpError, maintenancePauseMs: number): number | undefined {
  const asked = typeof error.facts.retryAfterMs === 'number' ? error.facts.retryAfterMs : 0;
  switch (error.code) {
    case 'origin.unauthorised':
      return Number.POSITIVE_INFINITY;
    case 'origin.throttled':
      return Math.max(asked, THROTTLE_MS);
    case 'origin.maintenance':
      return Math.min(Math.max(asked, maintenancePauseMs), THROTTLE_MS);
    default:
      return undefined;
  }
}
