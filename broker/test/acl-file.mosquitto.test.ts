/** The ACL file as a real Mosquitto takes it: what gets through is what the embedded broker would let through. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Membership, mayForward, mayPublish } from '../src/acl/acl.ts';
import { aclFile, aclLines } from '../src/acl/acl-file.ts';
import { type AgentId, type FolderId, messages, parseTopic } from '../src/protocol/index.ts';
import { commonNameFor, type TlsIdentity } from '../src/protocol/node/index.ts';
import { type Mosquitto, startOpenMosquitto } from './mosquitto.ts';
import { connected } from './mqtt-client.ts';

const [alice, bob, carol] = ['a', 'b', 'c'].map((letter) => letter.repeat(52)) as [AgentId, AgentId, AgentId];
const [ours, theirs] = ['a', 'b'].map((letter) => `fld-${letter.repeat(16)}`) as [FolderId, FolderId];
/** Carol has a certificate and was revoked. */
const fleet = {
  agents: new Map([
    [alice, new Set([ours])],
    [bob, new Set([theirs])],
  ]),
  revoked: new Set([carol]),
};
const membership: Membership = {
  isActive: (agent) => fleet.agents.has(agent),
  hasFolder: (agent, folder) => fleet.agents.get(agent)?.has(folder) ?? false,
};
const topics = [
  ...Object.values(messages).flatMap(({ topic }) =>
    [alice, bob, carol].flatMap((agent) =>
      [ours, theirs].map((folder) => topic.replace('{agentId}', agent).replace('{folderId}', folder)),
    ),
  ),
  'harp/v1/rights/digest',
  'harp/v1/agent',
  `harp/v1/agent/${alice}/telemetry/more`,
  'anything',
].filter((topic, index, all) => all.indexOf(topic) === index);

const identities: { name: string; user: string; identity: TlsIdentity }[] = [
  ...[
    ['an agent', alice],
    ['another', bob],
    ['a revoked one', carol],
  ].map(([name, agent]) => ({
    name: name!,
    user: commonNameFor.agent(agent as AgentId),
    identity: { role: 'agent', agent: agent as AgentId } as const,
  })),
  ...['console', 'ingest', 'backup'].map((service) => ({
    name: `the service ${service}`,
    user: commonNameFor.service(service),
    identity: { role: 'service', service } as const,
  })),
];

let dir: string;
let mosquitto: Mosquitto;
let observer: MqttClient;
const clients: MqttClient[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harp-acl-'));
  const observing = 'user observer\ntopic readwrite #\n';
  await writeFile(join(dir, 'acl'), `${aclFile(aclLines(fleet), 'digest')}\n${observing}`);
  mosquitto = await startOpenMosquitto(dir);
  observer = await clientOf('observer');
  await observer.subscribeAsync('#', { qos: 1 });
});
afterAll(async () => {
  for (const client of clients) client.end(true);
  await mosquitto?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

async function clientOf(user: string): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${mosquitto.port}`, {
    username: user,
    clientId: user,
    reconnectPeriod: 0,
  });
  clients.push(client);
  await connected(client);
  return client;
}

/** Topics on which something comes while `run` runs and what it caused is under way. */
async function heardBy(
  client: MqttClient,
  run: () => Promise<void>,
  last: () => Promise<unknown>,
): Promise<Set<string>> {
  const heard = new Set<string>();
  const note = (topic: string) => void heard.add(topic);
  client.on('message', note);
  await run();
  await last();
  client.off('message', note);
  return heard;
}

describe('Mosquitto with the generated ACL file', () => {
  test.each(identities)('lets $name send what the embedded broker lets it send', async ({ user, identity }) => {
    const sender = await clientOf(user);
    const send = async () => {
      for (const topic of topics) await sender.publishAsync(topic, user, { qos: 1 });
    };
    // Mosquitto works through one packet after the other: what was let through before this has arrived before it.
    const barrier = async () => {
      const arrived = new Promise<void>((resolve) => {
        observer.on('message', (topic) => topic === `barrier/${user}` && resolve());
      });
      await observer.publishAsync(`barrier/${user}`, '', { qos: 1 });
      await arrived;
    };
    const heard = await heardBy(observer, send, barrier);
    const allowed = topics.filter((topic) => {
      const name = parseTopic(topic)?.message;
      if (name === undefined) return false;
      const { qos, retain } = messages[name];
      return mayPublish(identity, { topic, qos, retain, payloadBytes: 1 }, membership) === 'allowed';
    });
    expect(topics.filter((topic) => heard.has(topic))).toEqual(allowed);
  });

  test.each(identities)('lets $name hear what the embedded broker lets it hear', async ({ user, identity }) => {
    const listener = await clientOf(user);
    // An ACL file says nothing of subscriptions, only of what comes through them.
    await listener.subscribeAsync(['#', '$SYS/#', 'harp/#'], { qos: 1 });
    const send = async () => {
      for (const topic of topics) await observer.publishAsync(topic, 'x', { qos: 1 });
    };
    const heard = await heardBy(listener, send, () => listener.subscribeAsync('barrier', { qos: 1 }));
    expect([...heard].sort()).toEqual(topics.filter((topic) => mayForward(identity, topic, membership)).sort());
  });
});
