/** What the broker says of agents whose rows changed: which, or that any may have. */
import { AgentId } from '@harp/broker/protocol';

/** Ids separated by spaces; empty: any agent may have changed. Said after the commit. */
export const AGENTS_CHANNEL = 'harp_agents';

/** The agents that a notification names; `all` when it names none, or something that is no agent. */
export function agentsIn(payload: string): AgentId[] | 'all' {
  const ids = payload.split(' ').map((text) => AgentId.safeParse(text));
  return ids.every((id) => id.success) ? ids.map(({ data }) => data as AgentId) : 'all';
}
