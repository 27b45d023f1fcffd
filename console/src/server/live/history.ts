/** What changed when, in flushes: enough to tell a client that comes back what it missed, and no more than one number per key and agent. */
import { StreamChange } from '../../api/schemas.ts';
import type { ChangeKey } from './hub.ts';

const allKeys: readonly ChangeKey[] = StreamChange.shape.keys.element.options;

/** Agents remembered: five times the largest fleet. Beyond, all are forgotten at once, and who comes back with an older id reads the list. */
const MAX_AGENTS = 50_000;

export interface History {
  /** Ends a flush: the present gets a new id. */
  note(keys: Iterable<ChangeKey>, agents: readonly string[]): void;
  /**
   * What changed after the event `id`: nothing without an id; everything for one that is none, of another life, of the future, or too old. More than
   * `maxAgents` agents become the key.
   */
  since(id: string | undefined, maxAgents: number): { keys: ChangeKey[]; agents: string[] };
  /** These keys in the order in which they are always told. */
  inOrder(keys: ReadonlySet<ChangeKey>): ChangeKey[];
  readonly lastId: string;
}

/** A history that begins now. */
export function createHistory(life: string): History {
  /** Number of the flush in which each last changed. Insertion order is order of change. */
  const keyChanges = new Map<ChangeKey, number>();
  const agentChanges = new Map<string, number>();
  let flushes = 0;
  /** Flushes up to this one may have changed agents that are forgotten. */
  let forgottenUpTo = 0;

  const numberOf = (id: string): number | undefined => {
    const [its, number = '', ...rest] = id.split('.');
    if (its !== life || rest.length > 0 || !/^\d{1,15}$/.test(number) || Number(number) > flushes) return undefined;
    return Number(number);
  };

  return {
    note(keys, agents) {
      flushes += 1;
      for (const key of keys) keyChanges.set(key, flushes);
      if (agentChanges.size + agents.length > MAX_AGENTS) {
        agentChanges.clear();
        forgottenUpTo = flushes - 1;
      }
      for (const agent of agents) {
        agentChanges.delete(agent);
        agentChanges.set(agent, flushes);
      }
    },
    since(id, maxAgents) {
      if (id === undefined) return { keys: [], agents: [] };
      const seen = numberOf(id);
      if (seen === undefined) return { keys: [...allKeys], agents: [] };
      const keys = allKeys.filter((key) => (keyChanges.get(key) ?? 0) > seen);
      if (keys.includes('agents')) return { keys, agents: [] };
      const agents = seen < forgottenUpTo ? undefined : changedAfter(agentChanges, seen, maxAgents);
      return agents === undefined
        ? { keys: allKeys.filter((key) => key === 'agents' || keys.includes(key)), agents: [] }
        : { keys, agents };
    },
    inOrder: (keys) => allKeys.filter((key) => keys.has(key)),
    get lastId() {
      return `${life}.${flushes}`;
    },
  };
}

/** Undefined if there are more than `max`. */
function changedAfter(changes: ReadonlyMap<string, number>, seen: number, max: number): string[] | undefined {
  const agents: string[] = [];
  for (const [agent, flush] of changes) {
    if (flush <= seen) continue;
    if (agents.length === max) return undefined;
    agents.push(agent);
  }
  return agents;
}
