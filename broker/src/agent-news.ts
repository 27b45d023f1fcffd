/** Says whose rows changed, in notifications that name them: whoever shows agents reads these rows and not all. */
import type { AgentId } from './protocol/index.ts';

/** Carries the ids of agents separated by spaces; an empty payload means that any may have changed. */
export const AGENTS_CHANNEL = 'harp_agents';

/** PostgreSQL takes less than 8000 bytes; an id has 52 characters, with its space 53. */
const IDS_A_NOTIFICATION = 150;
/** Beyond this many, reading everything is cheaper than reading these. */
const MAX_NOTIFICATIONS = 8;

/** The payloads that name `agents`: none for nobody, one empty payload for very many. */
export function agentPayloads(agents: readonly AgentId[]): string[] {
  const ids = [...new Set(agents)];
  if (ids.length > IDS_A_NOTIFICATION * MAX_NOTIFICATIONS) return [''];
  const payloads: string[] = [];
  for (let from = 0; from < ids.length; from += IDS_A_NOTIFICATION)
    payloads.push(ids.slice(from, from + IDS_A_NOTIFICATION).join(' '));
  return payloads;
}
