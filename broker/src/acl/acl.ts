/**
 * Who may publish, subscribe and receive what: pure decisions derived from the message catalogue. Identity is what the TLS session proved,
 * membership is what the registry knows at this moment. Nothing here waits, logs or remembers; mqtt/ asks before every step.
 */
import {
  type AgentId,
  type FolderId,
  filterFor,
  type MessageName,
  messages,
  type ParsedTopic,
  parseTopic,
  type Role,
} from '../protocol/index.ts';
import type { TlsIdentity } from '../protocol/node/index.ts';

/** What the registry knows of an agent's rights. */
export interface Membership {
  /** Whether the agent is enrolled and not revoked. */
  isActive(agent: AgentId): boolean;
  /** Whether the agent's office has the folder. */
  hasFolder(agent: AgentId, folder: FolderId): boolean;
}

/** What the ACL has to know of a PUBLISH or a will. */
export interface PublishFacts {
  topic: string;
  qos: number;
  retain: boolean;
  payloadBytes: number;
}

/** Why a publish is refused. `too_large` names the message's own limit; everything else is not the client's to send. */
export type PublishDecision = 'allowed' | 'not_allowed' | 'too_large';

const serviceRoles: ReadonlySet<string> = new Set<Role>(['console', 'ingest']);
const messageNames = Object.keys(messages) as MessageName[];

/** The catalogue's role of an identity; undefined for a service the catalogue does not know. */
function roleOf(identity: TlsIdentity): Role | undefined {
  if (identity.role === 'agent') return 'agent';
  return serviceRoles.has(identity.service) ? (identity.service as Role) : undefined;
}

/** Whether the identity may send this message: its role publishes it, the topic is its own, and QoS, retain flag and size are the catalogue's. */
export function mayPublish(identity: TlsIdentity, facts: PublishFacts, membership: Membership): PublishDecision {
  const parsed = parseTopic(facts.topic);
  if (parsed === undefined) return 'not_allowed';
  const definition = messages[parsed.message];
  if (!writes(roleOf(identity), parsed.message)) return 'not_allowed';
  if (identity.role === 'agent' && !mayTouch(identity.agent, parsed, membership)) return 'not_allowed';
  if (facts.qos > definition.qos || facts.retain !== definition.retain) return 'not_allowed';
  return facts.payloadBytes > definition.maxBytes ? 'too_large' : 'allowed';
}

/** Whether a client may leave this last will: an agent its own presence, a service none. */
export function mayLeaveWill(identity: TlsIdentity, facts: PublishFacts, membership: Membership): PublishDecision {
  if (identity.role !== 'agent' || parseTopic(facts.topic)?.message !== 'presence') return 'not_allowed';
  return mayPublish(identity, facts, membership);
}

/** Whether the identity may subscribe: agents to their own topics by name, services also to a whole message with `+` for every parameter. */
export function maySubscribe(identity: TlsIdentity, filter: string, membership: Membership): boolean {
  const role = roleOf(identity);
  if (role === undefined) return false;
  const parsed = parseTopic(filter);
  if (parsed === undefined) {
    return identity.role === 'service' && messageNames.some((name) => isFilterOf(name, filter) && reads(role, name));
  }
  return reads(role, parsed.message) && (identity.role === 'service' || mayTouch(identity.agent, parsed, membership));
}

/** Whether a message may go out to the identity now: asked again for every message, because rights end while subscriptions live. */
export function mayForward(identity: TlsIdentity, topic: string, membership: Membership): boolean {
  return parseTopic(topic) !== undefined && maySubscribe(identity, topic, membership);
}

/** Whether the catalogue lets a role send a message. */
export function writes(role: Role | undefined, message: MessageName): boolean {
  return messages[message].publisher === role;
}

/** Whether the catalogue lets a role hear a message. */
export function reads(role: Role, message: MessageName): boolean {
  return (messages[message].subscribers as readonly Role[]).includes(role);
}

function isFilterOf(message: MessageName, filter: string): boolean {
  return filterFor(messages[message].topic) === filter;
}

function mayTouch(agent: AgentId, parsed: ParsedTopic, membership: Membership): boolean {
  if (!membership.isActive(agent)) return false;
  return parsed.message === 'head' ? membership.hasFolder(agent, parsed.folderId) : parsed.agentId === agent;
}
