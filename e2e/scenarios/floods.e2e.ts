/** Whoever sends as slowly as it may, opens connections by the thousand, or sends headers without end: everybody else is served meanwhile and afterwards. */
import { join } from 'node:path';
import { type FolderId, gatewayPaths, peerPaths } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peerPortOf, processesOf } from '../fuzz/world.ts';
import { statusOf } from '../harness/agent-status.ts';
import { flood, type Slow, sendSlowly } from '../harness/attack-sockets.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { certificateRequestFor } from '../harness/foreign-ca.ts';
import { type Heartbeat, startHeartbeat } from '../harness/heartbeat.ts';
import { type AgentIdentity, connected, enrolIdentity, mqttClient } from '../harness/identity.ts';
import { oldHello } from '../harness/old-tls.ts';
import { until } from '../harness/process.ts';
import { ask, sendRaw } from '../harness/raw-requests.ts';
import { usageOf } from '../harness/usage.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
/** Nobody who means well waits longer, whatever others do. */
const SERVED_WITHIN_MS = 5_000;
const GROWTH_MIB = 200;
const CONNECTIONS = 5_000;

let world: World;
let good: Agent;
/** Has a certificate, and means no good. */
let mallory: AgentIdentity;
/** Has a certificate, and wants to be served. */
let bob: AgentIdentity;
let bobsRequest: string;
let folder: FolderId;
let heartbeat: Heartbeat;
let memoryBefore: Map<string, number>;
/** How long each of the slow connections was put up with, in milliseconds. */
let slow: Map<string, Promise<number[]>>;

const places = ['the gateway', 'MQTT', 'a peer', 'the REST API'] as const;
type Place = (typeof places)[number];
const portOf = (place: Place): number =>
  ({
    'the gateway': world.server.gatewayPort,
    MQTT: world.server.mqttPort,
    'a peer': peerPortOf(good),
    'the REST API': Number(new URL(world.server.url).port),
  })[place];

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
  folder = (await world.folderId(FOLDER)) as FolderId;
  const token = await createToken(world.server, 'north', 2);
  [mallory, bob] = (await Promise.all(
    ['mallory', 'bob'].map((name) => enrolIdentity(token, join(temporaryFolder(name), 'state'))),
  )) as [AgentIdentity, AgentIdentity];
  bobsRequest = JSON.stringify({ csr: await certificateRequestFor(bob.tls.key) });
  for (const { tls } of [mallory, bob])
    await until(
      'the good agent lists both',
      async () => (await ask(peerPortOf(good), { path: peerPaths.hello, method: 'GET', tls })).status === 200,
    );
  heartbeat = startHeartbeat(world, good, FOLDER);
  memoryBefore = memoryOf();
  slow = new Map(slowOnes.map(({ what, place, count, send }) => [what, sendMany(portOf(place), count, send())]));
});
afterAll(() => world?.dispose());

const memoryOf = () =>
  new Map(processesOf({ world, good }).map(({ name, pid }) => [name, usageOf(pid).rssBytes / 2 ** 20]));

const sendMany = (port: number, count: number, send: Slow) =>
  Promise.all(Array.from({ length: count }, () => sendSlowly(port, send)));

/** What bob wants of each place; each over a connection that is made for it. */
const served: Record<Place, () => Promise<unknown>> = {
  'the gateway': async () =>
    expect(
      await ask(world.server.gatewayPort, { path: gatewayPaths.renew, body: bobsRequest, tls: bob.tls }),
    ).toMatchObject({ status: 200 }),
  MQTT: async () => {
    const client = await connected(mqttClient(bob.mqttUrl, bob.tls, { clientId: bob.agent }));
    await client.endAsync();
  },
  'a peer': async () =>
    expect(await ask(peerPortOf(good), { path: peerPaths.hello, method: 'GET', tls: bob.tls })).toMatchObject({
      status: 200,
    }),
  'the REST API': () => world.server.api('/status'),
};

async function expectServed(place: Place): Promise<void> {
  const startedAt = performance.now();
  await served[place]();
  expect(performance.now() - startedAt, place).toBeLessThan(SERVED_WITHIN_MS);
}

const anybody = { rejectUnauthorized: false };
const head = (line: string, ...headers: string[]) => `${[line, 'Host: localhost', ...headers].join('\r\n')}\r\n`;
const half = (path: string, ...headers: string[]) =>
  `${head(`POST ${path} HTTP/1.1`, 'Content-Type: application/json', 'Content-Length: 5000', ...headers)}\r\n{`;
const header = 'X-Slow: 1\r\n';

/** `withinMs`: what each server allows, and the five seconds between two looks at the clock. */
const slowOnes: { what: string; place: Place; count: number; withinMs: number; send: () => Slow }[] = [
  {
    what: 'headers at the gateway',
    place: 'the gateway',
    count: 20,
    withinMs: 15_000,
    send: () => ({ first: head(`GET ${gatewayPaths.health} HTTP/1.1`), drip: header, tls: anybody }),
  },
  {
    what: 'bodies of an agent at the gateway',
    place: 'the gateway',
    count: 8,
    withinMs: 35_000,
    send: () => ({ first: half(gatewayPaths.renew), drip: ' ', tls: mallory.tls }),
  },
  {
    what: 'bodies of strangers at the gateway',
    place: 'the gateway',
    count: 150,
    withinMs: 35_000,
    send: () => ({ first: half(gatewayPaths.enrol), drip: ' ', tls: anybody }),
  },
  {
    what: 'a TLS greeting at the gateway',
    place: 'the gateway',
    count: 20,
    withinMs: 15_000,
    send: () => ({ first: oldHello('TLS 1.2').subarray(0, 20), drip: '\0' }),
  },
  {
    what: 'a TLS greeting at MQTT',
    place: 'MQTT',
    count: 20,
    withinMs: 15_000,
    send: () => ({ first: oldHello('TLS 1.2').subarray(0, 20), drip: '\0' }),
  },
  {
    what: 'a CONNECT at MQTT',
    place: 'MQTT',
    count: 3,
    withinMs: 10_000,
    // It announces 200 bytes.
    send: () => ({ first: Buffer.from([0x10, 0xc8, 0x01, 0, 4]), drip: 'M', tls: mallory.tls }),
  },
  {
    what: 'headers at a peer',
    place: 'a peer',
    count: 20,
    withinMs: 15_000,
    send: () => ({ first: head(`GET ${peerPaths.hello} HTTP/1.1`), drip: header, tls: mallory.tls }),
  },
  {
    what: 'bodies at a peer',
    place: 'a peer',
    count: 20,
    withinMs: 25_000,
    send: () => ({ first: half(peerPaths.have(folder)), drip: ' ', tls: mallory.tls }),
  },
  {
    what: 'headers at the REST API',
    place: 'the REST API',
    count: 20,
    withinMs: 20_000,
    send: () => ({ first: head('GET /api/v1/health HTTP/1.1'), drip: header }),
  },
  {
    what: 'bodies at the REST API',
    place: 'the REST API',
    count: 20,
    withinMs: 35_000,
    send: () => ({ first: half('/api/v1/session'), drip: ' ' }),
  },
];

describe('headers without end', () => {
  const endless = { first: head('GET / HTTP/1.1'), more: `X-Long: ${'x'.repeat(30_000)}` };

  test.each(places.filter((place) => place !== 'MQTT'))('are refused with 431: %s', async (place) => {
    const tls = place === 'the REST API' ? {} : { tls: mallory.tls };
    const answer = await sendRaw(portOf(place), endless.first + endless.more, tls);
    expect(answer?.toString()).toMatch(/^HTTP\/1\.1 431 /);
    await expectServed(place);
  });
});

describe('slow senders', () => {
  test.each(places)('keep nobody from %s', async (place) => {
    for (let time = 0; time < 3; time++) await expectServed(place);
  });

  test('of bodies take the places of other strangers only as long as nobody else wants them', async () => {
    const health = { path: gatewayPaths.health, method: 'GET', tls: anybody };
    for (let time = 0; time < 3; time++)
      expect(await ask(world.server.gatewayPort, health)).toMatchObject({ status: 200 });
  });

  test.each(slowOnes)('are cut off in time: $what', async ({ what, withinMs }) => {
    const took = (await slow.get(what)) ?? [];
    expect(Math.max(...took)).toBeLessThan(withinMs + SERVED_WITHIN_MS);
    // It was the clock that ended the last of them, and no mistake in what they sent.
    expect(Math.max(...took)).toBeGreaterThan(5_000);
  });
});

describe(`${CONNECTIONS} connections at once`, () => {
  const halfOpen = places.map((place) => ({ place, what: 'say nothing', say: oldHello('TLS 1.2'), every: 10 }));
  const asked = `${head('GET /api/v1/health HTTP/1.1')}\r\n`;
  const cases: { place: Place; what: string; say: Buffer | string; every: number }[] = [
    ...halfOpen,
    { place: 'the REST API', what: 'asked once and stay', say: asked, every: 1 },
  ];

  test.each(cases)(
    'that $what keep nobody from $place, then or later, and are not all held',
    async ({ place, say, every }) => {
      const flooding = flood(portOf(place), CONNECTIONS, say, every);
      const isServed = () =>
        served[place]().then(
          () => true,
          () => false,
        );
      await until('somebody is served while they come', isServed, SERVED_WITHIN_MS);
      const held = await flooding;
      const { beats } = heartbeat;
      await expectServed(place);
      await until('a change reaches the good agent', () => heartbeat.beats > beats, 20_000);
      await until('the server holds no more than it wants to', () => held.open() <= CONNECTIONS / 2);
      held.end();
      await expectServed(place);
    },
  );
});

test('nothing of it is kept in memory', () => {
  for (const [name, before] of memoryBefore) expect(memoryOf().get(name)! - before, name).toBeLessThan(GROWTH_MIB);
});

test('the good agent worked on all the time', async () => {
  await heartbeat.stop();
  expect(heartbeat.beats).toBeGreaterThan(5);
  expect(statusOf(good)).toMatchObject({ broker: { connected: true } });
});
