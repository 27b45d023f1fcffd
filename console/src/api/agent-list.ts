/**
 * The fleet's agents as the page keeps them: a list that is replaced when something changes, in which every unchanged agent stays the same object, so
 * that rows which did not change need not be drawn again. Pure; live.tsx puts it into the query cache.
 */
import type { AgentSummary, AgentsDelta } from './schemas.ts';

/** The agents in the order of the API (by id), and by id. `version` rises with every change. */
export interface AgentFleet {
  readonly byId: ReadonlyMap<string, AgentSummary>;
  readonly list: readonly AgentSummary[];
  readonly version: number;
}

/** Where each agent stands in a list; shared by lists in which the same agents stand in the same places. */
type Positions = ReadonlyMap<string, number>;

interface Index {
  positions: Positions;
  version: number;
}

/** What was worked out for a list lives as long as the list. */
const indexes = new WeakMap<readonly AgentSummary[], Index>();
const fleets = new WeakMap<readonly AgentSummary[], AgentFleet>();
let versions = 0;

const noAgents: readonly AgentSummary[] = [];

/** The fleet of a list; the same object for the same list. */
export function fleetOf(list: readonly AgentSummary[] = noAgents): AgentFleet {
  const known = fleets.get(list);
  if (known !== undefined) return known;
  const { positions, version } = indexOf(list);
  const fleet = { byId: new AgentsById(list, positions), list, version };
  fleets.set(list, fleet);
  return fleet;
}

/**
 * The list after a delta of the live stream: changed agents replaced in their places, new ones added in order of their ids, removed ones gone. The
 * list itself if the delta says nothing new. While nobody comes or goes it costs a copy of the list, which is nothing; else a new index.
 */
export function withDelta(list: readonly AgentSummary[], { changed, removed }: AgentsDelta): readonly AgentSummary[] {
  const { positions } = indexOf(list);
  const gone = removed.filter((id) => positions.has(id));
  const added = changed.filter(({ id }) => !positions.has(id));
  const replaced = changed.filter((agent) => {
    const position = positions.get(agent.id);
    return position !== undefined && !sameAgent(list[position]!, agent);
  });
  if (gone.length + added.length + replaced.length === 0) return list;
  const next = [...list];
  for (const agent of replaced) next[positions.get(agent.id)!] = agent;
  if (gone.length + added.length === 0) {
    // Nobody moved, so the positions of the old list are those of the new one.
    remember(next, positions);
    return next;
  }
  const away = new Set(gone);
  return next
    .filter(({ id }) => !away.has(id))
    .concat(added)
    .sort(byAgentId);
}

/** The list just read, in which every agent that is as before is the object it was before. */
export function withKnown(
  before: readonly AgentSummary[] | undefined,
  read: readonly AgentSummary[],
): readonly AgentSummary[] {
  if (before === undefined) return read;
  const { byId } = fleetOf(before);
  let isBefore = before.length === read.length;
  let isRead = true;
  const next = read.map((agent, position) => {
    // As after a delta of the live stream, where nearly all are.
    if (agent === before[position]) return agent;
    const known = byId.get(agent.id);
    const kept = known !== undefined && sameAgent(known, agent) ? known : agent;
    if (kept !== before[position]) isBefore = false;
    if (kept !== agent) isRead = false;
    return kept;
  });
  // What was worked out for a list is kept with it, so a list that says the same is not put in its place.
  return isBefore ? before : isRead ? read : next;
}

function indexOf(list: readonly AgentSummary[]): Index {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  return remember(list, new Map(list.map(({ id }, position) => [id, position])));
}

function remember(list: readonly AgentSummary[], positions: Positions): Index {
  versions += 1;
  const made = { positions, version: versions };
  indexes.set(list, made);
  return made;
}

/** A list seen as a map: its index is shared, so a new list needs no new map. */
class AgentsById implements ReadonlyMap<string, AgentSummary> {
  readonly #list: readonly AgentSummary[];
  readonly #positions: Positions;

  constructor(list: readonly AgentSummary[], positions: Positions) {
    this.#list = list;
    this.#positions = positions;
  }

  get size(): number {
    return this.#list.length;
  }

  get(id: string): AgentSummary | undefined {
    const position = this.#positions.get(id);
    return position === undefined ? undefined : this.#list[position];
  }

  has(id: string): boolean {
    return this.#positions.has(id);
  }

  forEach(call: (agent: AgentSummary, id: string, map: ReadonlyMap<string, AgentSummary>) => void): void {
    for (const agent of this.#list) call(agent, agent.id, this);
  }

  *entries(): MapIterator<[string, AgentSummary]> {
    for (const agent of this.#list) yield [agent.id, agent];
  }

  *keys(): MapIterator<string> {
    for (const { id } of this.#list) yield id;
  }

  values(): MapIterator<AgentSummary> {
    return this.#list.values() as MapIterator<AgentSummary>;
  }

  [Symbol.iterator](): MapIterator<[string, AgentSummary]> {
    return this.entries();
  }
}

function byAgentId(a: AgentSummary, b: AgentSummary): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Field by field, without turning anything into text: ten thousand comparisons must not be felt. */
function sameAgent(a: AgentSummary, b: AgentSummary): boolean {
  return (
    a.state === b.state &&
    a.lastSeenAtMs === b.lastSeenAtMs &&
    a.peers === b.peers &&
    a.version === b.version &&
    a.hostname === b.hostname &&
    a.officeId === b.officeId &&
    a.platform === b.platform &&
    a.enrolledAtMs === b.enrolledAtMs &&
    sameItems(a.addresses, b.addresses, Object.is) &&
    sameItems(a.folders, b.folders, sameFolder)
  );
}

function sameFolder(a: AgentSummary['folders'][number], b: AgentSummary['folders'][number]): boolean {
  return (
    a.id === b.id &&
    a.state === b.state &&
    a.reason === b.reason &&
    a.seq === b.seq &&
    a.filesTotal === b.filesTotal &&
    a.filesDone === b.filesDone &&
    a.bytesTotal === b.bytesTotal &&
    a.bytesDone === b.bytesDone
  );
}

function sameItems<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]!));
}
