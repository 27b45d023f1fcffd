/** The rows of the live stream for whoever sees some offices only. */
import type { PrismaClient } from '@harp/prisma';
import { isIn, type Places } from '../access/rights.ts';
import type { LiveEvent } from './hub.ts';

type Shown = (event: LiveEvent) => LiveEvent;

/**
 * Keeps what changed to the agents of the places. An agent that moves away is gone for whoever cannot see where it went; one that was never shown is not
 * spoken of.
 */
export async function agentsOfPlaces(database: Pick<PrismaClient, 'agent'>, places: Places): Promise<Shown> {
  if (places === 'everywhere') return (event) => event;
  const rows = await database.agent.findMany({ where: { officeId: { in: [...places] } }, select: { id: true } });
  const known = new Set(rows.map(({ id }) => id));
  return ({ agents, ...event }) => {
    if (agents === undefined) return event;
    const changed = agents.changed.filter(({ officeId }) => isIn(places, officeId));
    for (const { id } of changed) known.add(id);
    const moved = agents.changed.filter(({ officeId }) => !isIn(places, officeId)).map(({ id }) => id);
    const removed = [...agents.removed, ...moved].filter((id) => known.delete(id));
    return changed.length === 0 && removed.length === 0 ? event : { ...event, agents: { changed, removed } };
  };
}
