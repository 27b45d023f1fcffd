/**
 * Who of the office is there now. Addresses come from mDNS and from the roster's hints; an address becomes a peer only when the agent behind it has
 * proven by TLS who it is, the roster lists it and it has answered a hello. Asked by the swarm; told by the server of agents that asked us.
 */
import { type AgentId, isHarpError, type RosterMember } from '@harp/broker/protocol';
import { type BackOff, backOffMs } from '../peer/back-off.ts';
import type { PeerClient } from '../peer/client.ts';
import { fanOutAbort } from '../peer/fan-out.ts';
import { createListeners } from '../peer/listeners.ts';
import type { Roster } from '../peer/roster.ts';
import type { Clock, Disposable, Logger, PeerDirectory, Self } from '../ports.ts';
import { createTargets, type Target } from './targets.ts';

/** How often a live peer is asked for a hello: a PC that was switched off is noticed within 20 s even when nothing is transferred. */
const HELLO_EVERY_MS = 10_000;
/** Between the first failed hello and the second, which decides. Long enough for a listener to come back, short enough to decide within 2 s. */
const SECOND_TRY_AFTER_MS = 300;
/** A peer whose bytes arrived this lately is there, however busy it is. */
const HEARD_LATELY_MS = 2000;
/** For addresses where nobody answers. */
const UNREACHABLE: BackOff = { firstMs: 2000, capMs: 60_000 };
/** For agents that answer but do not know us yet: the roster reaches the agents of an office within moments of each other. */
const REFUSED: BackOff = { firstMs: 250, capMs: 60_000 };
/** An agent that asks us is looked for at once, but its requests must not become a storm of ours. */
const HEARD_AGAIN_MS = 500;
/** An address without use until something changes: ourselves, a spare one, an agent of another office. */
const UNTIL_WOKEN_MS = 24 * 60 * 60 * 1000;
/** mDNS entries have no owner: one that never answers is forgotten after about a quarter of an hour. */
const MULTICAST_FAILURES_MAX = 20;

/** The directory as the net side sees it. */
export interface PeerLinks extends PeerDirectory {
  /** Where a live peer answered last (`host:port`). */
  addressOf(peer: AgentId): string | undefined;
  /** Asks a peer at once, twice if need be; resolves whether it is live. */
  recheck(peer: AgentId): Promise<boolean>;
  /** An authenticated request came from this member. */
  noteHeard(peer: AgentId): void;
  /** Bytes came from this peer. */
  noteAlive(peer: AgentId): void;
  /** mDNS found one agent at these addresses. */
  offerAddresses(addresses: readonly string[]): void;
  /** The network changed: everything is tried again now. */
  retryAll(): void;
  stop(): void;
}

export interface PeerDirectoryDeps {
  self: Self;
  clock: Clock;
  random: () => number;
  logger: Logger;
  roster: Roster;
  client: Pick<PeerClient, 'hello'>;
}

/** A directory that begins to look as soon as the roster is configured. */
export function createPeerDirectory(deps: PeerDirectoryDeps): PeerLinks {
  const { self, clock, random, logger, roster, client } = deps;
  const changed = createListeners();
  const stopped = fanOutAbort();
  const peers = new Map<AgentId, { target: Target; heardMs: number }>();
  const rechecks = new Map<AgentId, Promise<boolean>>();

  const markLive = (agent: AgentId, target: Target) => {
    const isNew = !peers.has(agent);
    peers.set(agent, { target, heardMs: clock.monotonicMs() });
    if (!isNew) return;
    logger.info({ peer: agent.slice(0, 8), address: target.address }, 'a neighbour is there');
    changed.fire();
  };
  const markDown = (agent: AgentId) => {
    if (!peers.delete(agent)) return;
    logger.info({ peer: agent.slice(0, 8) }, 'a neighbour is gone');
    targets.wakeWhere((target) => target.expected === agent || target.agent === agent);
    changed.fire();
  };

  /** Asks whoever is at `target`. Resolves who it is, if it is a member of our office that lets us in. */
  const ask = async (target: Target): Promise<AgentId | undefined> => {
    try {
      const { agent } = await client.hello(target.address, target.expected ?? target.agent, stopped.signal);
      target.agent = agent;
      return agent !== self.agent && roster.member(agent) !== undefined ? agent : undefined;
    } catch (error) {
      const found = isHarpError(error) ? error.facts.agent : undefined;
      target.agent = typeof found === 'string' ? (found as AgentId) : undefined;
      throw error;
    }
  };

  const recheck = async (agent: AgentId): Promise<boolean> => {
    const peer = peers.get(agent);
    if (peer === undefined) return false;
    for (const delayMs of [0, SECOND_TRY_AFTER_MS]) {
      if (delayMs > 0) await clock.sleep(delayMs, stopped.signal);
      let isSilent = false;
      const answered = await ask(peer.target).catch((error: unknown) => {
        isSilent = isHarpError(error) && String(error.facts.reason).endsWith('_TIMEOUT');
        return undefined;
      });
      const known = peers.get(agent);
      // Busy, not gone: its bytes came from this very address a moment ago. A refused connection leaves no such doubt.
      const heardLately = known !== undefined && clock.monotonicMs() - known.heardMs < HEARD_LATELY_MS;
      if (answered === agent || (isSilent && heardLately)) {
        if (known !== undefined && answered === agent) known.heardMs = clock.monotonicMs();
        // Kept for a loose address whose failure made us forget who is there.
        peer.target.agent = agent;
        return true;
      }
    }
    markDown(agent);
    return false;
  };
  const recheckOnce = (agent: AgentId): Promise<boolean> => {
    let running = rechecks.get(agent);
    if (running === undefined) {
      running = recheck(agent)
        .catch(() => false)
        .finally(() => rechecks.delete(agent));
      rechecks.set(agent, running);
    }
    return running;
  };

  /** One look at an address; returns how long to leave it alone. */
  const visit = async (target: Target): Promise<number> => {
    const known = target.expected ?? target.agent;
    if (known === self.agent) return UNTIL_WOKEN_MS;
    if (known !== undefined && roster.member(known) === undefined) return UNTIL_WOKEN_MS;
    const live = known === undefined ? undefined : peers.get(known);
    if (live !== undefined && live.target !== target) return UNTIL_WOKEN_MS;
    if (known !== undefined && live !== undefined) {
      const isThere = await recheckOnce(known);
      if (!isThere && target.orphaned) target.removed = true;
      return isThere ? HELLO_EVERY_MS * (0.9 + random() / 5) : backOffMs(1, UNREACHABLE, random);
    }
    try {
      const agent = await ask(target);
      target.failures = 0;
      if (agent === undefined) return UNTIL_WOKEN_MS;
      if (peers.has(agent)) return UNTIL_WOKEN_MS;
      markLive(agent, target);
      return HELLO_EVERY_MS * (0.9 + random() / 5);
    } catch (error) {
      target.failures++;
      if (!target.fromRoster && target.failures > MULTICAST_FAILURES_MAX) target.removed = true;
      const code = isHarpError(error) ? error.code : 'unknown';
      logger.debug({ address: target.address, failures: target.failures, code }, 'nobody of the office answers there');
      const refused = code === 'peer.not_in_roster';
      return backOffMs(target.failures, refused ? REFUSED : UNREACHABLE, random);
    }
  };
  const targets = createTargets({ clock, visit, signal: stopped.signal });

  const takeRoster = () => {
    for (const agent of [...peers.keys()]) if (roster.member(agent) === undefined) markDown(agent);
    targets.setHints(
      roster
        .members()
        .filter(({ agent }) => agent !== self.agent)
        .flatMap(({ agent, addresses }) => addresses.map((address) => ({ address, expected: agent }))),
      isInUse,
    );
    targets.wakeWhere((target) => target.orphaned || !isInUse(target));
    changed.fire();
  };
  const isInUse = (target: Target) => peers.get(target.expected ?? target.agent ?? self.agent)?.target === target;
  const rosterChanged: Disposable = roster.onDidChange(takeRoster);

  return {
    live: () =>
      [...peers.keys()]
        .map((agent) => roster.member(agent))
        .filter((member): member is RosterMember => member !== undefined),
    onDidChange: (listener) => changed.add(listener),
    addressOf: (agent) => peers.get(agent)?.target.address,
    recheck: recheckOnce,
    noteHeard(agent) {
      // Says that the agent lives, not that the address we know is still its own: only answers prove that.
      if (peers.has(agent)) return;
      targets.wakeWhere(
        (target) =>
          (target.expected === agent || target.agent === agent) &&
          clock.monotonicMs() - target.visitedMs > HEARD_AGAIN_MS,
      );
    },
    noteAlive(agent) {
      const peer = peers.get(agent);
      if (peer !== undefined) peer.heardMs = clock.monotonicMs();
    },
    offerAddresses: (addresses) => targets.offer(addresses),
    retryAll: () => targets.wakeWhere(() => true),
    stop() {
      rosterChanged.dispose();
      stopped.abort();
      peers.clear();
    },
  };
}
