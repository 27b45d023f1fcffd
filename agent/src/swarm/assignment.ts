/** Who gets what from whom: the swarm's decisions as functions of what is known, so that they can be read and tested as tables. */
import { type AgentId, type Candidate, electFetchers, type Fetchers, type FolderId, rank } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';

/** Who may fetch one folder at this moment, and who does. */
export interface Office {
  readonly candidates: readonly Candidate[];
  /** The elected, and how many streams each of them opens. */
  readonly fetchers: Fetchers;
}

/** `candidates`: the agents of `folder` that are live, ourselves included if we may fetch. `wanStreams`: how many downloads the office allows. */
export function officeOf(folder: FolderId, candidates: readonly Candidate[], wanStreams: number): Office {
  return { candidates, fetchers: electFetchers(folder, candidates, wanStreams, sha256) };
}

/**
 * Who is responsible for `run`: the first in rank among the elected fetchers that has not `failed`; when all of them have, among the rest.
 * Undefined when nobody is left.
 */
export function ownerOf(run: string, office: Office, failed: ReadonlySet<AgentId>): AgentId | undefined {
  const elected = new Set(office.fetchers.agents);
  const fetchers = office.candidates.filter(({ agent }) => elected.has(agent));
  const first = rank(run, fetchers, sha256).find((agent) => !failed.has(agent));
  if (first !== undefined) return first;
  const rest = office.candidates.filter(({ agent }) => !failed.has(agent));
  return rank(run, rest, sha256)[0];
}

/**
 * Which of `holders` to ask for a chunk: the one that owes us least, so that every holder carries its share; among equals the first in rank for
 * this chunk, so that agents that start together do not all begin with the same one.
 */
export function holderFor(
  chunk: string,
  holders: readonly AgentId[],
  outstandingBytes: (holder: AgentId) => number,
): AgentId | undefined {
  const least = Math.min(...holders.map(outstandingBytes));
  const equals = holders.filter((holder) => outstandingBytes(holder) === least);
  if (equals.length < 2) return equals[0];
  return rank(
    chunk,
    equals.map((agent) => ({ agent, weight: 1 })),
    sha256,
  )[0];
}
