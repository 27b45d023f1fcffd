/** The desired document of an agent from what the database says. Pure: the same fleet gives the same documents, so only real changes are published. */
import { createHash } from 'node:crypto';
import type { AgentId, Desired, FolderId, OfficeId, OriginGrant, RosterMember } from '@harp/broker/protocol';
import { canonicalJson, limits, type OfficePolicy } from '@harp/broker/protocol';

/** An agent that is not revoked. */
export interface FleetAgent {
  id: AgentId;
  addresses: readonly string[];
  desiredRevision: number;
  desiredDigest: string;
}

/** A folder in an office. `origin` is null until the office's share is there. */
export interface FleetFolder {
  id: FolderId;
  name: string;
  origin: OriginGrant | null;
}

export interface FleetOffice {
  id: OfficeId;
  name: string;
  policy: OfficePolicy;
  folders: readonly FleetFolder[];
  agents: readonly FleetAgent[];
}

/** What all agents of an office are told alike: a desired document without agent, revision and time. */
export type OfficeContent = Omit<Desired, 'v' | 'agent' | 'revision' | 'atMs'>;

/** Addresses are hints, and every agent of the office gets everybody's over the thin line. */
const ADDRESSES_PER_MEMBER = 8;
/** Nobody has set weights apart yet: all agents of an office share the fetching evenly. */
const EVEN_WEIGHT = 1;

/** The content for one office; everything sorted, so that it depends on nothing but what it says. */
export function officeContent(office: FleetOffice): OfficeContent {
  const folders = [...office.folders].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limits.agentMaxFolders);
  const folderIds = folders.map(({ id }) => id);
  const roster = [...office.agents]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limits.rosterMaxAgents)
    .map(
      ({ id, addresses }): RosterMember => ({
        agent: id,
        folders: folderIds,
        addresses: addresses.slice(0, ADDRESSES_PER_MEMBER),
        wanWeight: EVEN_WEIGHT,
      }),
    );
  return { office: { id: office.id, name: office.name }, policy: office.policy, folders, roster };
}

/**
 * Whether `after` differs from `before` in the roster only, and nobody has left it. Agents can wait a moment for such news; a new folder or the end of
 * somebody's membership cannot wait.
 */
export function onlyRosterGrew(before: OfficeContent, after: OfficeContent): boolean {
  const { roster: rosterBefore, ...restBefore } = before;
  const { roster: rosterAfter, ...restAfter } = after;
  const present = new Set(rosterAfter.map(({ agent }) => agent));
  return (
    canonicalJson(restBefore) === canonicalJson(restAfter) && rosterBefore.every(({ agent }) => present.has(agent))
  );
}

/** The same content of an office that has no links. */
export function withoutLinks(content: OfficeContent): OfficeContent {
  return { ...content, folders: content.folders.map((folder) => ({ ...folder, origin: null })) };
}

/** Names a content: SHA-256 of its canonical JSON, hexadecimal. */
export function digestOf(content: OfficeContent): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** The text to sign for one agent. */
export function desiredText(content: OfficeContent, of: { agent: AgentId; revision: number; atMs: number }): string {
  const desired: Desired = { v: 1, ...of, ...content };
  return canonicalJson(desired);
}
