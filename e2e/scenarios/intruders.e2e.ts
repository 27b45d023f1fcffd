/**
 * Somebody inside: an agent that enrolled for real and then sends what no agent sends, to broker, gateway and peers; and strangers who send bytes.
 * Each is refused with a named code or cut off, nothing of it is stored, and a good agent next to it works on.
 */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type FolderId, gatewayPaths, limits, messages, peerPaths, topicFor } from '@harp/broker/protocol';
import type { IClientOptions, MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { statusOf } from '../harness/agent-status.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { type Heartbeat, startHeartbeat } from '../harness/heartbeat.ts';
import { type AgentIdentity, connected, enrolIdentity, mqttClient } from '../harness/identity.ts';
import { until } from '../harness/process.ts';
import { ask, sendRaw } from '../harness/raw-requests.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let good: Agent;
/** Member of the good agent's office. */
let mallory: AgentIdentity;
let folder: FolderId;
/** A folder of another office. */
let foreignFolder: FolderId;
let heartbeat: Heartbeat;

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'south'] });
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.cloud.putGenerated('/Foreign/first.txt', 1000, 2);
  await world.distribute(FOLDER, ['north']);
  await world.distribute('Foreign', ['south']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
  folder = (await world.folderId(FOLDER)) as FolderId;
  foreignFolder = (await world.folderId('Foreign')) as FolderId;
  mallory = await enrolIdentity(await createToken(world.server, 'north', 1), join(temporaryFolder('mallory'), 'state'));
  await until(
    'the good agent lists mallory',
    async () => (await askPeer({ path: peerPaths.hello, method: 'GET' })).status === 200,
  );
  heartbeat = startHeartbeat(world, good, FOLDER);
});
afterAll(() => world?.dispose());

const peerPort = () => z.object({ peerPort: z.int() }).parse(good.process.ready).peerPort;
const askPeer = (request: { path: string; method?: string; body?: string | Buffer }) =>
  ask(peerPort(), { ...request, tls: mallory.tls });
const askGateway = (request: {
  path: string;
  method?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
}) => ask(world.server.gatewayPort, { ...request, tls: mallory.tls });

const own = (message: 'desired' | 'presence' | 'reported' | 'telemetry' | 'event', agentId: string = mallory.agent) =>
  topicFor(messages[message].topic, { agentId });

const asMallory = (options: IClientOptions = {}) =>
  connected(mqttClient(mallory.mqttUrl, mallory.tls, { clientId: mallory.agent, ...options }));

const cutOff = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** What the tables that agents write hold about the good agent and mallory, but for what the heartbeat moves. */
async function storedRows() {
  const rows = await sql(
    world.server,
    `SELECT (SELECT count(*) FROM "AgentEvent" WHERE "agentId" = $1)::int AS events,
            (SELECT count(*) FROM "Delivery" WHERE "agentId" = $1)::int AS deliveries,
            (SELECT count(*) FROM "Sample" WHERE "agentId" = $1)::int AS samples,
            (SELECT reported::text FROM "Agent" WHERE id = $1) AS reported,
            (SELECT online FROM "Agent" WHERE id = $2) AS "goodOnline",
            (SELECT count(*) FROM "AgentEvent" WHERE "agentId" = $2 AND kind = 'folder.blocked')::int AS "goodBlocked"`,
    [mallory.agent, good.id],
  );
  return rows[0];
}

const event = (body: object) => JSON.stringify({ v: 1, id: 'zzzzzzzzzzzzzzzzzzzzzzzzzz', events: [body] });

describe('MQTT: publishing', () => {
  test.each<{ what: string; topic: () => string; payload?: string | Buffer; retain?: boolean; qos?: 0 | 1 | 2 }>([
    { what: 'telemetry in another’s name', topic: () => own('telemetry', good.id) },
    {
      what: 'that another is offline',
      topic: () => own('presence', good.id),
      payload: '{"v":1,"online":false,"atMs":1}',
      retain: true,
      qos: 1,
    },
    {
      what: 'an event in another’s name',
      topic: () => own('event', good.id),
      qos: 1,
      payload: event({ kind: 'folder.unblocked', atMs: 1, folder: 'fld-aaaaaaaaaaaaaaaa' }),
    },
    { what: 'its own desired state', topic: () => own('desired'), retain: true, qos: 1 },
    { what: 'a head', topic: () => topicFor(messages.head.topic, { folderId: folder }), retain: true, qos: 1 },
    { what: 'an acknowledgement for another', topic: () => topicFor(messages.ack.topic, { agentId: good.id }), qos: 1 },
    { what: 'to a topic that does not exist', topic: () => 'harp/v1/everybody' },
    {
      what: 'telemetry above its limit',
      topic: () => own('telemetry'),
      payload: 'x'.repeat(messages.telemetry.maxBytes + 1),
    },
    {
      what: 'an event above its limit',
      topic: () => own('event'),
      qos: 1,
      payload: 'x'.repeat(messages.event.maxBytes + 1),
    },
    { what: 'with QoS 2', topic: () => own('event'), qos: 2 },
  ])(
    '$what gets an agent cut off, and leaves nothing behind',
    async ({ topic, payload = '{}', retain = false, qos = 0 }) => {
      const before = await storedRows();
      const client = await asMallory();
      const cut = cutOff(client);
      client.publish(topic(), payload, { retain, qos });
      await cut;
      expect(await storedRows()).toEqual(before);
    },
  );

  test.each<{ what: string; message: 'telemetry' | 'reported' | 'event'; payload: string | Buffer }>([
    { what: 'telemetry that is no JSON', message: 'telemetry', payload: '{"v":1,' },
    { what: 'bytes that are no text', message: 'telemetry', payload: Buffer.from([0xff, 0xfe, 0, 1, 2]) },
    { what: 'nothing at all', message: 'telemetry', payload: '' },
    { what: 'JSON a hundred thousand levels deep', message: 'event', payload: '['.repeat(100_000) },
    {
      what: 'numbers below zero',
      message: 'telemetry',
      payload: JSON.stringify({ v: 1, atMs: 1, intervalMs: 1, peers: -1, rssBytes: 0, cpuMs: 0, traffic: [] }),
    },
    {
      what: 'an id that is none',
      message: 'event',
      payload: JSON.stringify({ v: 1, id: "'; DROP TABLE", events: [] }),
    },
    {
      what: 'a path that leaves its folder',
      message: 'event',
      payload: event({
        kind: 'name.mapped',
        atMs: 1,
        folder: 'fld-aaaaaaaaaaaaaaaa',
        path: '../../etc/passwd',
        storedAs: 'x',
      }),
    },
    {
      what: 'NUL in a text',
      message: 'event',
      payload: event({ kind: 'desired.rejected', atMs: 1, code: 'x', detail: 'a\0b' }),
    },
    {
      what: 'half a character',
      message: 'event',
      payload: event({ kind: 'desired.rejected', atMs: 1, code: 'x', detail: '?' }).replace('?', '\\ud800'),
    },
    { what: 'a report of another version', message: 'reported', payload: JSON.stringify({ v: 2 }) },
    { what: '__proto__', message: 'reported', payload: '{"__proto__":{"v":1},"constructor":{"prototype":{}}}' },
  ])('$what is dropped, and the next good message counts', async ({ message, payload }) => {
    const client = await asMallory();
    const { qos, retain } = messages[message];
    const before = await storedRows();
    client.publish(own(message), payload, { qos, retain });
    // Ingest takes messages in order: when this one is stored, the bad one has been looked at.
    const seq = Math.trunc(performance.now());
    client.publish(
      own('event'),
      JSON.stringify({ v: 1, id: reportId(), events: [{ kind: 'folder.completed', atMs: Date.now(), folder, seq }] }),
      { qos: 1 },
    );
    await world.event('folder.completed', ({ agentId, body }) => agentId === mallory.agent && body.seq === seq);
    const after = await storedRows();
    expect({ ...after, events: Number(after?.events) - 1 }).toEqual(before);
    await client.endAsync();
  });

  test('a report sent twice is stored once', async () => {
    const client = await asMallory();
    const id = reportId();
    const before = Number((await storedRows())?.events);
    const payload = JSON.stringify({
      v: 1,
      id,
      events: [{ kind: 'desired.rejected', atMs: Date.now(), code: 'twice', detail: 'x' }],
    });
    for (let time = 0; time < 3; time++) await client.publishAsync(own('event'), payload, { qos: 1 });
    await world.event('desired.rejected', ({ body }) => body.code === 'twice');
    await client.publishAsync(
      own('event'),
      JSON.stringify({
        v: 1,
        id: reportId(),
        events: [{ kind: 'desired.rejected', atMs: Date.now(), code: 'once more', detail: 'x' }],
      }),
      { qos: 1 },
    );
    await world.event('desired.rejected', ({ body }) => body.code === 'once more');
    expect(Number((await storedRows())?.events)).toBe(before + 2);
    await client.endAsync();
  });
});

describe('MQTT: subscribing and connecting', () => {
  test.each<{ what: string; filter: () => string }>([
    { what: 'another’s desired state', filter: () => own('desired', good.id) },
    { what: 'another’s events', filter: () => own('event', good.id) },
    { what: 'everybody’s desired state', filter: () => 'harp/v1/agent/+/desired' },
    { what: 'everything', filter: () => '#' },
    {
      what: 'the head of a folder its office does not have',
      filter: () => topicFor(messages.head.topic, { folderId: foreignFolder }),
    },
  ])('$what is refused', async ({ filter }) => {
    const client = await asMallory();
    const granted = await new Promise((resolve) => {
      client.subscribe(filter(), { qos: 1 }, (_error, _grants, packet) => resolve(packet?.granted[0]));
    });
    expect(granted).toBe(0x80);
    await client.endAsync();
  });

  test.each<{ what: string; options: () => IClientOptions }>([
    { what: 'under another’s name', options: () => ({ clientId: good.id }) },
    { what: 'as the console', options: () => ({ clientId: 'console' }) },
    {
      what: 'with a last will in another’s name',
      options: () => ({
        will: {
          topic: own('presence', good.id),
          payload: Buffer.from('{"v":1,"online":false,"atMs":1}'),
          qos: 1,
          retain: true,
        },
      }),
    },
  ])('connecting $what is refused', async ({ options }) => {
    await expect(asMallory(options())).rejects.toThrow();
    expect(statusOf(good)?.broker.connected).toBe(true);
  });
});

describe('the gateway refuses by name', () => {
  const enrol = (change: object) =>
    JSON.stringify({
      protocol: 1,
      secret: 'z'.repeat(43),
      csr: 'x',
      hostname: 'h',
      platform: 'p',
      version: 'v',
      ...change,
    });
  const big = () => JSON.stringify({ csr: 'x'.repeat(limits.requestBodyMaxBytes) });

  test.each<{ what: string; request: () => Parameters<typeof askGateway>[0]; code: string; status: number }>([
    {
      what: 'a body above its limit',
      request: () => ({ path: gatewayPaths.renew, body: big() }),
      code: 'protocol.too_large',
      status: 413,
    },
    {
      what: 'a body that is no JSON',
      request: () => ({ path: gatewayPaths.renew, body: '{"csr":' }),
      code: 'protocol.invalid_message',
      status: 400,
    },
    {
      what: 'a body of another shape',
      request: () => ({ path: gatewayPaths.renew, body: '{"csr":1}' }),
      code: 'protocol.invalid_message',
      status: 400,
    },
    {
      what: 'a request that is no certificate request',
      request: () => ({ path: gatewayPaths.renew, body: '{"csr":"x"}' }),
      code: 'enrolment.csr_invalid',
      status: 400,
    },
    {
      what: 'another method',
      request: () => ({ path: gatewayPaths.enrol, method: 'GET' }),
      code: 'gateway.method_not_allowed',
      status: 405,
    },
    {
      what: 'a path that does not exist',
      request: () => ({ path: '/v1/../v1/secrets', method: 'GET' }),
      code: 'api.not_found',
      status: 404,
    },
    {
      what: 'a protocol from the future',
      request: () => ({ path: gatewayPaths.enrol, body: enrol({ protocol: 999 }) }),
      code: 'protocol.version_unsupported',
      status: 426,
    },
    {
      what: 'blobs of a folder its office does not have',
      request: () => ({
        path: gatewayPaths.blobs(foreignFolder),
        body: JSON.stringify({ ids: ['ab'.repeat(32)], waitMs: 0 }),
      }),
      code: 'peer.folder_not_shared',
      status: 403,
    },
    {
      what: 'more ids than a want may hold',
      request: () => ({
        path: gatewayPaths.blobs(folder),
        body: JSON.stringify({ ids: Array(limits.wantMaxIds + 1).fill('ab'.repeat(32)), waitMs: 0 }),
      }),
      code: 'protocol.invalid_message',
      status: 400,
    },
    {
      what: 'headers without end',
      request: () => ({ path: gatewayPaths.renew, body: '{}', headers: { 'x-large': 'x'.repeat(20_000) } }),
      code: 'protocol.too_large',
      status: 431,
    },
  ])('$what: $code', async ({ request, code, status }) => {
    expect(await askGateway(request())).toMatchObject({ code, status });
  });
});

describe('a peer refuses by name', () => {
  const want = (change: object) => JSON.stringify({ ids: ['ab'.repeat(32)], waitMs: 0, ...change });

  test.each<{ what: string; request: () => Parameters<typeof askPeer>[0]; code: string; status: number }>([
    {
      what: 'a body above its limit',
      request: () => ({ path: peerPaths.have(folder), body: Buffer.alloc(limits.requestBodyMaxBytes + 1, 0x20) }),
      code: 'protocol.too_large',
      status: 413,
    },
    {
      what: 'a body that is no JSON',
      request: () => ({ path: peerPaths.chunks(folder), body: '[' }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'packed bytes',
      request: () => ({ path: peerPaths.chunks(folder), body: gzipSync(want({})) }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'more ids than a want may hold',
      request: () => ({
        path: peerPaths.chunks(folder),
        body: want({ ids: Array(limits.wantMaxIds + 1).fill('ab'.repeat(32)) }),
      }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'ids that are none',
      request: () => ({ path: peerPaths.chunks(folder), body: want({ ids: ['../../etc/passwd'] }) }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'to wait for a day',
      request: () => ({ path: peerPaths.chunks(folder), body: want({ waitMs: 86_400_000 }) }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'a path that does not exist',
      request: () => ({ path: '/peer/v1/folders/../identity', method: 'GET' }),
      code: 'peer.bad_request',
      status: 400,
    },
    {
      what: 'a folder they do not share',
      request: () => ({ path: peerPaths.chunks(foreignFolder), body: want({}) }),
      code: 'peer.folder_not_shared',
      status: 403,
    },
  ])('$what: $code', async ({ request, code, status }) => {
    expect(await askPeer(request())).toMatchObject({ code, status });
  });

  test('a chunk that is not of the folder is absent, whoever knows its name', async () => {
    const { status, body } = await askPeer({ path: peerPaths.chunks(folder), body: want({}) });
    expect(status).toBe(200);
    // absent, end
    expect([body[0], body[37]]).toEqual([4, 5]);
  });
});

describe('bytes that are nothing', () => {
  const garbage = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197) % 251));
  const ports = () => [
    { name: 'MQTT', port: world.server.mqttPort },
    { name: 'the gateway', port: world.server.gatewayPort },
    { name: 'a peer', port: peerPort() },
  ];

  test.each(['MQTT', 'the gateway', 'a peer'])('%s hangs up on garbage instead of TLS', async (name) => {
    const port = ports().find((each) => each.name === name)?.port ?? 0;
    expect(await sendRaw(port, garbage)).toBeDefined();
    expect(await sendRaw(port, 'GET / HTTP/1.1\r\n\r\n')).toBeDefined();
  });

  test.each(['MQTT', 'the gateway', 'a peer'])('%s hangs up on garbage inside TLS', async (name) => {
    const port = ports().find((each) => each.name === name)?.port ?? 0;
    expect(await sendRaw(port, garbage, { tls: mallory.tls })).toBeDefined();
  });

  test('an MQTT packet that announces 256 MiB is not waited for', async () => {
    expect(
      await sendRaw(world.server.mqttPort, Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4]), { tls: mallory.tls }),
    ).toBeDefined();
  });
});

test('the good agent worked on all the time and was never cut off', async () => {
  await heartbeat.stop();
  expect(heartbeat.beats).toBeGreaterThan(5);
  expect(statusOf(good)).toMatchObject({ broker: { connected: true } });
  expect(await world.server.harpJson('status')).toMatchObject({ broker: { connected: true } });
});

/** A new report id: 26 characters of Crockford's base32 without i, l, o, u, in lower case. */
function reportId(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  return Array.from({ length: 26 }, () => alphabet[Math.floor(Math.random() * 32)]).join('');
}
