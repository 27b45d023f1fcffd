/** The rows of the fleet tree: what a group or an agent looks like, and which rows are made anew because something below them changed. */
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { conditionIds, conditions } from './agent-state.ts';
import { cutName } from './display-name.ts';
import type { FleetNode, FleetTreeInput, FleetWords, GroupFacts } from './fleet-tree.ts';
import type { Grouping } from './grouping.ts';
import { agentTarget, officeTarget } from './targets.ts';

/** Rows that stand together, with what is counted of the agents below. */
export interface Group {
  kind: Grouping;
  key: string;
  name: string;
  sortKey: string;
  parent: Group | undefined;
  office: OfficeSummary | undefined;
  groups: Group[];
  entries: Entry[];
  /** How many agents below have each condition. */
  counts: number[];
  online: number;
  /** Shown even without agents. */
  keepsEmpty: boolean;
  isDirty: boolean;
  node: FleetNode | undefined;
}

/** An agent in its place. */
export interface Entry {
  agent: AgentSummary;
  sortKey: string;
  condition: number;
  /** Undefined when the filter leaves it out. */
  group: Group | undefined;
  node: FleetNode | undefined;
}

const REVOKED = conditionIds.indexOf('revoked');
/** Conditions before this one are something to be told about in a summary. */
const FIRST_HARMLESS = conditionIds.indexOf('starting');
/** A group without anything in it. */
export function emptyGroup(kind: Grouping, key: string, name: string, parent: Group | undefined): Group {
  return {
    kind,
    key,
    name,
    sortKey: '',
    parent,
    office: undefined,
    groups: [],
    entries: [],
    counts: conditionIds.map(() => 0),
    online: 0,
    keepsEmpty: false,
    isDirty: false,
    node: undefined,
  };
}

const noNodes: readonly FleetNode[] = [];

/** The rows below a group; the very array of the last time when nothing below changed. */
export function nodesOf(group: Group, input: FleetTreeInput): readonly FleetNode[] {
  if (!group.isDirty && group.node?.children !== undefined) return group.node.children;
  const children: FleetNode[] = [];
  for (const each of group.groups) {
    if (!isVisible(each)) continue;
    if (each.isDirty || each.node === undefined) each.node = groupNode(each, input);
    each.isDirty = false;
    children.push(each.node);
  }
  for (const { node } of group.entries) if (node !== undefined) children.push(node);
  if (group.parent === undefined) {
    group.isDirty = false;
    group.node = { id: '', name: '', icon: '', children };
  }
  return children;
}

function isVisible(group: Group): boolean {
  return group.entries.length > 0 || group.keepsEmpty || group.groups.some(isVisible);
}

const icons: Readonly<Record<Grouping, string>> = {
  region: 'location',
  office: 'organization',
  version: 'versions',
  state: 'list-tree',
};

function groupNode(group: Group, input: FleetTreeInput): FleetNode {
  const { kind, key, office, counts } = group;
  const facts = factsOf(group, input.agents !== undefined);
  const worst = counts.findIndex((count, index) => count > 0 && index !== REVOKED);
  const name = cutName(group.name);
  return {
    id: `${kind}/${key}`,
    name,
    icon: kind === 'state' ? conditions[conditionIds[Number(group.sortKey)]!].icon : icons[kind],
    tone: worst < 0 ? 'unknown' : conditions[conditionIds[worst]!].tone,
    description: input.words.summary(facts),
    title: input.words.groupTitle(group.name, facts),
    children: kind === 'office' && input.agents === undefined ? noNodes : nodesOf(group, input),
    hasChildren: input.agents === undefined && facts.total > 0 ? true : undefined,
    actions: office === undefined ? undefined : input.words.officeActions,
    data: office === undefined ? undefined : officeTarget(office),
  };
}

function factsOf(group: Group, isCounted: boolean): GroupFacts {
  const { office, counts, online } = group;
  const lan = office === undefined ? undefined : lanShare(office);
  if (!isCounted) {
    const offices = office === undefined ? group.groups.flatMap((each) => each.office ?? []) : [office];
    return {
      online: offices.reduce((sum, each) => sum + each.agentsOnline, 0),
      total: offices.reduce((sum, each) => sum + each.agentsTotal, 0),
      worst: undefined,
      lan,
    };
  }
  const index = counts.findIndex((count) => count > 0);
  return {
    online,
    total: counts.reduce((sum, count, condition) => (condition === REVOKED ? sum : sum + count), 0),
    worst: index >= 0 && index < FIRST_HARMLESS ? { index, count: counts[index]! } : undefined,
    lan,
  };
}

function lanShare({ last24h: { fromPeers, fromLocal, fromOrigin } }: OfficeSummary): number | undefined {
  const all = fromPeers + fromLocal + fromOrigin;
  return all === 0 ? undefined : (fromPeers + fromLocal) / all;
}

/** The row of an agent. */
export function agentNode(agent: AgentSummary, condition: number, words: FleetWords): FleetNode {
  const { icon, tone } = conditions[conditionIds[condition]!];
  const state = words.state(agent);
  const name = cutName(agent.hostname);
  return {
    id: `agent/${agent.id}`,
    name,
    icon,
    tone,
    description: state,
    title: words.agentTitle(agent.hostname, state, agent.version),
    actions: words.agentActions,
    data: agentTarget(agent),
  };
}
