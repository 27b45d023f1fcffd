import { once } from 'node:events';
import type { MqttClient } from 'mqtt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Ack,
  type AgentId,
  type FolderId,
  messages,
  type Report,
  type Telemetry,
  topicFor,
} from '../src/protocol/index.ts';
import { type BrokerHarness, startHarness, type TestAgent } from './harness.ts';
import { connected } from './mqtt-client.ts';
import { memoryLogger } from './silent-logger.ts';

const logger = memoryLogger();
let harp: BrokerHarness;
let office: string;
beforeAll(async () => {
  harp = await startHarness({ logger });
  office = await harp.office();
}, 60_000);
afterAll(() => harp[Symbol.asyncDispose]());

const patience = { timeout: 20_000, interval: 50 };
const topics = (agentId: AgentId) => ({
  desired: topicFor(messages.desired.topic, { agentId }),
  presence: topicFor(messages.presence.topic, { agentId }),
  telemetry: topicFor(messages.telemetry.topic, { agentId }),
  event: topicFor(messages.event.topic, { agentId }),
  ack: topicFor(messages.ack.topic, { agentId }),
});
const agentRow = (id: AgentId) => harp.prisma.agent.findUniqueOrThrow({ where: { id } });
const presence = (online: boolean) => JSON.stringify({ v: 1, online, atMs: Date.now() });

let reportNumber = 0;
function reportOf(folder: string, files = 1): Report {
  reportNumber += 1;
  return {
    v: 1,
    id: `01jd${String(reportNumber).padStart(22, '0')}` as Report['id'],
    events: [
      {
        kind: 'files.delivered',
        atMs: Date.now(),
        folder: folder as FolderId,
        files: Array.from({ length: files }, (_, index) => [index + 1, 10, 20, 30, 40]),
      },
      { kind: 'folder.completed', atMs: Date.now(), folder: folder as FolderId, seq: files },
    ],
  };
}

/** A connected agent that listens for acknowledgements. */
async function agentWithAcks(): Promise<{ agent: TestAgent; client: MqttClient; acknowledged: string[] }> {
  const agent = await harp.enrol(office);
  const client = harp.mqtt(agent);
  await connected(client);
  const acknowledged: string[] = [];
  client.on('message', (_, payload) => acknowledged.push(...Ack.parse(JSON.parse(payload.toString())).ids));
  await client.subscribeAsync(topics(agent.agent).ack, { qos: 1 });
  return { agent, client, acknowledged };
}

describe('a whole broker', { timeout: 60_000 }, () => {
  test('a PC enrols, connects, is found online, and offline when its line breaks', async () => {
    const agent = await harp.enrol(office);
    const { presence: topic } = topics(agent.agent);
    const client = harp.mqtt(agent, { will: { topic, payload: Buffer.from(presence(false)), qos: 1, retain: true } });
    await connected(client);
    await client.publishAsync(topic, presence(true), { qos: 1, retain: true });
    await expect.poll(async () => (await agentRow(agent.agent)).online, patience).toBe(true);
    expect((await agentRow(agent.agent)).lastSeenAt).not.toBeNull();
    client.stream.destroy();
    await expect.poll(async () => (await agentRow(agent.agent)).online, patience).toBe(false);
  });

  test('what the console has published waits for the agents that may have it', async () => {
    const agent = await harp.enrol(office);
    const folder = await harp.folder(office);
    const head = topicFor(messages.head.topic, { folderId: folder });
    const publisher = harp.mqtt('console');
    await connected(publisher);
    await publisher.publishAsync(topics(agent.agent).desired, 'desired', { qos: 1, retain: true });
    await publisher.publishAsync(head, 'head', { qos: 1, retain: true });
    const client = harp.mqtt(agent);
    await connected(client);
    const received: string[] = [];
    client.on('message', (_, payload) => received.push(payload.toString()));
    await client.subscribeAsync([topics(agent.agent).desired, head], { qos: 1 });
    await expect.poll(() => received.toSorted(), patience).toEqual(['desired', 'head']);
  });

  test('a report is acknowledged when it is stored, and again when it is repeated, but stored once', async () => {
    const { agent, client, acknowledged } = await agentWithAcks();
    const folder = await harp.folder(office);
    const report = reportOf(folder, 3);
    await client.publishAsync(topics(agent.agent).event, JSON.stringify(report), { qos: 1 });
    await expect.poll(() => acknowledged, patience).toEqual([report.id]);
    expect(await harp.prisma.delivery.count({ where: { agentId: agent.agent } })).toBe(3);
    await client.publishAsync(topics(agent.agent).event, JSON.stringify(report), { qos: 1 });
    await expect.poll(() => acknowledged, patience).toEqual([report.id, report.id]);
    expect(await harp.prisma.delivery.count({ where: { agentId: agent.agent } })).toBe(3);
    expect(await harp.prisma.agentEvent.count({ where: { agentId: agent.agent } })).toBe(1);
    expect((await agentRow(agent.agent)).online).toBe(true);
  });

  test('payloads that match nothing are dropped, and neither their sender nor anybody else suffers', async () => {
    const { agent, client, acknowledged } = await agentWithAcks();
    const folder = await harp.folder(office);
    for (const payload of ['', 'x', '{}', '[[[[', JSON.stringify({ ...reportOf(folder), v: 9 }), '\0'.repeat(1_000)]) {
      client.publish(topics(agent.agent).event, payload, { qos: 1 });
      client.publish(topics(agent.agent).telemetry, payload);
    }
    const poisoned = reportOf(folder);
    poisoned.events.push({ kind: 'desired.rejected', atMs: 0, code: 'x', detail: 'a\0b' });
    const good = reportOf(folder);
    client.publish(topics(agent.agent).event, JSON.stringify(poisoned), { qos: 1 });
    client.publish(topics(agent.agent).event, JSON.stringify(good), { qos: 1 });
    await expect.poll(() => acknowledged, patience).toContain(good.id);
    expect(client.connected).toBe(true);
    const complaints = logger.lines.filter(
      ({ facts }) => facts.code === 'protocol.invalid_message' && facts.agent === agent.agent.slice(0, 8),
    );
    expect(complaints).toHaveLength(1);
  });

  test('telemetry becomes samples, at an instant a wrong clock cannot move by more than a day', async () => {
    const { agent, client } = await agentWithAcks();
    const folder = (await harp.folder(office)) as FolderId;
    const telemetry: Telemetry = {
      v: 1,
      atMs: 0,
      intervalMs: 10_000,
      peers: 2,
      rssBytes: 1,
      cpuMs: 1,
      traffic: [{ folder, fromPeers: 5, fromOrigin: 0, fromLocal: 0, served: 0, wasted: 0 }],
    };
    client.publish(topics(agent.agent).telemetry, JSON.stringify(telemetry));
    const found = () => harp.prisma.sample.findFirst({ where: { agentId: agent.agent } });
    await expect.poll(found, patience).toMatchObject({ fromPeers: 5n, folderId: folder });
    expect(Date.now() - (await found())!.at.getTime()).toBeLessThan(25 * 60 * 60_000);
  });

  test('revocation cuts an agent off within five seconds and keeps it out', async () => {
    const { agent, client } = await agentWithAcks();
    const cut = once(client as never, 'close');
    const startedAtMs = Date.now();
    await harp.prisma.agent.update({ where: { id: agent.agent }, data: { revokedAt: new Date() } });
    await harp.fleetChanged();
    await cut;
    expect(Date.now() - startedAtMs).toBeLessThan(5_000);
    await expect(connected(harp.mqtt(agent))).rejects.toMatchObject({ code: 5 });
  });

  test('without a certificate of this CA there is no MQTT at all', async () => {
    const agent = await harp.enrol(office);
    await expect(connected(harp.mqtt(agent, { key: '', cert: '' }))).rejects.toThrow();
    const other = await startHarness();
    try {
      const stranger = await other.enrol(await other.office());
      await expect(connected(harp.mqtt(stranger))).rejects.toThrow();
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test('while the database is away nothing is acknowledged; when it is back, everything is stored once', async () => {
    const { agent, client, acknowledged } = await agentWithAcks();
    const folder = await harp.folder(office);
    const url = new URL(harp.env.databaseUrl);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const admin = new pg.Client({ connectionString: url.href });
    await admin.connect();
    const reports = [reportOf(folder), reportOf(folder)];
    try {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
      const isAway = () => logger.lines.some(({ facts, level }) => level === 'warn' && facts.batch === 'event');
      for (const report of reports) client.publish(topics(agent.agent).event, JSON.stringify(report), { qos: 1 });
      await expect.poll(isAway, patience).toBe(true);
      expect(acknowledged).toEqual([]);
      expect(client.connected).toBe(true);
    } finally {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      await admin.end();
    }
    await expect.poll(() => acknowledged.length, patience).toBe(2);
    expect(await harp.prisma.reportReceipt.count({ where: { agentId: agent.agent } })).toBe(2);
  });
});
