/** The objects that fleet commands are about: what rows of trees and tables carry, and what menus hand on. */
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';

/** An office or an agent, enough to open and name it. */
export interface FleetTarget {
  kind: 'office' | 'agent';
  id: string;
  name: string;
}

/** What an office is to commands. */
export function officeTarget({ id, name }: Pick<OfficeSummary, 'id' | 'name'>): FleetTarget {
  return { kind: 'office', id, name };
}

/** What an agent is to commands. */
export function agentTarget({ id, hostname }: Pick<AgentSummary, 'id' | 'hostname'>): FleetTarget {
  return { kind: 'agent', id, name: hostname };
}

/** The offices and agents in a command's argument: a target, a tree row that carries one, or a list of either. Everything else is ignored. */
export function targetsIn(argument: unknown): readonly FleetTarget[] {
  if (Array.isArray(argument)) return argument.flatMap(targetsIn);
  if (typeof argument !== 'object' || argument === null) return [];
  if (isTarget(argument)) return [argument];
  return 'data' in argument ? targetsIn(argument.data) : [];
}

function isTarget(value: object): value is FleetTarget {
  return (
    'kind' in value &&
    (value.kind === 'office' || value.kind === 'agent') &&
    'id' in value &&
    typeof value.id === 'string' &&
    'name' in value &&
    typeof value.name === 'string'
  );
}
