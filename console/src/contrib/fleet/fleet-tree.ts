/**
 * The rows of the fleet tree, kept up to date as agents change. A change costs what it touches: the agent's row, its group, the groups above. The
 * rest keeps its row objects and is neither sorted nor drawn again. Pure: words and filters come from outside.
 */
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import type { TreeAction, TreeNode } from '../../ui/tree/model.ts';
import { changesBetween } from './agent-changes.ts';
import { conditionIds, conditionOf } from './agent-state.ts';
import { sortKeyOf } from './display-name.ts';
import type { FleetQuery } from './fleet-query.ts';
import { agentNode, type Entry, emptyGroup, type Group, nodesOf } from './fleet-tree-rows.ts';
import type { Grouping } from './grouping.ts';
import type { FleetTarget } from './targets.ts';

export type FleetNode = TreeNode<FleetTarget>;

/** What rows say. Asked for each row that changes, so it must be cheap: see fleet-words.ts. */
export interface FleetWords {
  /** An agent's state with its reason or progress. */
  state(agent: AgentSummary): string;
  /** The name of a state, for groups. */
  condition(index: number): string;
  agentTitle(name: string, state: string, version: string): string;
  /** `41/45 · 2 offline`: who is online, and the worst state with its count; `lan` instead when nothing is wrong. */
  summary(facts: GroupFacts): string;
  groupTitle(name: string, facts: GroupFacts): string;
  readonly noRegion: string;
  readonly unknownOffice: string;
  readonly officeActions: readonly TreeAction[];
  readonly agentActions: readonly TreeAction[];
}

/** What a group's row is made of. Revoked agents count for nothing. */
export interface GroupFacts {
  online: number;
  total: number;
  /** Index into `conditionIds` of the worst state, and how many have it; undefined when nothing is wrong or nothing is known. */
  worst: { index: number; count: number } | undefined;
  /** Share of the last day's bytes that did not cross the WAN; undefined for other groups and while nothing was delivered. */
  lan: number | undefined;
}

export interface FleetTreeInput {
  offices: readonly OfficeSummary[];
  /** In the order of their ids; undefined while they are being read: then offices show what the server counted. */
  agents: readonly AgentSummary[] | undefined;
  grouping: Grouping;
  query: FleetQuery;
  words: FleetWords;
}

export interface FleetTree {
  /** The rows now. The same array, and the same row objects, for whatever did not change since the last call. */
  update(input: FleetTreeInput): readonly FleetNode[];
}

/** Where a new group stands. */
interface Place {
  parent: Group;
  name: string;
  sortKey: string;
  office?: OfficeSummary | undefined;
}

/** What stands before a key: things without a name of their own come after all that have one. */
const FIRST = '1';
const LAST = '2';
const noAgents: readonly AgentSummary[] = [];

/** A tree that has seen nothing yet. */
export function createFleetTree(): FleetTree {
  let last: FleetTreeInput | undefined;
  let officesById = new Map<string, OfficeSummary>();
  let groups = new Map<string, Group>();
  let entries = new Map<string, Entry>();
  let root = emptyGroup('region', '', '', undefined);

  const touch = (from: Group | undefined) => {
    for (let group = from; group !== undefined; group = group.parent) group.isDirty = true;
  };

  /** The group, made when it is not there yet: names and their keys are worked out once a group, not once an agent. */
  const groupFor = (kind: Grouping, key: string, place: () => Place): Group => {
    const id = `${kind}/${key}`;
    const known = groups.get(id);
    if (known !== undefined) return known;
    const { parent, name, sortKey, office } = place();
    const made = { ...emptyGroup(kind, key, name, parent), sortKey, office };
    groups.set(id, made);
    parent.groups.splice(
      placeIn(parent.groups, (each) => compareGroups(each, made)),
      0,
      made,
    );
    touch(made);
    return made;
  };

  const regionGroup = (region: string | null, words: FleetWords): Group =>
    groupFor('region', region ?? '', () => ({
      parent: root,
      name: region ?? words.noRegion,
      sortKey: region === null ? LAST : FIRST + sortKeyOf(region),
    }));

  const officeGroup = (officeId: string, { grouping, words }: FleetTreeInput): Group =>
    groupFor('office', officeId, () => {
      const office = officesById.get(officeId);
      const name = office?.name ?? words.unknownOffice;
      return {
        parent: grouping === 'region' ? regionGroup(office?.region ?? null, words) : root,
        name,
        office,
        sortKey: (office === undefined ? LAST : FIRST) + sortKeyOf(name),
      };
    });

  const groupOf = (agent: AgentSummary, condition: number, input: FleetTreeInput): Group => {
    const { version } = agent;
    switch (input.grouping) {
      case 'version':
        return groupFor('version', version, () => ({ parent: root, name: version, sortKey: sortKeyOf(version) }));
      case 'state':
        return groupFor('state', conditionIds[condition]!, () => ({
          parent: root,
          name: input.words.condition(condition),
          sortKey: String(condition).padStart(2, '0'),
        }));
      default:
        return officeGroup(agent.officeId, input);
    }
  };

  const count = ({ group, condition, agent }: Entry, by: 1 | -1) => {
    for (let each = group; each !== undefined; each = each.parent) {
      each.counts[condition]! += by;
      if (agent.state === 'online') each.online += by;
    }
    touch(group);
  };

  const put = (agent: AgentSummary, input: FleetTreeInput) => {
    const condition = conditionIds.indexOf(conditionOf(agent));
    const isShown = input.query.isEmpty || input.query.matchesAgent(agent, officesById.get(agent.officeId));
    const group = isShown ? groupOf(agent, condition, input) : undefined;
    const before = entries.get(agent.id);
    const node = group === undefined ? undefined : agentNode(agent, condition, input.words);
    if (before !== undefined && before.group === group && before.agent.hostname === agent.hostname) {
      // It stays where it is: only its row and the counts are other ones.
      count(before, -1);
      Object.assign(before, { agent, condition, node });
      count(before, 1);
      return;
    }
    if (before !== undefined) take(before);
    const entry: Entry = {
      agent,
      sortKey: before?.agent.hostname === agent.hostname ? before.sortKey : sortKeyOf(agent.hostname),
      condition,
      group,
      node,
    };
    entries.set(agent.id, entry);
    if (group === undefined) return;
    group.entries.splice(
      placeIn(group.entries, (each) => compareEntries(each, entry)),
      0,
      entry,
    );
    count(entry, 1);
  };

  const take = (entry: Entry) => {
    const { group, agent } = entry;
    entries.delete(agent.id);
    if (group === undefined) return;
    const place = placeIn(group.entries, (each) => compareEntries(each, entry));
    if (group.entries[place] === entry) group.entries.splice(place, 1);
    count(entry, -1);
  };

  const rebuild = (input: FleetTreeInput) => {
    officesById = new Map(input.offices.map((office) => [office.id, office]));
    groups = new Map();
    entries = new Map();
    root = emptyGroup('region', '', '', undefined);
    if (input.grouping === 'region' || input.grouping === 'office') {
      for (const office of input.offices) {
        const isKept = input.query.isEmpty || input.query.matchesOffice(office);
        if (isKept || input.agents === undefined) officeGroup(office.id, input).keepsEmpty = isKept;
      }
    }
    // Sorted at once: putting ten thousand in their places one by one moves each of them many times.
    const added: Entry[] = [];
    for (const agent of input.agents ?? noAgents) {
      const condition = conditionIds.indexOf(conditionOf(agent));
      const isShown = input.query.isEmpty || input.query.matchesAgent(agent, officesById.get(agent.officeId));
      const group = isShown ? groupOf(agent, condition, input) : undefined;
      const node = group === undefined ? undefined : agentNode(agent, condition, input.words);
      const entry: Entry = { agent, sortKey: sortKeyOf(agent.hostname), condition, group, node };
      entries.set(agent.id, entry);
      if (group !== undefined) added.push(entry);
    }
    for (const entry of added.sort(compareEntries)) {
      entry.group!.entries.push(entry);
      count(entry, 1);
    }
  };

  const refreshOffices = (before: readonly OfficeSummary[], { offices }: FleetTreeInput) => {
    for (const [place, office] of offices.entries()) {
      if (office === before[place]) continue;
      officesById.set(office.id, office);
      const group = groups.get(`office/${office.id}`);
      if (group === undefined) continue;
      group.office = office;
      touch(group);
    }
  };

  return {
    update(asked) {
      const before = last;
      const input = withoutNeedlessLevel(asked);
      last = input;
      const isSameQuestion =
        before !== undefined &&
        before.grouping === input.grouping &&
        before.query === input.query &&
        before.words === input.words &&
        (before.agents === undefined) === (input.agents === undefined) &&
        haveSamePlaces(before.offices, input.offices);
      if (isSameQuestion) {
        if (before.offices !== input.offices) refreshOffices(before.offices, input);
        const { changed, removed } = changesBetween(before.agents ?? noAgents, input.agents ?? noAgents);
        for (const { id } of removed) {
          const entry = entries.get(id);
          if (entry !== undefined) take(entry);
        }
        for (const agent of changed) put(agent, input);
      } else {
        rebuild(input);
      }
      return nodesOf(root, input);
    },
  };
}

/** Where no office has a region, a level that says so of all of them says nothing. */
function withoutNeedlessLevel(input: FleetTreeInput): FleetTreeInput {
  const isNeedless = input.grouping === 'region' && input.offices.every(({ region }) => region === null);
  return isNeedless ? { ...input, grouping: 'office' } : input;
}

/** Where the first stands that is not before: `compare` says below zero for those before. */
function placeIn<T>(sorted: readonly T[], compare: (item: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareEntries(a: Entry, b: Entry): number {
  if (a.sortKey !== b.sortKey) return a.sortKey < b.sortKey ? -1 : 1;
  return a.agent.id < b.agent.id ? -1 : a.agent.id > b.agent.id ? 1 : 0;
}

/** By name; versions the newest first. */
function compareGroups(a: Group, b: Group): number {
  const order = a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  return a.kind === 'version' ? -order : order;
}

/** Whether every office stands where it stood: then rows only need new figures. */
function haveSamePlaces(before: readonly OfficeSummary[], now: readonly OfficeSummary[]): boolean {
  return (
    before === now ||
    (before.length === now.length &&
      now.every((office, place) => {
        const other = before[place]!;
        return (
          other === office || (other.id === office.id && other.name === office.name && other.region === office.region)
        );
      }))
  );
}
