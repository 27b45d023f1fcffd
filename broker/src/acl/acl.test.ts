import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AgentId, type FolderId, filterFor, messages, topicFor } from '../protocol/index.ts';
import type { TlsIdentity } from '../protocol/node/index.ts';
import { type Membership, mayForward, mayLeaveWill, mayPublish, maySubscribe, type PublishFacts } from './acl.ts';

const alice = 'a'.repeat(52) as AgentId;
const bob = 'b'.repeat(52) as AgentId;
const ours = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const theirs = 'fld-bbbbbbbbbbbbbbbb' as FolderId;

const asAlice: TlsIdentity = { role: 'agent', agent: alice };
const asConsole: TlsIdentity = { role: 'service', service: 'console' };
const asIngest: TlsIdentity = { role: 'service', service: 'ingest' };
const asStranger: TlsIdentity = { role: 'service', service: 'backup' };

const membership: Membership = { isActive: () => true, hasFolder: (_, folder) => folder === ours };
const revoked: Membership = { isActive: () => false, hasFolder: () => true };

const own = {
  desired: topicFor(messages.desired.topic, { agentId: alice }),
  reported: topicFor(messages.reported.topic, { agentId: alice }),
  presence: topicFor(messages.presence.topic, { agentId: alice }),
  telemetry: topicFor(messages.telemetry.topic, { agentId: alice }),
  event: topicFor(messages.event.topic, { agentId: alice }),
  ack: topicFor(messages.ack.topic, { agentId: alice }),
  command: topicFor(messages.command.topic, { agentId: alice }),
  log: topicFor(messages.log.topic, { agentId: alice }),
};
const bobs = {
  desired: topicFor(messages.desired.topic, { agentId: bob }),
  presence: topicFor(messages.presence.topic, { agentId: bob }),
  telemetry: topicFor(messages.telemetry.topic, { agentId: bob }),
  ack: topicFor(messages.ack.topic, { agentId: bob }),
  command: topicFor(messages.command.topic, { agentId: bob }),
  log: topicFor(messages.log.topic, { agentId: bob }),
};
const head = (folderId: FolderId) => topicFor(messages.head.topic, { folderId });

const publish = (topic: string, facts: Partial<PublishFacts> = {}): PublishFacts => ({
  topic,
  qos: 0,
  retain: false,
  payloadBytes: 10,
  ...facts,
});

describe('mayPublish', () => {
  test.each([
    { who: 'an agent', as: asAlice, name: 'own telemetry', facts: publish(own.telemetry), decision: 'allowed' },
    { who: 'an agent', as: asAlice, name: 'own event', facts: publish(own.event, { qos: 1 }), decision: 'allowed' },
    {
      who: 'an agent',
      as: asAlice,
      name: 'own presence, retained',
      facts: publish(own.presence, { qos: 1, retain: true }),
      decision: 'allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'own reported, retained',
      facts: publish(own.reported, { qos: 1, retain: true }),
      decision: 'allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: "a neighbour's telemetry",
      facts: publish(bobs.telemetry),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'its own desired state',
      facts: publish(own.desired, { qos: 1, retain: true }),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'its own acknowledgement',
      facts: publish(own.ack, { qos: 1 }),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a head of its folder',
      facts: publish(head(ours), { qos: 1, retain: true }),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a wildcard',
      facts: publish('harp/v1/agent/+/telemetry'),
      decision: 'not_allowed',
    },
    { who: 'an agent', as: asAlice, name: 'outside the catalogue', facts: publish('hello'), decision: 'not_allowed' },
    { who: 'an agent', as: asAlice, name: 'a $SYS topic', facts: publish('$SYS/x'), decision: 'not_allowed' },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a longer topic',
      facts: publish(`${own.telemetry}/x`),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'retained telemetry',
      facts: publish(own.telemetry, { retain: true }),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'QoS 2',
      facts: publish(own.event, { qos: 2 }),
      decision: 'not_allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'telemetry of its largest size',
      facts: publish(own.telemetry, { payloadBytes: messages.telemetry.maxBytes }),
      decision: 'allowed',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'telemetry one byte larger',
      facts: publish(own.telemetry, { payloadBytes: messages.telemetry.maxBytes + 1 }),
      decision: 'too_large',
    },
    { who: 'an agent', as: asAlice, name: 'its own log', facts: publish(own.log), decision: 'allowed' },
    { who: 'an agent', as: asAlice, name: "a neighbour's log", facts: publish(bobs.log), decision: 'not_allowed' },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a log batch above its limit',
      facts: publish(own.log, { payloadBytes: messages.log.maxBytes + 1 }),
      decision: 'too_large',
    },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a command to a neighbour',
      facts: publish(bobs.command),
      decision: 'not_allowed',
    },
    { who: 'an agent', as: asAlice, name: 'a command to itself', facts: publish(own.command), decision: 'not_allowed' },
    {
      who: 'the console',
      as: asConsole,
      name: 'a command',
      facts: publish(own.command, { qos: 1 }),
      decision: 'allowed',
    },
    {
      who: 'the console',
      as: asConsole,
      name: 'a command that stays',
      facts: publish(own.command, { qos: 1, retain: true }),
      decision: 'not_allowed',
    },
    { who: 'the console', as: asConsole, name: "an agent's log", facts: publish(own.log), decision: 'not_allowed' },
    {
      who: 'ingest',
      as: asIngest,
      name: 'a command',
      facts: publish(own.command, { qos: 1 }),
      decision: 'not_allowed',
    },
    {
      who: 'the console',
      as: asConsole,
      name: 'a desired state',
      facts: publish(bobs.desired, { qos: 1, retain: true }),
      decision: 'allowed',
    },
    {
      who: 'the console',
      as: asConsole,
      name: 'a head',
      facts: publish(head(theirs), { qos: 1, retain: true }),
      decision: 'allowed',
    },
    {
      who: 'the console',
      as: asConsole,
      name: "an agent's telemetry",
      facts: publish(own.telemetry),
      decision: 'not_allowed',
    },
    {
      who: 'the console',
      as: asConsole,
      name: 'an acknowledgement',
      facts: publish(own.ack, { qos: 1 }),
      decision: 'not_allowed',
    },
    {
      who: 'ingest',
      as: asIngest,
      name: 'an acknowledgement',
      facts: publish(own.ack, { qos: 1 }),
      decision: 'allowed',
    },
    {
      who: 'ingest',
      as: asIngest,
      name: 'a desired state',
      facts: publish(own.desired, { qos: 1, retain: true }),
      decision: 'not_allowed',
    },
    {
      who: 'an unknown service',
      as: asStranger,
      name: 'a head',
      facts: publish(head(ours), { qos: 1, retain: true }),
      decision: 'not_allowed',
    },
  ] as const)('$who publishing $name → $decision', ({ as, facts, decision }) => {
    expect(mayPublish(as, facts, membership)).toBe(decision);
  });

  test('a revoked agent publishes nothing, not even its own telemetry', () => {
    expect(mayPublish(asAlice, publish(own.telemetry), revoked)).toBe('not_allowed');
  });
});

describe('mayLeaveWill', () => {
  const retained = { qos: 1, retain: true };
  test.each([
    { who: 'an agent', as: asAlice, name: 'own presence', facts: publish(own.presence, retained), decision: 'allowed' },
    {
      who: 'an agent',
      as: asAlice,
      name: "a neighbour's presence",
      facts: publish(bobs.presence, retained),
      decision: 'not_allowed',
    },
    { who: 'an agent', as: asAlice, name: 'own telemetry', facts: publish(own.telemetry), decision: 'not_allowed' },
    {
      who: 'an agent',
      as: asAlice,
      name: 'a presence of 257 bytes',
      facts: publish(own.presence, { ...retained, payloadBytes: 257 }),
      decision: 'too_large',
    },
    {
      who: 'the console',
      as: asConsole,
      name: 'a head',
      facts: publish(head(ours), retained),
      decision: 'not_allowed',
    },
  ] as const)('$who leaving $name as its will → $decision', ({ as, facts, decision }) => {
    expect(mayLeaveWill(as, facts, membership)).toBe(decision);
  });
});

describe('maySubscribe', () => {
  test.each([
    { who: 'an agent', as: asAlice, filter: own.desired, allowed: true },
    { who: 'an agent', as: asAlice, filter: own.ack, allowed: true },
    { who: 'an agent', as: asAlice, filter: head(ours), allowed: true },
    { who: 'an agent', as: asAlice, filter: head(theirs), allowed: false },
    { who: 'an agent', as: asAlice, filter: bobs.desired, allowed: false },
    { who: 'an agent', as: asAlice, filter: bobs.ack, allowed: false },
    { who: 'an agent', as: asAlice, filter: own.reported, allowed: false },
    { who: 'an agent', as: asAlice, filter: filterFor(messages.desired.topic), allowed: false },
    { who: 'an agent', as: asAlice, filter: filterFor(messages.head.topic), allowed: false },
    { who: 'an agent', as: asAlice, filter: `harp/v1/agent/${alice}/#`, allowed: false },
    { who: 'an agent', as: asAlice, filter: `harp/v1/agent/${alice}/+`, allowed: false },
    { who: 'an agent', as: asAlice, filter: '#', allowed: false },
    { who: 'an agent', as: asAlice, filter: '$SYS/#', allowed: false },
    { who: 'an agent', as: asAlice, filter: `$share/x/${own.desired}`, allowed: false },
    { who: 'an agent', as: asAlice, filter: own.command, allowed: true },
    { who: 'an agent', as: asAlice, filter: bobs.command, allowed: false },
    { who: 'an agent', as: asAlice, filter: own.log, allowed: false },
    { who: 'an agent', as: asAlice, filter: bobs.log, allowed: false },
    { who: 'the console', as: asConsole, filter: filterFor(messages.log.topic), allowed: true },
    { who: 'the console', as: asConsole, filter: filterFor(messages.command.topic), allowed: false },
    { who: 'ingest', as: asIngest, filter: filterFor(messages.log.topic), allowed: false },
    { who: 'the console', as: asConsole, filter: filterFor(messages.reported.topic), allowed: true },
    { who: 'the console', as: asConsole, filter: filterFor(messages.desired.topic), allowed: true },
    { who: 'the console', as: asConsole, filter: own.telemetry, allowed: true },
    { who: 'the console', as: asConsole, filter: filterFor(messages.ack.topic), allowed: false },
    { who: 'the console', as: asConsole, filter: '#', allowed: false },
    { who: 'the console', as: asConsole, filter: 'harp/v1/+/+/telemetry', allowed: false },
    { who: 'ingest', as: asIngest, filter: filterFor(messages.event.topic), allowed: true },
    { who: 'ingest', as: asIngest, filter: filterFor(messages.desired.topic), allowed: false },
    { who: 'an unknown service', as: asStranger, filter: filterFor(messages.event.topic), allowed: false },
  ])('$who subscribing to $filter → $allowed', ({ as, filter, allowed }) => {
    expect(maySubscribe(as, filter, membership)).toBe(allowed);
  });

  test.each([own.desired, own.ack, head(ours)])('a revoked agent may not subscribe to %s', (filter) => {
    expect(maySubscribe(asAlice, filter, revoked)).toBe(false);
  });

  test('whatever text an agent asks for, it gets no more than its own topics and the heads of its folders', () => {
    const allowed = new Set([own.desired, own.ack, own.command, head(ours)]);
    const level = fc.constantFrom(
      'harp',
      'v1',
      'agent',
      'folder',
      alice,
      bob,
      ours,
      theirs,
      '+',
      '#',
      'desired',
      'command',
      'log',
      'head',
    );
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), (levels) => {
        const filter = levels.join('/');
        expect(maySubscribe(asAlice, filter, membership)).toBe(allowed.has(filter));
      }),
    );
  });
});

describe('mayForward', () => {
  test.each([
    { name: 'own desired', as: asAlice, topic: own.desired, membership, allowed: true },
    { name: 'a head of its folder', as: asAlice, topic: head(ours), membership, allowed: true },
    { name: 'a head of a folder its office lost', as: asAlice, topic: head(theirs), membership, allowed: false },
    { name: "a neighbour's desired", as: asAlice, topic: bobs.desired, membership, allowed: false },
    { name: 'own desired once revoked', as: asAlice, topic: own.desired, membership: revoked, allowed: false },
    { name: 'telemetry to ingest', as: asIngest, topic: own.telemetry, membership, allowed: true },
    { name: 'desired to ingest', as: asIngest, topic: own.desired, membership, allowed: false },
    { name: 'a $SYS message to the console', as: asConsole, topic: '$SYS/1/heartbeat', membership, allowed: false },
  ])('$name → $allowed', ({ as, topic, membership, allowed }) => {
    expect(mayForward(as, topic, membership)).toBe(allowed);
  });
});
