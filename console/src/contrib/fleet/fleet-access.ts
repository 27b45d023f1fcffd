/**
 * The way of commands, addresses and quick access to the fleet that the page has read: they run outside components. Nothing is kept here; it is the
 * query cache that components see.
 */
import type { QueryClient } from '@tanstack/react-query';
import { fleetOf } from '../../api/agent-list.ts';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';

export interface FleetAccess {
  /** Told by the provider as soon as the page has a query cache. */
  connect(client: QueryClient): void;
  readonly client: QueryClient | undefined;
  /** What was read so far; the same array while nothing changed. */
  offices(): readonly OfficeSummary[];
  agents(): readonly AgentSummary[];
  agent(id: string): AgentSummary | undefined;
  /** Reads everything again. */
  refresh(): Promise<void>;
  /** By id or by name. */
  office(idOrName: string): OfficeSummary | undefined;
}

const noOffices: readonly OfficeSummary[] = [];
const noAgents: readonly AgentSummary[] = [];

/** A way that leads nowhere until it is connected. */
export function createFleetAccess(): FleetAccess {
  let client: QueryClient | undefined;
  const agents = () => client?.getQueryData(agentsQuery.queryKey) ?? noAgents;
  const offices = () => client?.getQueryData(officesQuery.queryKey)?.offices ?? noOffices;
  return {
    connect(connected) {
      client = connected;
    },
    get client() {
      return client;
    },
    offices,
    agents,
    refresh: async () => {
      await Promise.all([
        client?.invalidateQueries({ queryKey: officesQuery.queryKey }),
        client?.invalidateQueries({ queryKey: agentsQuery.queryKey }),
      ]);
    },
    agent: (id) => fleetOf(agents()).byId.get(id),
    office: (idOrName) => findOffice(offices(), idOrName),
  };
}

/** The office of this id or name; a name that is another office's id loses. */
export function findOffice(offices: readonly OfficeSummary[], idOrName: string): OfficeSummary | undefined {
  return offices.find(({ id }) => id === idOrName) ?? offices.find(({ name }) => name === idOrName);
}
