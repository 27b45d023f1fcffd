import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { connected } from '../../test/mqtt-client.ts';
import { memoryLogger } from '../../test/silent-logger.ts';
import { type AgentId, type FolderId, filterFor, messages, topicFor } from '../protocol/index.ts';
import type { TlsIdentity } from '../protocol/node/index.ts';
import { createMqttBroker, type MqttBroker, type MqttMembership, mqttLimits } from './mqtt-broker.ts';

const alice = 'a'.repeat(52) as AgentId;
const bob = 'b'.repeat(52) as AgentId;
const ours = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const theirs = 'fld-bbbbbbbbbbbbbbbb' as FolderId;
const later = 'fld-cccccccccccccccc' as FolderId;
const asConsole: TlsIdentity = { role: 'service', service: 'console' };

const own = (agentId: AgentId) => ({
  desired: topicFor(messages.desired.topic, { agentId }),
  presence: topicFor(messages.presence.topic, { agentId }),
  telemetry: topicFor(messages.telemetry.topic, { agentId }),
  event: topicFor(messages.event.topic, { agentId }),
  reported: topicFor(messages.reported.topic, { agentId }),
});
const head = (folderId: FolderId) => topicFor(messages.head.topic, { folderId });

let broker: MqttBroker;
let clock: FakeClock;
let logger: ReturnType<typeof memoryLogger>;
let active: Set<AgentId>;
let folders: Set<FolderId>;
/** What the database has and the registry has not read yet. */
let unread: () => void;
let rereads: number;
const clients: MqttClient[] = [];

const membership: MqttMembership = {
  isActive: (agent) => active.has(agent),
  hasFolder: (agent, folder) => active.has(agent) && folders.has(folder),
  reread: async () => {
    rereads += 1;
    unread();
  },
};

beforeEach(async () => {
  clock = fakeClock();
  logger = memoryLogger();
  active = new Set([alice, bob]);
  folders = new Set([ours]);
  unread = () => undefined;
  rereads = 0;
  broker = await createMqttBroker({ membership, clock, logger });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await broker.close();
});

/** The client's end of a connection that TLS has proven to be `identity`'s. */
function dial(identity: TlsIdentity): Duplex {
  const [near, far] = duplexPair();
  broker.attach(far, identity);
  // A socket that one side destroys closes on the other; the two ends of a duplexPair do not know each other.
  far.once('close', () => near.destroy());
  near.once('close', () => far.destroy());
  // A cut connection is what many of these tests are about.
  near.on('error', () => undefined);
  return near;
}

function clientOf(identity: TlsIdentity, options: IClientOptions = {}): MqttClient {
  const clientId = identity.role === 'agent' ? identity.agent : identity.service;
  const client = new mqtt.MqttClient(() => dial(identity) as mqtt.IStream, {
    clientId,
    keepalive: 60,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const agentClient = (agent: AgentId, options?: IClientOptions) => clientOf({ role: 'agent', agent }, options);

/** Topics and texts that arrive, in order; `take(n)` resolves when there are n. */
function inbox(client: MqttClient) {
  const received: string[] = [];
  client.on('message', (topic, payload) => received.push(`${topic.split('/').at(-1)} ${payload}`));
  return { received, take: (count: number) => expect.poll(() => received.length).toBeGreaterThanOrEqual(count) };
}

async function console_(): Promise<MqttClient> {
  const client = clientOf(asConsole);
  await connected(client);
  return client;
}

const closed = (client: MqttClient) => once(client as never, 'close');

describe('connecting', () => {
  test.each([
    { name: "a neighbour's client id", options: { clientId: bob }, code: 2 },
    { name: 'a client id of its own choice', options: { clientId: 'laptop' }, code: 2 },
    { name: 'an empty client id', options: { clientId: '' }, code: 2 },
    {
      name: "a will on a neighbour's presence",
      options: { will: { topic: own(bob).presence, payload: Buffer.from('{}'), qos: 1 as const, retain: true } },
      code: 5,
    },
    {
      name: 'a will that is not presence',
      options: { will: { topic: own(alice).telemetry, payload: Buffer.from('{}'), qos: 0 as const, retain: false } },
      code: 5,
    },
  ])('an agent with $name is refused with $code', async ({ options, code }) => {
    await expect(connected(agentClient(alice, options))).rejects.toMatchObject({ code });
  });

  test('a service cannot take an agent’s client id', async () => {
    await expect(connected(clientOf(asConsole, { clientId: alice }))).rejects.toMatchObject({ code: 2 });
  });

  test('an agent that is revoked is refused, after the database has been asked once more', async () => {
    active.delete(alice);
    await expect(connected(agentClient(alice))).rejects.toMatchObject({ code: 5 });
    expect(rereads).toBe(1);
  });

  test('an agent that has just enrolled gets in although the registry has not heard of it', async () => {
    active.delete(alice);
    unread = () => active.add(alice);
    await connected(agentClient(alice));
  });

  test.each([0, mqttLimits.keepAliveMaxS + 1])('a keep-alive of %i s is refused', async (keepalive) => {
    await expect(connected(agentClient(alice, { keepalive }))).rejects.toThrow();
  });

  test('sessions are never kept, whatever the client asks', async () => {
    const first = agentClient(alice, { clean: false });
    await connected(first);
    await first.subscribeAsync(own(alice).desired, { qos: 1 });
    await first.endAsync();
    const second = agentClient(alice, { clean: false, resubscribe: false });
    const [connack] = (await once(second as never, 'connect')) as [{ sessionPresent: boolean }];
    expect(connack.sessionPresent).toBe(false);
  });

  test('a new connection takes over: the old one’s will goes out before anything the new one says', async () => {
    const watcher = await console_();
    const seen = inbox(watcher);
    await watcher.subscribeAsync(filterFor(messages.presence.topic), { qos: 1 });
    const will = { topic: own(alice).presence, payload: Buffer.from('offline'), qos: 1 as const, retain: true };
    const first = agentClient(alice, { will });
    await connected(first);
    await first.publishAsync(own(alice).presence, 'online 1', { qos: 1, retain: true });
    const second = agentClient(alice, { will });
    await Promise.all([closed(first), connected(second)]);
    await second.publishAsync(own(alice).presence, 'online 2', { qos: 1, retain: true });
    await seen.take(3);
    expect(seen.received).toEqual(['presence online 1', 'presence offline', 'presence online 2']);
  });

  test('of too many connections of one agent the oldest goes', async () => {
    const streams = Array.from({ length: mqttLimits.connectionsPerAgent + 1 }, () =>
      dial({ role: 'agent', agent: alice }),
    );
    await once(streams[0]!, 'close');
    expect(streams.slice(1).every((stream) => !stream.destroyed)).toBe(true);
    for (const stream of streams) stream.destroy();
  });
});

describe('publishing', () => {
  test.each([
    { name: 'as a neighbour', topic: own(bob).telemetry, options: {}, payload: '{}', code: 'broker.not_allowed' },
    {
      name: 'its own desired state',
      topic: own(alice).desired,
      options: { qos: 1 as const, retain: true },
      payload: '{}',
      code: 'broker.not_allowed',
    },
    {
      name: 'a head',
      topic: head(ours),
      options: { qos: 1 as const, retain: true },
      payload: '{}',
      code: 'broker.not_allowed',
    },
    {
      name: 'retained telemetry',
      topic: own(alice).telemetry,
      options: { retain: true },
      payload: '{}',
      code: 'broker.not_allowed',
    },
    {
      name: 'with QoS 2',
      topic: own(alice).event,
      options: { qos: 2 as const },
      payload: '{}',
      code: 'broker.not_allowed',
    },
    { name: 'outside the catalogue', topic: 'x', options: {}, payload: '{}', code: 'broker.not_allowed' },
    {
      name: 'telemetry above its limit',
      topic: own(alice).telemetry,
      options: {},
      payload: 'x'.repeat(64 * 1024 + 1),
      code: 'protocol.too_large',
    },
  ])('an agent that publishes $name is cut off, and nobody else notices', async ({ topic, options, payload, code }) => {
    const watcher = await console_();
    const seen = inbox(watcher);
    await watcher.subscribeAsync([
      filterFor(messages.telemetry.topic),
      filterFor(messages.event.topic),
      filterFor(messages.desired.topic),
    ]);
    const neighbour = agentClient(bob);
    const culprit = agentClient(alice);
    await Promise.all([connected(neighbour), connected(culprit)]);
    culprit.publish(topic, payload, options);
    await closed(culprit);
    neighbour.publish(own(bob).telemetry, 'still here');
    await seen.take(1);
    expect(seen.received).toEqual(['telemetry still here']);
    const refusal = logger.lines.find(({ level }) => level === 'warn');
    expect(refusal?.facts).toMatchObject({ client: 'aaaaaaaa', code });
    expect(JSON.stringify(logger.lines)).not.toContain(alice);
    expect(JSON.stringify(logger.lines)).not.toContain(bob);
  });

  test('an agent may send a burst, but not without end', async () => {
    const watcher = await console_();
    const seen = inbox(watcher);
    await watcher.subscribeAsync(filterFor(messages.telemetry.topic));
    const agent = agentClient(alice);
    await connected(agent);
    for (let i = 0; i <= mqttLimits.burstMessages; i++) agent.publish(own(alice).telemetry, String(i));
    await closed(agent);
    expect(logger.lines.some(({ facts }) => facts.code === 'broker.rate_limited')).toBe(true);
    await seen.take(mqttLimits.burstMessages);
    expect(seen.received).toHaveLength(mqttLimits.burstMessages);
  });

  test('messages of both QoS and many senders all arrive, each sender’s in order', async () => {
    const watcher = await console_();
    const byAgent = new Map<string, string[]>();
    watcher.on('message', (topic, payload) => {
      const agent = topic.split('/')[3]!;
      byAgent.set(agent, [...(byAgent.get(agent) ?? []), String(payload)]);
    });
    await watcher.subscribeAsync(
      [filterFor(messages.telemetry.topic), filterFor(messages.reported.topic), filterFor(messages.event.topic)],
      { qos: 1 },
    );
    const agents = [alice, bob];
    const senders = agents.map((agent) => agentClient(agent));
    await Promise.all(senders.map(connected));
    const expected = Array.from({ length: 100 }, (_, i) => String(i));
    for (const text of expected) {
      for (const [index, sender] of senders.entries()) {
        const topics = own(agents[index]!);
        const kind = Number(text) % 3;
        if (kind === 0) sender.publish(topics.telemetry, text);
        else if (kind === 1) sender.publish(topics.reported, text, { qos: 1, retain: true });
        else sender.publish(topics.event, text, { qos: 1 });
      }
    }
    await expect.poll(() => [...byAgent.values()].map(({ length }) => length)).toEqual([100, 100]);
    for (const received of byAgent.values())
      expect(received.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected);
  });
});

describe('subscribing', () => {
  test.each([
    { filter: own(alice).desired, granted: 1 },
    { filter: head(ours), granted: 1 },
    { filter: head(theirs), granted: 128 },
    { filter: own(bob).desired, granted: 128 },
    { filter: '#', granted: 128 },
    { filter: '$SYS/#', granted: 128 },
    { filter: 'harp/v1/folder/+/head', granted: 128 },
  ])('an agent asking for $filter is granted $granted', async ({ filter, granted }) => {
    const agent = agentClient(alice);
    await connected(agent);
    const code = await new Promise((resolve) => {
      agent.subscribe(filter, { qos: 1 }, (_error, _grants, suback) => resolve(suback?.granted[0]));
    });
    expect(code).toBe(granted);
  });

  test('a folder that the office got a moment ago is found in the database', async () => {
    const agent = agentClient(alice);
    await connected(agent);
    unread = () => folders.add(later);
    await agent.subscribeAsync(head(later), { qos: 1 });
    expect(rereads).toBe(1);
  });

  test('the newest retained message of each topic is sent, by name and by filter, and none that was cleared', async () => {
    const publisher = await console_();
    for (const [topic, payload] of [
      [own(alice).desired, 'old'],
      [own(alice).desired, 'new'],
      [own(bob).desired, 'gone'],
      [own(bob).desired, ''],
      [head(ours), 'head'],
    ] as const) {
      await publisher.publishAsync(topic, payload, { qos: 1, retain: true });
    }
    const agent = agentClient(alice);
    const seen = inbox(agent);
    await connected(agent);
    await agent.subscribeAsync([own(alice).desired, head(ours)], { qos: 1 });
    await seen.take(2);
    expect(seen.received).toEqual(['desired new', 'head head']);
    const other = clientOf(asConsole, { clientId: 'console-2' });
    const others = inbox(other);
    await connected(other);
    await other.subscribeAsync([filterFor(messages.desired.topic), head(ours)], { qos: 1 });
    await others.take(2);
    expect(others.received.toSorted()).toEqual(['desired new', 'head head']);
  });

  test('a retained head reaches who subscribes, and stops when the office loses the folder', async () => {
    const publisher = await console_();
    await publisher.publishAsync(head(ours), 'one', { qos: 1, retain: true });
    const agent = agentClient(alice);
    const seen = inbox(agent);
    await connected(agent);
    await agent.subscribeAsync([head(ours), own(alice).desired], { qos: 1 });
    await seen.take(1);
    folders.delete(ours);
    await publisher.publishAsync(head(ours), 'two', { qos: 1, retain: true });
    await publisher.publishAsync(own(alice).desired, 'without it', { qos: 1, retain: true });
    await seen.take(2);
    expect(seen.received).toEqual(['head one', 'desired without it']);
  });
});

describe('revocation', () => {
  test('cuts live connections at once, and the will still says offline', async () => {
    const watcher = await console_();
    const seen = inbox(watcher);
    await watcher.subscribeAsync(filterFor(messages.presence.topic), { qos: 1 });
    const agent = agentClient(alice, {
      will: { topic: own(alice).presence, payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    await connected(agent);
    active.delete(alice);
    broker.kick([alice]);
    await closed(agent);
    await seen.take(1);
    expect(seen.received).toEqual(['presence offline']);
  });
});

describe('bytes that are not MQTT', () => {
  const connectPacket = (agent: AgentId): Buffer => {
    const id = Buffer.from(agent);
    const body = Buffer.concat([
      Buffer.from([0, 4]),
      Buffer.from('MQTT'),
      Buffer.from([4, 2, 0, 60, 0, id.length]),
      id,
    ]);
    return Buffer.concat([Buffer.from([0x10, body.length]), body]);
  };

  test.each([
    { name: 'the announcement of 256 MiB', bytes: Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]) },
    { name: 'a reserved packet type', bytes: Buffer.from([0x00, 0x00]) },
    { name: 'a publish whose topic is longer than the packet', bytes: Buffer.from([0x30, 0x02, 0xff, 0xff]) },
    {
      name: 'a publish to a hundred levels',
      bytes: Buffer.concat([Buffer.from([0x30, 0xc9, 1, 0, 199]), Buffer.from('/'.repeat(199))]),
    },
    { name: 'a subscription without filters', bytes: Buffer.from([0x82, 0x02, 0x00, 0x01]) },
    { name: 'a second connect', bytes: connectPacket(alice) },
  ])('$name cuts its sender off and disturbs nobody', async ({ bytes }) => {
    const watcher = await console_();
    const seen = inbox(watcher);
    await watcher.subscribeAsync(filterFor(messages.telemetry.topic));
    const neighbour = agentClient(bob);
    await connected(neighbour);
    const stream = dial({ role: 'agent', agent: alice });
    stream.write(connectPacket(alice));
    const received: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => received.push(bytes));
    await expect.poll(() => [...Buffer.concat(received)]).toEqual([0x20, 2, 0, 0]);
    const ended = once(stream, 'close');
    stream.write(bytes);
    await ended;
    neighbour.publish(own(bob).telemetry, 'still here');
    await seen.take(1);
  });
});
