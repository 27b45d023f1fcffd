/** Every MQTT message Harp sends. ACL, ingest and the tables of docs/protocol/mqtt-v1.md are derived from this object. MQTT 3.1.1. */
import { z } from 'zod';
import { HarpError } from './errors.ts';
import { AgentId, FolderId } from './ids.ts';
import { limits } from './limits.ts';
import { Command, LogBatch } from './log.ts';
import { Ack, Report, Telemetry } from './reports.ts';
import { SignedText } from './signing.ts';
import { Reported } from './twin.ts';

/** Who may be at one end of a message. `console` and `ingest` are services of the data centre. */
export type Role = 'agent' | 'console' | 'ingest';

interface MessageDefinition<T extends string, P extends z.ZodType> {
  topic: T;
  publisher: Role;
  subscribers: readonly Role[];
  qos: 0 | 1;
  retain: boolean;
  maxBytes: number;
  payload: P;
  what: string;
}

function define<const T extends string, P extends z.ZodType>(
  definition: MessageDefinition<T, P>,
): MessageDefinition<T, P> {
  return definition;
}

export const Presence = z.object({ v: z.literal(1), online: z.boolean(), atMs: z.int().min(0) });
export type Presence = z.infer<typeof Presence>;

export const messages = {
  desired: define({
    topic: 'harp/v1/agent/{agentId}/desired',
    publisher: 'console',
    subscribers: ['agent', 'console'],
    qos: 1,
    retain: true,
    maxBytes: limits.mqttPayloadMaxBytes,
    payload: SignedText,
    what: 'Signed Desired: policy, folders with origin grants, roster.',
  }),
  reported: define({
    topic: 'harp/v1/agent/{agentId}/reported',
    publisher: 'agent',
    subscribers: ['console', 'ingest'],
    qos: 1,
    retain: true,
    maxBytes: limits.mqttPayloadMaxBytes,
    payload: Reported,
    what: 'The agent’s present state, on change, at most every two seconds.',
  }),
  presence: define({
    topic: 'harp/v1/agent/{agentId}/presence',
    publisher: 'agent',
    subscribers: ['console', 'ingest'],
    qos: 1,
    retain: true,
    maxBytes: 256,
    payload: Presence,
    what: 'Online; the last will says offline.',
  }),
  telemetry: define({
    topic: 'harp/v1/agent/{agentId}/telemetry',
    publisher: 'agent',
    subscribers: ['console', 'ingest'],
    qos: 0,
    retain: false,
    maxBytes: 64 * 1024,
    payload: Telemetry,
    what: 'Counters of one interval; may be lost.',
  }),
  event: define({
    topic: 'harp/v1/agent/{agentId}/event',
    publisher: 'agent',
    subscribers: ['console', 'ingest'],
    qos: 1,
    retain: false,
    maxBytes: limits.mqttPayloadMaxBytes,
    payload: Report,
    what: 'Deliveries and events from the outbox; repeated until acknowledged.',
  }),
  ack: define({
    topic: 'harp/v1/agent/{agentId}/ack',
    publisher: 'ingest',
    subscribers: ['agent'],
    qos: 1,
    retain: false,
    maxBytes: 8 * 1024,
    payload: Ack,
    what: 'Reports that are committed to the database.',
  }),
  command: define({
    topic: 'harp/v1/agent/{agentId}/command',
    publisher: 'console',
    subscribers: ['agent'],
    qos: 1,
    retain: false,
    maxBytes: limits.commandMaxBytes,
    payload: Command,
    what: 'Asks the agent for something now, for example for its log.',
  }),
  log: define({
    topic: 'harp/v1/agent/{agentId}/log',
    publisher: 'agent',
    subscribers: ['console'],
    qos: 0,
    retain: false,
    maxBytes: limits.logBatchMaxBytes,
    payload: LogBatch,
    what: 'Lines of the agent’s log; only while a command asks for them.',
  }),
  head: define({
    topic: 'harp/v1/folder/{folderId}/head',
    publisher: 'console',
    subscribers: ['agent', 'console'],
    qos: 1,
    retain: true,
    maxBytes: 16 * 1024,
    payload: SignedText,
    what: 'Signed Head of the folder’s chain.',
  }),
} as const;

export type MessageName = keyof typeof messages;

type Param<T extends string> = T extends `${string}{${infer P}}${infer Rest}` ? P | Param<Rest> : never;

/** Fills a topic template. @throws {HarpError} `protocol.invalid_topic` if a value is empty or holds `/`, `+`, `#` or NUL. */
export function topicFor<T extends string>(template: T, params: Record<Param<T>, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = (params as Record<string, string>)[name];
    if (value === undefined || value === '' || /[/+#\0]/.test(value)) {
      throw new HarpError('protocol.invalid_topic', `topic parameter ${name} is empty or holds a reserved character`);
    }
    return value;
  });
}

/** The filter that subscribes to a message for every agent or folder: each parameter becomes `+`. */
export function filterFor(template: string): string {
  return template.replace(/\{\w+\}/g, '+');
}

/** A concrete topic taken apart: which message it carries and for which agent or folder. */
export type ParsedTopic =
  | { message: Exclude<MessageName, 'head'>; agentId: AgentId }
  | { message: 'head'; folderId: FolderId };

/** Takes a topic apart; undefined if no message of the catalogue has it (wildcards included). */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const [root, version, kind, id, name, ...rest] = topic.split('/');
  if (root !== 'harp' || version !== 'v1' || rest.length > 0 || name === undefined || !Object.hasOwn(messages, name))
    return undefined;
  const message = name as MessageName;
  if (kind === 'folder' && message === 'head') {
    const folderId = FolderId.safeParse(id);
    return folderId.success ? { message, folderId: folderId.data } : undefined;
  }
  if (kind === 'agent' && message !== 'head') {
    const agentId = AgentId.safeParse(id);
    return agentId.success ? { message, agentId: agentId.data } : undefined;
  }
  return undefined;
}
