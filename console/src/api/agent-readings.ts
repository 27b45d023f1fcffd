/**
 * What the live stream says of agents while their list is being read. Pages of that list may be older than what the stream said meanwhile, so that is
 * kept, and put over what was read.
 */
import { withDelta } from './agent-list.ts';
import type { AgentSummary, AgentsDelta } from './schemas.ts';

/** What was heard last of each agent; undefined: it is gone. */
type Heard = Map<string, AgentSummary | undefined>;

/** The readings under way of one list. */
export interface AgentReadings {
  /** Reads the list; what is noted before it is there is in the result. */
  during(read: () => Promise<readonly AgentSummary[]>): Promise<readonly AgentSummary[]>;
  note(delta: AgentsDelta): void;
}

/** No reading is under way yet. */
export function createAgentReadings(): AgentReadings {
  const underWay = new Set<Heard>();
  return {
    async during(read) {
      const heard: Heard = new Map();
      underWay.add(heard);
      try {
        const list = await read();
        return heard.size === 0 ? list : withDelta(list, deltaOf(heard));
      } finally {
        underWay.delete(heard);
      }
    },
    note({ changed, removed }) {
      for (const heard of underWay) {
        for (const agent of changed) heard.set(agent.id, agent);
        for (const id of removed) heard.set(id, undefined);
      }
    },
  };
}

function deltaOf(heard: Heard): AgentsDelta {
  const changed = [...heard.values()].filter((agent) => agent !== undefined);
  const removed = [...heard].flatMap(([id, agent]) => (agent === undefined ? [id] : []));
  return { changed, removed };
}
