/**
 * Who fetches what over the WAN. Every agent of an office computes the same answer from the folder and the agents that are live, so there is no
 * coordinator, no lease and no console on the path: rendezvous (highest random weight) hashing, Thaler & Ravishankar 1998.
 */
import { utf8 } from './bytes.ts';
import type { Sha256 } from './hashing.ts';
import type { AgentId, FolderId } from './ids.ts';
import { limits } from './limits.ts';

/** An agent that may fetch, and its share relative to others. */
export interface Candidate {
  agent: AgentId;
  /** 0 = only when nobody with a higher weight is live. */
  weight: number;
}

/** `candidates` in the order in which they are responsible for `key`: first the owner, then who takes over if it fails. */
export function rank(key: string, candidates: readonly Candidate[], sha256: Sha256): AgentId[] {
  return candidates
    .map(({ agent, weight }) => ({ agent, score: score(key, agent, weight, sha256) }))
    .sort((a, b) => b.score - a.score || (a.agent < b.agent ? -1 : 1))
    .map(({ agent }) => agent);
}

/** Weighted rendezvous score: weight / −ln(u), u uniform in (0,1) from the first 48 bits of SHA-256. Weight 0 ranks below every positive score. */
function score(key: string, agent: AgentId, weight: number, sha256: Sha256): number {
  const digest = sha256(utf8(`harp/rank/v1\n${key}\n${agent}`));
  const view = new DataView(digest.buffer, digest.byteOffset);
  const uniform = (view.getUint32(0) * 0x1_0000 + view.getUint16(4) + 0.5) / 2 ** 48;
  return weight > 0 ? weight / -Math.log(uniform) : -1 + uniform;
}

/** Who fetches a folder's bytes, and how many downloads each keeps open: together never more than the office's limit. */
export interface Fetchers {
  agents: AgentId[];
  streamsEach: number;
}

/**
 * Elects the agents that fetch `folder` from the origin: the first `wanStreams` in rank. Bounding the fetchers is what bounds the office's
 * streams without anyone counting them.
 */
export function electFetchers(
  folder: FolderId,
  live: readonly Candidate[],
  wanStreams: number,
  sha256: Sha256,
): Fetchers {
  const agents = rank(`fetchers/${folder}`, live, sha256).slice(0, wanStreams);
  return { agents, streamsEach: agents.length === 0 ? 0 : Math.max(1, Math.floor(wanStreams / agents.length)) };
}

/** The name of the run that holds the chunk starting at `offset` of a file version: neighbours in 8 MiB are fetched by one agent in one request. */
export function runKey(manifest: string, offset: number): string {
  return `${manifest}/${Math.floor(offset / limits.runBytes)}`;
}
