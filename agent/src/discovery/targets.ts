/** Addresses worth trying, each visited by a loop of its own until it is removed. Which visits make sense is the directory's decision. */
import type { AgentId } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';

/** Addresses mDNS may add: anybody on the LAN can announce, so there is a bound. */
const MULTICAST_TARGETS_MAX = 1024;

export interface Target {
  /** `host:port` */
  readonly address: string;
  /** Who must be there: from a roster hint. An address from mDNS may be anybody's. */
  readonly expected: AgentId | undefined;
  readonly fromRoster: boolean;
  /** Who was there last. */
  agent: AgentId | undefined;
  /** Visits in a row without an answer. */
  failures: number;
  /** Monotonic, milliseconds: when the last visit began. */
  visitedMs: number;
  /** A hint that the roster has dropped, kept only for as long as its peer answers there. */
  orphaned: boolean;
  removed: boolean;
}

export interface Targets {
  /** Makes the roster's hints exactly these, but for those `inUse`: a peer is not lost because the roster is a moment behind. */
  setHints(hints: readonly { address: string; expected: AgentId }[], inUse: (target: Target) => boolean): void;
  /** Adds addresses from mDNS. */
  offer(addresses: readonly string[]): void;
  /** Visits these at once, as if they had never failed. */
  wakeWhere(condition: (target: Target) => boolean): void;
}

export interface TargetsDeps {
  clock: Clock;
  /** Looks at a target and returns for how many milliseconds to leave it alone. Must not reject. */
  visit(target: Target): Promise<number>;
  /** Ends every loop. */
  signal: AbortSignal;
}

interface Entry {
  readonly target: Target;
  wake: AbortController;
  woken: boolean;
}

/** No targets yet. */
export function createTargets({ clock, visit, signal }: TargetsDeps): Targets {
  const targets = new Map<string, Entry>();
  const keyOf = (address: string, expected: AgentId | undefined) => `${expected ?? ''}@${address}`;

  const add = (address: string, expected: AgentId | undefined) => {
    const key = keyOf(address, expected);
    if (targets.has(key)) return;
    const fresh = { failures: 0, visitedMs: Number.NEGATIVE_INFINITY, orphaned: false, removed: false };
    const target: Target = { address, expected, fromRoster: expected !== undefined, agent: undefined, ...fresh };
    const entry: Entry = { target, wake: new AbortController(), woken: false };
    targets.set(key, entry);
    void run(entry).finally(() => {
      if (targets.get(key) === entry) targets.delete(key);
    });
  };
  const run = async (entry: Entry) => {
    while (!entry.target.removed && !signal.aborted) {
      entry.woken = false;
      entry.target.visitedMs = clock.monotonicMs();
      const idleMs = await visit(entry.target);
      // Woken while it was looked at: what it saw may be out of date.
      if (entry.woken || entry.target.removed) continue;
      entry.wake = new AbortController();
      await clock.sleep(idleMs, AbortSignal.any([entry.wake.signal, signal])).catch(() => undefined);
    }
  };
  const remove = (key: string) => {
    const entry = targets.get(key);
    if (entry === undefined) return;
    entry.target.removed = true;
    targets.delete(key);
    entry.wake.abort();
  };

  return {
    setHints(hints, inUse) {
      const wanted = new Set(hints.map(({ address, expected }) => keyOf(address, expected)));
      for (const [key, { target }] of targets) {
        if (!target.fromRoster) continue;
        target.orphaned = !wanted.has(key);
        if (target.orphaned && !inUse(target)) remove(key);
      }
      for (const { address, expected } of hints) add(address, expected);
    },
    offer(addresses) {
      for (const address of addresses) if (targets.size < MULTICAST_TARGETS_MAX) add(address, undefined);
    },
    wakeWhere(condition) {
      for (const entry of targets.values()) {
        if (!condition(entry.target)) continue;
        entry.target.failures = 0;
        entry.woken = true;
        entry.wake.abort();
      }
    },
  };
}
