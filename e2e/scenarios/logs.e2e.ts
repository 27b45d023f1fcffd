/**
 * Output: what server, indexer and broker log, and an agent's log on demand. Nothing crosses the line unless somebody watches; nobody but the console
 * may ask, and nobody but the agent may answer.
 */
import { dirname, join } from 'node:path';
import { filterFor, LogBatch, messages, topicFor } from '@harp/broker/protocol';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogChannelList, LogPage } from '../../console/src/api/schemas.ts';
import { statusOf } from '../harness/agent-status.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { type AgentIdentity, connected, consoleIdentity, enrolIdentity, mqttClient } from '../harness/identity.ts';
import { followLog } from '../harness/log-follower.ts';
import { stays, until } from '../harness/process.ts';
import { killPart, works } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let good: Agent;
/** Another agent of the same office. */
let mallory: AgentIdentity;

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
  mallory = await enrolIdentity(await createToken(world.server, 'north', 1), join(temporaryFolder('mallory'), 'state'));
});
afterAll(() => world?.dispose());

const topicOf = (message: 'command' | 'log', agentId: string) => topicFor(messages[message].topic, { agentId });
const commandOf = (change: object = {}) =>
  JSON.stringify({ v: 1, id: 'cmd-aaaaaaaaaaaaaaaa', kind: 'log', forMs: 60_000, level: 'info', ...change });

/** A second session of the console's, next to the running one. */
async function asConsole(): Promise<{ client: MqttClient; batches: LogBatch[] }> {
  const tls = await consoleIdentity(world.server);
  const url = `mqtts://127.0.0.1:${world.server.mqttPort}`;
  const client = await connected(mqttClient(url, tls, { clientId: 'console-beside' }));
  const batches: LogBatch[] = [];
  client.on('message', (_topic, payload) => void batches.push(LogBatch.parse(JSON.parse(payload.toString()))));
  await client.subscribeAsync(filterFor(messages.log.topic), { qos: 0 });
  return { client, batches };
}

const asMallory = () => connected(mqttClient(mallory.mqttUrl, mallory.tls, { clientId: mallory.agent }));

const read = async (channel: string) =>
  LogPage.parse(await world.server.api(`/logs/${encodeURIComponent(channel)}`)).lines;

const countOf = (lines: readonly { message: string }[], message: string) =>
  lines.filter((line) => line.message === message).length;

describe('an agent’s log over MQTT', () => {
  test('is sent when the console asks, for as long as it asks, and never otherwise', async () => {
    const { client, batches } = await asConsole();
    const ask = (command: string) => client.publishAsync(topicOf('command', good.id), command, { qos: 1 });
    await ask(commandOf({ kind: 'from-the-future' }));
    await ask('rubbish');
    await stays('nothing is sent', () => batches.length === 0, 1000);
    await ask(commandOf());
    await until('the agent answers', () => batches.length > 0);
    const lines = () => batches.flatMap((batch) => batch.lines);
    await until('it says what happened before', () => countOf(lines(), 'agent started') === 1);
    await world.cloud.putGenerated(`/${FOLDER}/second.txt`, 1000, 2);
    await world.delivered([good], FOLDER, ['second.txt']);
    await until('it says what happens now', () => countOf(lines(), 'folder complete') >= 2);
    const numbers = lines().map(({ line }) => line);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(JSON.stringify(batches)).not.toContain(dirname(good.filesDir));
    await ask(commandOf({ id: 'cmd-bbbbbbbbbbbbbbbb', forMs: 0 }));
    const before = batches.length;
    await world.cloud.putGenerated(`/${FOLDER}/third.txt`, 1000, 3);
    await world.delivered([good], FOLDER, ['third.txt']);
    await stays('nothing more is sent', () => batches.length === before, 1000);
    await client.endAsync();
  });

  test.each<{ what: string; topic: () => string; qos: 0 | 1 }>([
    { what: 'a command to a neighbour', topic: () => topicOf('command', good.id), qos: 1 },
    { what: 'a command to itself', topic: () => topicOf('command', mallory.agent), qos: 1 },
    { what: 'a log in a neighbour’s name', topic: () => topicOf('log', good.id), qos: 0 },
  ])('$what gets an agent cut off', async ({ topic, qos }) => {
    const { client: watcher, batches } = await asConsole();
    const client = await asMallory();
    const cut = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish(topic(), commandOf(), { qos });
    await cut;
    await stays('nobody answers', () => batches.length === 0, 500);
    await watcher.endAsync();
    expect(statusOf(good)?.broker.connected).toBe(true);
  });

  test.each([
    { what: 'a neighbour’s commands', filter: () => topicOf('command', good.id) },
    { what: 'a neighbour’s log', filter: () => topicOf('log', good.id) },
    { what: 'its own log', filter: () => topicOf('log', mallory.agent) },
    { what: 'everybody’s logs', filter: () => filterFor(messages.log.topic) },
  ])('an agent may not listen to $what', async ({ filter }) => {
    const client = await asMallory();
    const granted = await new Promise((resolve) => {
      client.subscribe(filter(), { qos: 0 }, (_error, _grants, packet) => resolve(packet?.granted[0]));
    });
    expect(granted).toBe(0x80);
    await client.endAsync();
  });
});

describe('through the console', () => {
  test('an agent’s log is followed while somebody watches, also over its restart', async () => {
    const followed = await followLog(world.server, `agent:${good.id}`);
    await until('what happened before is shown', () => countOf(followed.lines, 'agent started') === 1);
    expect(followed.state).toBe('live');
    good = await world.restart(good);
    await until('the restarted agent goes on', () => countOf(followed.lines, 'agent started') === 2);
    const seqs = followed.lines.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(JSON.stringify(followed.lines)).not.toContain(dirname(good.filesDir));
    await followed.stop();
  });

  test('lines that an agent sends unasked are shown to nobody', async () => {
    const followed = await followLog(world.server, `agent:${mallory.agent}`);
    const client = await asMallory();
    const line = { line: 1, atMs: 1, level: 'error', message: 'look at me' };
    const batch = { v: 1, command: 'cmd-zzzzzzzzzzzzzzzz', startedAtMs: 1, dropped: 0, lines: [line] };
    await client.publishAsync(topicOf('log', mallory.agent), JSON.stringify(batch), { qos: 0 });
    await stays('nothing is shown', () => followed.lines.length === 0, 1000);
    await client.endAsync();
    await followed.stop();
  });

  test('there is no channel of what does not exist', async () => {
    await expect(followLog(world.server, `agent:${'a'.repeat(52)}`)).rejects.toThrow('api.not_found');
    await expect(followLog(world.server, '../secrets')).rejects.toThrow(/api\.(not_found|invalid)/);
  });

  test('server, indexer and broker have channels; what the broker said survives the console server, and its own end is told', async () => {
    const { channels } = LogChannelList.parse(await world.server.api('/logs'));
    expect(channels.map(({ id }) => id)).toEqual(expect.arrayContaining(['server', 'indexer', 'broker']));
    expect((await read('indexer')).length).toBeGreaterThan(0);
    expect(countOf(await read('broker'), 'listening')).toBe(1);
    await killPart(world.server, 'console');
    await works(world.server);
    expect(countOf(await read('broker'), 'listening')).toBe(1);
    expect(countOf(await read('server'), 'a part ended; it is started again')).toBe(1);
    await killPart(world.server, 'broker');
    await until('the next broker is heard', async () => countOf(await read('broker'), 'listening') === 2);
    expect(countOf(await read('server'), 'a part ended; it is started again')).toBe(2);
  });
});
