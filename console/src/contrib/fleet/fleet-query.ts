/** What people type to find agents: `office:north state:offline version:1.4 -lab`. One language for tree, table, saved filters and addresses. */
import type { AgentSummary } from '../../api/schemas.ts';
import { formatTerm, matchesQuery, parseQuery, type Term } from '../../ui/query.ts';
import { conditionOf } from './agent-state.ts';

/** The keys a term may have. `ip` is a part of an address; `region:none` finds offices that have none. */
export const queryKeys = ['office', 'region', 'state', 'version', 'system', 'ip'] as const;
export type QueryKey = (typeof queryKeys)[number];

/** What stands for an office without region. */
export const NO_REGION = 'none';

/** What is known of the office of an agent; undefined when the office is not among those that were read. */
export type OfficeFacts = { name: string; region: string | null } | undefined;

/** A query ready to be asked many times. */
export interface FleetQuery {
  /** No term at all: everything is found. */
  readonly isEmpty: boolean;
  matchesAgent(agent: AgentSummary, office: OfficeFacts): boolean;
  /** Whether an office without agents is found: by terms about offices alone. */
  matchesOffice(office: NonNullable<OfficeFacts>): boolean;
}

/** Reads a query. Nothing is an error: what is no term is a word. */
export function fleetQuery(text: string): FleetQuery {
  const terms = parseQuery(text, queryKeys).filter(({ value }) => value !== '');
  const ofOffices = terms.every(({ key }) => key === undefined || key === 'office' || key === 'region');
  return {
    isEmpty: terms.length === 0,
    matchesAgent: (agent, office) => matchesAll({ agent, office }, terms),
    matchesOffice: (office) => ofOffices && matchesAll({ agent: undefined, office }, terms),
  };
}

interface Row {
  agent: AgentSummary | undefined;
  office: OfficeFacts;
}

function matchesAll(row: Row, terms: readonly Term[]): boolean {
  return terms.length === 0 || matchesQuery(row, terms, valuesOf);
}

function valuesOf({ agent, office }: Row, key: string | undefined): readonly (string | null | undefined)[] {
  switch (key as QueryKey | undefined) {
    case 'office':
      return [office?.name, agent?.officeId];
    case 'region':
      return [office === undefined ? undefined : (office.region ?? NO_REGION)];
    case 'state':
      // `state:offline` finds who was never seen as well: it is not there.
      return agent === undefined ? [] : [conditionOf(agent), agent.state];
    case 'version':
      return [agent?.version];
    case 'system':
      return [agent?.platform];
    case 'ip':
      return agent?.addresses ?? [];
    default:
      return agent === undefined
        ? [office?.name, office?.region]
        : [agent.hostname, agent.id, office?.name, ...agent.addresses];
  }
}

/** The query that finds one office. */
export function queryForOffice(name: string): string {
  return formatTerm({ key: 'office', value: name, isNegated: false });
}
