/**
 * How fast PCs come in and how fast they are shut out, and what guessing a password costs.
 *
 *   npm run bench:enrol -- [--agents 500] [--revocations 50] [--external]
 *
 * `--external`: on a Mosquitto in the place of the embedded broker.
 *
 * The PCs that come in are played by this process: keys and requests are made before the clock runs, because every PC has a processor of its own for
 * that. Each opens the three connections that harp-agent opens. Who is shut out has an MQTT session and an open connection to the peer server of a real
 * agent, which it asks again and again. Ends with 1 if a figure misses its bar.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { parseToken } from '@harp/broker/protocol';
import type { MqttClient } from 'mqtt';
import { z } from 'zod';
import { makeToken } from '../harness/enrolments.ts';
import { applyFleet, temporaryFolder } from '../harness/fleet.ts';
import { connected, enrolIdentity, mqttClient, type TlsIdentity } from '../harness/identity.ts';
import { freePort, mosquittoEnv, mosquittoOf, writeKit } from '../harness/mosquitto.ts';
import { until } from '../harness/process.ts';
import { sql, works } from '../harness/server-parts.ts';
import { enrolInStorm, stormPcs } from '../harness/storm.ts';
import { startWorld } from '../harness/world.ts';
import { figure, printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '500' },
    revocations: { type: 'string', default: '50' },
    external: { type: 'boolean', default: false },
  },
});
const count = z.coerce.number().int().min(1).max(1000);
const agents = count.parse(values.agents);
const revocations = count.parse(values.revocations);
/** PCs that call at one moment: all that are switched on in the morning, in no order. */
const AT_ONCE = 50;
/** Longer than any wait between two tries: the name is locked. */
const LOCKED_SECONDS = 60;
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);

const kit = temporaryFolder('mosquitto');
const mqttPort = await freePort();
const mosquitto = mosquittoOf(kit, mqttPort);
const world = await startWorld(values.external ? { server: { env: mosquittoEnv(kit, mqttPort) } } : {});
const { server } = world;
if (values.external) {
  await writeKit(server, kit, mqttPort);
  await mosquitto.start();
  await works(server);
}
const offices = ['storm', 'north'].map((name) => ({ name, subnets: [] }));
await applyFleet(server, { nextclouds: [], offices, folders: [] });
const storm = await enrolStorm();
const revoked = await revokeOneByOne();
const login = await guessPasswords();
const figures = [
  figure('enrolledSeconds', storm.seconds, 's', 60),
  figure('enrolledAgents', storm.enrolled, 'agents', agents, 'higher'),
  figure('enrolWorstSeconds', storm.worstSeconds, 's'),
  figure('revokedAtBrokerP95', quantile(revoked.broker, 0.95), 's', 5),
  figure('revokedAtBrokerWorst', Math.max(...revoked.broker), 's'),
  figure('revokedAtPeerP95', quantile(revoked.peer, 0.95), 's', 5),
  figure('revokedAtPeerWorst', Math.max(...revoked.peer), 's'),
  figure('loginTryMs', login.fastestMs, 'ms', 100, 'higher'),
  figure('loginTriesBeforeLockOut', login.tries, 'tries', 10),
  figure('loginLockedSeconds', login.lockedSeconds, 's', LOCKED_SECONDS, 'higher'),
];
const missed = figures.filter(({ ok }) => ok === false);
for (const { name, value, unit, bar } of missed) say(`${name} is ${value} ${unit}, and its bar ${bar}`);
printReport('enrol', figures, { agents, revocations, broker: values.external ? 'Mosquitto' : 'embedded' });
await world.dispose();
await mosquitto.stop();
process.exit(missed.length === 0 ? 0 : 1);

/** Enrols every PC with one token. */
async function enrolStorm(): Promise<{ seconds: number; worstSeconds: number; enrolled: number }> {
  say(`making ${agents} keys`);
  const pcs = await stormPcs(agents);
  const { token } = await makeToken(server, { office: 'storm', uses: agents });
  const { s: secret } = parseToken(token);
  say(`enrolling ${agents} PCs with one token, ${AT_ONCE} at a time`);
  const took: number[] = [];
  const queue = [...pcs];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let pc = queue.shift(); pc !== undefined; pc = queue.shift()) {
        const beganAt = performance.now();
        await enrolInStorm(server.gatewayPort, pc, secret);
        took.push((performance.now() - beganAt) / 1000);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const [row] = await sql(
    server,
    `SELECT count(*)::int AS enrolled FROM "Agent" a JOIN "Office" o ON o.id = a."officeId" WHERE o.name = 'storm'`,
  );
  say(`${row?.enrolled} agents in ${seconds.toFixed(1)} s`);
  return { seconds, worstSeconds: Math.max(...took), enrolled: Number(row?.enrolled) };
}

/** Revokes connected agents one after the other; how long, in seconds from the request to the API, until each is shut out. */
async function revokeOneByOne(): Promise<{ broker: number[]; peer: number[] }> {
  const [peer] = await world.addAgents('north', ['peer']);
  const { peerPort } = z.object({ peerPort: z.int() }).parse(peer!.process.ready);
  const { token } = await makeToken(server, { office: 'north', uses: revocations });
  say(`enrolling ${revocations} agents that are to be revoked`);
  const broker: number[] = [];
  const atPeer: number[] = [];
  for (let trial = 0; trial < revocations; trial++) {
    const identity = await enrolIdentity(token, join(temporaryFolder(`revoked-${trial}`), 'state'));
    const client = await connected(mqttClient(identity.mqttUrl, identity.tls, { clientId: identity.agent }));
    const connection = await openHello(peerPort, identity.tls);
    await until('the peer serves it', async () => (await connection.status()) === 200, 60_000);
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1000;
    const [cutAfter, refusedAfter] = await Promise.all([
      closed(client).then(seconds),
      until('the peer refuses it', async () => (await connection.status()) !== 200, 30_000, 20).then(seconds),
      server.api(`/agents/${identity.agent}/revoke`, { method: 'POST' }),
    ]);
    broker.push(cutAfter);
    atPeer.push(refusedAfter);
    connection.close();
    if (trial % 10 === 9) say(`${trial + 1} revoked`);
  }
  return { broker, peer: atPeer };
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** One connection to a peer server on which hello is asked again and again; its status, 0 once it was cut. */
async function openHello(port: number, tls: TlsIdentity) {
  let socket = await open();
  async function open(): Promise<TLSSocket> {
    const opened = connect({ host: '127.0.0.1', port, ...tls, checkServerIdentity: () => undefined });
    opened.on('error', () => undefined);
    await once(opened, 'secureConnect');
    return opened;
  }
  let wasServed = false;
  return {
    async status(): Promise<number> {
      if (socket.destroyed || socket.readableEnded) {
        if (wasServed) return 0;
        // Before the roster lists it, it may be cut off: that is not what is measured.
        socket = await open();
      }
      const answered = new AbortController();
      const { signal } = answered;
      socket.write('GET /peer/v1/hello HTTP/1.1\r\nHost: peer\r\n\r\n');
      const status = await Promise.race([
        once(socket, 'data', { signal }).then(([bytes]) => Number(/^HTTP\/1\.1 (\d{3})/.exec(String(bytes))?.[1] ?? 0)),
        once(socket, 'close', { signal }).then(() => 0),
      ])
        // Cut off in the middle is cut off.
        .catch(() => 0)
        .finally(() => answered.abort());
      wasServed ||= status === 200;
      return status;
    },
    close: () => socket.destroy(),
  };
}

/** Wrong passwords for somebody who exists, each as soon as the server lets it be tried, until the name is locked. */
async function guessPasswords(): Promise<{ fastestMs: number; tries: number; lockedSeconds: number }> {
  const post = (path: string, body: object) =>
    fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify(body),
    });
  const made = await post('/setup', { code: server.setupCode, name: 'ada', password: 'correct horse battery' });
  if (!made.ok) throw new Error(`setup: ${made.status} ${await made.text()}`);
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 100; ) {
    const startedAt = performance.now();
    const { status, headers } = await post('/session', { name: 'ada', password: `guess number ${tries}` });
    if (status === 429) {
      const waitSeconds = Number(headers.get('retry-after'));
      if (waitSeconds > LOCKED_SECONDS) return { fastestMs, tries, lockedSeconds: waitSeconds };
      await sleep(waitSeconds * 1000);
      continue;
    }
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
    tries += 1;
  }
  return { fastestMs, tries: 100, lockedSeconds: 0 };
}

function quantile(of: readonly number[], q: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
