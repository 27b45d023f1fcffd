/**
 * The signed roster as a question: may this agent share that folder with us? Set from `desired` only, so a decision about who gets bytes never
 * comes from a peer.
 */
import type { AgentId, Desired, FolderId, OfficePolicy, OriginGrant, RosterMember } from '@harp/broker/protocol';
import { defaultOfficePolicy } from '@harp/broker/protocol';
import type { Disposable } from '../ports.ts';
import { createListeners } from './listeners.ts';

export interface Roster {
  /** The member with this id, ourselves included; undefined if the office does not list it. */
  member(agent: AgentId): RosterMember | undefined;
  /** Every member, ourselves included. */
  members(): readonly RosterMember[];
  /** Whether `agent` and this agent both hold `folder`. */
  shares(agent: AgentId, folder: FolderId): boolean;
  /** The folders that `agent` and this agent both hold. */
  sharedFolders(agent: AgentId): FolderId[];
  /** How this office reads `folder` from Nextcloud; null if it has no grant or does not hold the folder. */
  grant(folder: FolderId): OriginGrant | null;
  policy(): OfficePolicy;
  configure(desired: Desired): void;
  /** After every `configure`. */
  onDidChange(listener: () => void): Disposable;
}

/** A roster that lists nobody until it is configured. */
export function createRoster(): Roster {
  const changed = createListeners();
  let members = new Map<AgentId, { member: RosterMember; folders: ReadonlySet<FolderId> }>();
  let grants = new Map<FolderId, OriginGrant | null>();
  let policy = defaultOfficePolicy;

  const shares = (agent: AgentId, folder: FolderId) =>
    grants.has(folder) && members.get(agent)?.folders.has(folder) === true;

  return {
    member: (agent) => members.get(agent)?.member,
    members: () => [...members.values()].map(({ member }) => member),
    shares,
    sharedFolders: (agent) => [...grants.keys()].filter((folder) => shares(agent, folder)),
    grant: (folder) => grants.get(folder) ?? null,
    policy: () => policy,
    configure(desired) {
      members = new Map(
        desired.roster.map((member) => [member.agent, { member, folders: new Set(member.folders) }] as const),
      );
      grants = new Map(desired.folders.map(({ id, origin }) => [id, origin] as const));
      policy = desired.policy;
      changed.fire();
    },
    onDidChange: (listener) => changed.add(listener),
  };
}
