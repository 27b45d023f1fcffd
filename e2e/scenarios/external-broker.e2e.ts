/**
 * The same fleet on a broker that others run: a real Mosquitto with the files that `harp mqtt config` writes and the server keeps. What the embedded
 * broker promises holds there too: who may say and hear what, presence, commands, revocation within five seconds, and nothing lost when it ends.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FolderId, filterFor, messages, topicFor } from '@harp/broker/protocol';
import type { IClientOptions, MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogPage, ProblemList } from '../../console/src/api/schemas.ts';
import { folderStatusOf, statusOf } from '../harness/agent-status.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { forgedCertificate } from '../harness/foreign-ca.ts';
import { type AgentIdentity, connected, enrolIdentity, mqttClient } from '../harness/identity.ts';
import { freePort, type Mosquitto, mosquittoEnv, mosquittoOf, writeKit } from '../harness/mosquitto.ts';
import { stays, until } from '../harness/process.ts';
import { killPart, sql, works } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const REVOCATIONS = 3;
/** A report that reached the broker before ingest was back there is sent again after half a minute, and then after a whole one. */
const REPEATED_WITHIN_MS = 90_000;
let kit: string;
let port: number;
let mosquitto: Mosquitto;
let world: World;
let good: Agent;
let second: Agent;
/** An agent that enrolled for real, whose connections are the tests'. */
let mallory: AgentIdentity;

const problems = async () => ProblemList.parse(await world.server.api('/problems')).problems;
const problem = (code: string, failure?: string) =>
  until(`there is a problem ${code}`, async () =>
    (await problems()).find((each) => each.code === code && (failure === undefined || each.params.failure === failure)),
  );
const brokerProblems = async () => (await problems()).filter(({ code }) => code.startsWith('broker.'));
const noBrokerProblem = () =>
  until('no problem of the broker is left', async () => (await brokerProblems()).length === 0);

beforeAll(async () => {
  kit = temporaryFolder('mosquitto');
  port = await freePort();
  mosquitto = mosquittoOf(kit, port);
  world = await startWorld({
    offices: ['north', 'south'],
    server: { env: mosquittoEnv(kit, port) },
  });
});
afterAll(async () => {
  await world?.dispose();
  await mosquitto?.stop();
});

const own = (
  message: 'desired' | 'presence' | 'reported' | 'telemetry' | 'event' | 'ack' | 'command',
  agentId: string,
) => topicFor(messages[message].topic, { agentId });
const asAgent = (identity: AgentIdentity, options: IClientOptions = {}) =>
  connected(mqttClient(identity.mqttUrl, identity.tls, { clientId: identity.agent, ...options }));
const cutOff = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
const isOnline = async (id: string) =>
  (await sql(world.server, 'SELECT online FROM "Agent" WHERE id = $1', [id]))[0]?.online === true;
let token: Promise<string> | undefined;
const newIdentity = async (name: string) => {
  token ??= createToken(world.server, 'north', 20);
  return enrolIdentity(await token, join(temporaryFolder(name), 'state'));
};

describe('a broker of one’s own', () => {
  test('that is not there yet: the server runs and says so', async () => {
    await problem('broker.external_unreachable', 'unreachable');
    expect(await world.server.harpJson('status')).toMatchObject({
      broker: { connected: false, kind: 'external', url: `mqtts://127.0.0.1:${port}` },
    });
  });

  test('is given its files by one command, and the server finds it', async () => {
    expect(await writeKit(world.server, kit, port)).toMatchObject({
      files: ['server.key', 'server.crt', 'ca.crt', 'acl', 'mosquitto.conf'],
      names: ['127.0.0.1'],
    });
    expect(statSync(join(kit, 'server.key')).mode & 0o777).toBe(0o600);
    await mosquitto.start();
    await noBrokerProblem();
    await works(world.server);
    expect((await world.server.harp('status')).stdout).toContain(
      `broker connected (external, mqtts://127.0.0.1:${port})`,
    );
  });

  test('carries a fleet: PCs enrol, are seen, and get a folder', async () => {
    await world.cloud.putGenerated(`/${FOLDER}/first.bin`, 3_000_000, 1);
    await world.distribute(FOLDER, ['north']);
    [good, second] = (await world.addAgents('north', ['good', 'second'])) as [Agent, Agent];
    await world.delivered([good, second], FOLDER, ['first.bin']);
    for (const { id } of [good, second]) await until('it is seen online', () => isOnline(id));
    await world.event('folder.completed', ({ agentId }) => agentId === good.id);
    mallory = await newIdentity('mallory');
  });

  test('tells of a PC that was cut off, and of its return', async () => {
    await second.process.kill();
    await until('it is seen offline', async () => !(await isOnline(second.id)));
    second = await world.restart(second);
    await until('it is seen online again', () => isOnline(second.id));
  });

  test('carries commands: the log of an agent is read', async () => {
    await until('its log is here', async () => {
      const page = LogPage.parse(await world.server.api(`/logs/${encodeURIComponent(`agent:${good.id}`)}`));
      return page.lines.some(({ message }) => message === 'agent started');
    });
  });

  test('lets an agent hear of a folder that its office gets while it is connected', async () => {
    await world.cloud.putGenerated('/Plans/plan.txt', 5000, 2);
    await world.distribute('Plans', ['north']);
    await world.delivered([good, second], 'Plans', ['plan.txt']);
  });
});

describe('an agent that enrolled for real and then misbehaves', () => {
  const STATE = `SELECT online, reported->>'hostname' AS hostname FROM "Agent" WHERE id = $1`;
  /** Ends when the broker has worked through what `client` sent before: it answers in order. */
  const worked = (client: MqttClient) => client.subscribeAsync(own('command', mallory.agent), { qos: 1 });

  test.each<{ what: string; topic: () => string; payload?: string }>([
    {
      what: 'that another is offline',
      topic: () => own('presence', good.id),
      payload: JSON.stringify({ v: 1, online: false, atMs: 1 }),
    },
    {
      what: 'what another is',
      topic: () => own('reported', good.id),
      payload: JSON.stringify({
        ...{ v: 1, atMs: 1, protocol: 2, version: 'x', hostname: 'forged', platform: 'x' },
        ...{ addresses: [], peers: [], folders: [], desiredRevision: 0 },
      }),
    },
    { what: 'another’s desired state', topic: () => own('desired', good.id) },
    { what: 'a command to another', topic: () => own('command', good.id) },
    { what: 'a head', topic: () => topicFor(messages.head.topic, { folderId: 'fld-aaaaaaaaaaaaaaaa' as FolderId }) },
  ])('is not heard when it says $what', async ({ topic, payload = '{}' }) => {
    const before = await sql(world.server, STATE, [good.id]);
    const client = await asAgent(mallory);
    await client.publishAsync(topic(), payload, { qos: 1, retain: true });
    // What it may say comes after; when that is stored, the other has been looked at.
    await client.publishAsync(own('presence', mallory.agent), JSON.stringify({ v: 1, online: true, atMs: 2 }), {
      qos: 1,
      retain: true,
    });
    await until('what it may say is heard', () => isOnline(mallory.agent));
    await client.publishAsync(own('presence', mallory.agent), JSON.stringify({ v: 1, online: false, atMs: 3 }), {
      qos: 1,
      retain: true,
    });
    await until('and again', async () => !(await isOnline(mallory.agent)));
    await client.endAsync();
    const after = await sql(world.server, STATE, [good.id]);
    expect(after).toEqual(before);
    expect(statusOf(good)?.broker.connected).toBe(true);
  });

  test('hears nothing but what is its own, whatever it subscribes to', async () => {
    const client = await asAgent(mallory);
    const heard = new Set<string>();
    client.on('message', (topic) => heard.add(topic));
    await client.subscribeAsync(['#', '$SYS/#', filterFor(messages.desired.topic), own('reported', good.id)], {
      qos: 1,
    });
    await world.cloud.putGenerated(`/${FOLDER}/second.txt`, 1000, 3);
    await world.delivered([good], FOLDER, ['second.txt']);
    await worked(client);
    await client.endAsync();
    const mine = [own('desired', mallory.agent), own('ack', mallory.agent), own('command', mallory.agent)];
    const heads = await Promise.all(
      [FOLDER, 'Plans'].map(async (name) => topicFor(messages.head.topic, { folderId: await world.folderId(name) })),
    );
    expect([...heard].filter((topic) => ![...mine, ...heads].includes(topic))).toEqual([]);
    expect(heard).toContain(heads[0]);
  });

  test('cannot take another’s connection over, nor the server’s', async () => {
    const ended = () => readFileSync(good.logFile, 'utf8').split('the connection to the broker is over').length;
    const before = ended();
    for (const clientId of [good.id, 'harp-console', 'harp-ingest']) {
      const client = await asAgent(mallory, { clientId });
      await worked(client);
      await client.endAsync();
    }
    await stays(
      'nobody else is cut off',
      async () => ended() === before && (await brokerProblems()).length === 0,
      1000,
    );
  });

  test('is not let in with a certificate of somebody else’s CA, or none', async () => {
    const forged = await forgedCertificate(mallory);
    await expect(connected(mqttClient(mallory.mqttUrl, forged, { clientId: mallory.agent }))).rejects.toThrow();
    await expect(
      connected(mqttClient(mallory.mqttUrl, { ca: mallory.tls.ca }, { clientId: mallory.agent })),
    ).rejects.toThrow();
  });
});

describe('revocation', () => {
  let revoked: AgentIdentity;

  test(`cuts off within 5 s and for good (${REVOCATIONS} times)`, async () => {
    const seconds: number[] = [];
    const names = Array.from({ length: REVOCATIONS }, (_, trial) => `revoked-${trial}`);
    for (const identity of await Promise.all(names.map(newIdentity))) {
      const will = {
        topic: own('presence', identity.agent),
        payload: Buffer.from(offline),
        qos: 1 as const,
        retain: true,
      };
      const client = await asAgent(identity, { will });
      await client.publishAsync(own('presence', identity.agent), online, { qos: 1, retain: true });
      await until('it is seen online', () => isOnline(identity.agent));
      const cut = cutOff(client);
      const startedAt = performance.now();
      await world.server.api(`/agents/${identity.agent}/revoke`, { method: 'POST' });
      await cut;
      seconds.push((performance.now() - startedAt) / 1000);
      await until('its last will is heard', async () => !(await isOnline(identity.agent)));
      revoked = identity;
    }
    expect(Math.max(...seconds)).toBeLessThan(5);
  });

  test('leaves a PC that comes to the door again deaf and dumb', async () => {
    const identity = revoked;
    const heard: string[] = [];
    await until('the rights say so', () =>
      readFileSync(join(kit, 'acl'), 'utf8').includes(`user ${identity.agent}\ntopic deny #`),
    );
    await noBrokerProblem();
    // Who was revoked a moment ago may be cut off once more.
    const back = await until('it is connected', async () => {
      const client = await asAgent(identity);
      client.on('message', (topic) => void heard.push(topic));
      client.subscribe(['#', own('desired', identity.agent)], { qos: 1 });
      return stays('it is not cut off', () => client.connected, 1000).then(
        () => client,
        () => undefined,
      );
    });
    heard.length = 0;
    back.publish(own('presence', identity.agent), online, { qos: 1, retain: true });
    await world.cloud.putGenerated(`/${FOLDER}/after.txt`, 1000, 4);
    await world.delivered([good], FOLDER, ['after.txt']);
    expect(await isOnline(identity.agent)).toBe(false);
    expect(heard).toEqual([]);
    expect(back.connected).toBe(true);
    back.end(true);
  });

  test('a broker that does not take new rights is said to, until it does', async () => {
    writeFileSync(join(kit, 'stuck'), '');
    const client = await asAgent(mallory);
    const cut = cutOff(client);
    await world.server.api(`/agents/${mallory.agent}/revoke`, { method: 'POST' });
    await cut;
    expect(await problem('broker.rights_behind')).toMatchObject({ severity: 'error' });
    rmSync(join(kit, 'stuck'));
    await noBrokerProblem();
  });
});

describe('when the broker ends', () => {
  test('its clients come back, and what happened meanwhile is not lost', async () => {
    await mosquitto.kill();
    await problem('broker.external_unreachable', 'unreachable');
    await world.cloud.putGenerated(`/${FOLDER}/meanwhile.txt`, 1000, 7);
    await until('it is in the chain', async () => {
      const folder = (await world.status()).folders.find(({ name }) => name === FOLDER);
      return folder !== undefined && folder.seq > (folderStatusOf(good, folder.id)?.seq ?? 0);
    });
    await mosquitto.start();
    await noBrokerProblem();
    await world.delivered([good, second], FOLDER, ['meanwhile.txt']);
    await until('every report is acknowledged', () => statusOf(good)?.outbox.reports === 0, REPEATED_WITHIN_MS);
    for (const { id } of [good, second]) await until('it is seen online', () => isOnline(id));
  });

  test('and the server’s own parts that end find it again', async () => {
    await killPart(world.server, 'broker');
    await works(world.server);
    await world.cloud.putGenerated(`/${FOLDER}/again.txt`, 1000, 8);
    await world.delivered([good, second], FOLDER, ['again.txt']);
    await until('every report is acknowledged', () => statusOf(good)?.outbox.reports === 0, REPEATED_WITHIN_MS);
  });

  test('a certificate for another name is named as the cause, and another certificate helps', async () => {
    await world.server.harpJson('ca', 'issue-broker', '--out', kit, '--name', 'mqtt.example');
    await mosquitto.stop();
    await mosquitto.start();
    await problem('broker.external_unreachable', 'other_name');
    await world.server.harpJson('ca', 'issue-broker', '--out', kit);
    await mosquitto.stop();
    await mosquitto.start();
    await noBrokerProblem();
    const kept = await world.server.harpJson('ca', 'issue-broker', '--out', kit, '--renew-before', '30');
    expect(kept).toMatchObject({ files: [] });
  });
});

const online = JSON.stringify({ v: 1, online: true, atMs: 1 });
const offline = JSON.stringify({ v: 1, online: false, atMs: 2 });
