/**
 * Tells every open workbench what changed: agents as rows, everything else as the kind of data to ask for again. A client that misses events loses
 * nothing but time, and what waits for a slow client is a set of keys and a map of agents by id, so it never grows beyond the fleet.
 */
import type { AgentSummary, AgentsDelta, StreamChange } from '../../api/schemas.ts';
import type { Clock, Logger } from '../ports.ts';
import { createHistory } from './history.ts';

/** A kind of data that can change. */
export type ChangeKey = StreamChange['keys'][number];

/** One flush for one client. `id` is what it sends back as `Last-Event-ID` after it was cut off. */
export interface LiveEvent {
  id: string;
  keys: ChangeKey[];
  /** Absent when no agent is named. */
  agents?: AgentsDelta;
}

/** One client's connection. */
export interface LiveClient {
  /** Sends an event; resolves when the client's connection can take another. Rejecting ends the subscription. */
  send(event: LiveEvent): Promise<void>;
}

export interface LiveHub {
  /** Says that data changed. Cheap: call it at every change. */
  changed(keys: Iterable<ChangeKey>): void;
  /** Says whose rows changed, after the commit; `all` when that is not known. Cheap. */
  agentsChanged(ids: Iterable<string> | 'all'): void;
  /**
   * Sends `client` what changes from now on, and first what it missed since `lastEventId`. An id that is none, of another life of the server, or too
   * old to tell means everything.
   *
   * @returns ends the subscription
   */
  subscribe(client: LiveClient, lastEventId?: string): () => void;
  /** Open subscriptions. */
  readonly size: number;
  /** The id of the present: what changes later has a later one. */
  readonly lastId: string;
}

export interface LiveHubPorts {
  clock: Clock;
  /** Tells this process from the ones before: ids of another life are not comparable. */
  life: string;
  /** The present rows of these agents; whoever is missing is gone. */
  readAgents(ids: readonly string[]): Promise<readonly AgentSummary[]>;
  logger: Pick<Logger, 'warn'>;
}

/** At most four flushes a second: faster than anyone reads, slow enough for a browser with many panels. */
export const FLUSH_EVERY_MS = 250;

/** Beyond this many rows the list is the shorter way: its pages are compressed and parsed in turn. */
const MAX_ROWS = 2000;

interface Subscription {
  client: LiveClient;
  keys: Set<ChangeKey>;
  /** By id; null for one that is gone. */
  agents: Map<string, AgentSummary | null>;
  sending: boolean;
}

/** A hub with no clients. */
export function createLiveHub({ clock, life, readAgents, logger }: LiveHubPorts): LiveHub {
  const subscriptions = new Set<Subscription>();
  const history = createHistory(life);
  const changedKeys = new Set<ChangeKey>();
  const changedAgents = new Set<string>();
  let lastFlushAtMs = Number.NEGATIVE_INFINITY;
  let scheduled = false;
  /** Rows are read one batch after the other, so that what is read later is newer. Undefined while nothing is being read. */
  let reading: Promise<void> | undefined;

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(Math.max(0, lastFlushAtMs + FLUSH_EVERY_MS - clock.nowMs()), flush);
  };

  const flush = () => {
    scheduled = false;
    // While rows are being read, what changes gathers; the end of the read flushes.
    if (reading !== undefined) return;
    lastFlushAtMs = clock.nowMs();
    if (changedAgents.size > MAX_ROWS) {
      changedAgents.clear();
      changedKeys.add('agents');
    }
    const ids = [...changedAgents];
    if (ids.length > 0 || changedKeys.size > 0) history.note(changedKeys, ids);
    for (const subscription of subscriptions) for (const key of changedKeys) addKey(subscription, key);
    changedAgents.clear();
    changedKeys.clear();
    if (ids.length > 0 && subscriptions.size > 0) readFor(ids, () => subscriptions);
    else deliverAll();
  };

  /** Reads these agents and adds them to what waits for whoever `targets` then says. */
  const readFor = (ids: readonly string[], targets: () => Iterable<Subscription>): void => {
    const mine = (reading ?? Promise.resolve()).then(async () => {
      try {
        const rows = new Map((await readAgents(ids)).map((agent) => [agent.id, agent]));
        for (const target of targets()) for (const id of ids) addAgent(target, id, rows.get(id) ?? null);
      } catch (error) {
        logger.warn({ error: String(error) }, 'changed agents could not be read; clients are told to read all');
        for (const target of targets()) addKey(target, 'agents');
      }
      if (reading !== mine) return;
      reading = undefined;
      deliverAll();
      if (changedAgents.size > 0 || changedKeys.size > 0) schedule();
    });
    reading = mine;
  };

  const deliverAll = () => {
    for (const subscription of subscriptions) deliver(subscription);
  };

  const deliver = (subscription: Subscription) => {
    const { client, keys, agents } = subscription;
    if (subscription.sending || (keys.size === 0 && agents.size === 0)) return;
    const event: LiveEvent = { id: history.lastId, keys: history.inOrder(keys) };
    if (agents.size > 0) event.agents = deltaOf(agents);
    keys.clear();
    agents.clear();
    subscription.sending = true;
    client.send(event).then(
      () => {
        subscription.sending = false;
        if ((keys.size > 0 || agents.size > 0) && subscriptions.has(subscription)) schedule();
      },
      () => subscriptions.delete(subscription),
    );
  };

  return {
    changed(keys) {
      for (const key of keys) changedKeys.add(key);
      if (changedKeys.size > 0) schedule();
    },
    agentsChanged(ids) {
      if (ids === 'all') changedKeys.add('agents');
      else for (const id of ids) changedAgents.add(id);
      if (changedAgents.size > 0 || changedKeys.size > 0) schedule();
    },
    subscribe(client, lastEventId) {
      const missed = history.since(lastEventId, MAX_ROWS);
      const subscription: Subscription = { client, keys: new Set(missed.keys), agents: new Map(), sending: false };
      subscriptions.add(subscription);
      if (missed.agents.length > 0)
        readFor(missed.agents, () => (subscriptions.has(subscription) ? [subscription] : []));
      else if (subscription.keys.size > 0) schedule();
      return () => subscriptions.delete(subscription);
    },
    get size() {
      return subscriptions.size;
    },
    get lastId() {
      return history.lastId;
    },
  };
}

/** Whoever is about to read all agents needs no rows before that. */
function addKey({ keys, agents }: Subscription, key: ChangeKey): void {
  keys.add(key);
  if (key === 'agents') agents.clear();
}

function addAgent(subscription: Subscription, id: string, row: AgentSummary | null): void {
  const { keys, agents } = subscription;
  if (keys.has('agents')) return;
  agents.set(id, row);
  if (agents.size > MAX_ROWS) addKey(subscription, 'agents');
}

function deltaOf(agents: ReadonlyMap<string, AgentSummary | null>): AgentsDelta {
  const delta: AgentsDelta = { changed: [], removed: [] };
  for (const [id, row] of agents) {
    if (row === null) delta.removed.push(id);
    else delta.changed.push(row);
  }
  return delta;
}
