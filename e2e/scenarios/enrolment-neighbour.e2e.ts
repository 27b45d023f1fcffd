/** PCs in an office's network: told by an enrolled neighbour where the server is (multicast DNS), captured by nobody, at home wherever they are carried. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decideOf, makeToken, requestThat } from '../harness/enrolments.ts';
import {
  type Agent,
  applyFleet,
  runAgent,
  type Server,
  startAgent,
  startServer,
  startWaiting,
} from '../harness/fleet.ts';
import { createOfficeNetwork, namespacesUnavailable, type OfficeNetwork } from '../harness/netns.ts';
import { until } from '../harness/process.ts';
import { sql } from '../harness/server-parts.ts';

/** North is the first bridge, south the second: multicast does not cross from one to the other. */
const offices = [
  { name: 'north', subnets: ['10.77.0.0/24'] },
  { name: 'south', subnets: ['10.77.1.0/24'] },
];
const [north1, south1, north2, south2] = [0, 1, 2, 3] as const;

let network: OfficeNetwork;
let server: Server;
let rogue: Server;
let first: Agent;
const started: { stop(): Promise<unknown> }[] = [];

/** Nobody has a search domain here, so nothing but neighbours can help. */
const env = { HARP_SEARCH_DOMAIN: 'invalid', HARP_DNS_SERVERS: '127.0.0.1:1' };

beforeAll(async () => {
  const why = namespacesUnavailable();
  if (why !== undefined) throw new Error(why);
  network = createOfficeNetwork({ name: 'enrol', pcs: 4, bridges: 2, wanMbit: 100 });
  [server, rogue] = (await Promise.all([1, 2].map(() => startServer({ publicHost: network.serverHost })))) as [
    Server,
    Server,
  ];
  await applyFleet(server, { nextclouds: [], offices, folders: [] });
  await applyFleet(rogue, { nextclouds: [], offices: [{ name: 'trap', subnets: [] }], folders: [] });
  const { token } = await makeToken(server, { uses: 1 });
  first = await startAgent({ name: 'first', token, place: network.pc(north1), env });
  started.push(first.process);
});
afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()));
  await Promise.all([server?.process.stop(), rogue?.process.stop()]);
  network?.dispose();
});

const officeOf = async (hostname: string) =>
  (
    await sql(
      server,
      `SELECT o.name, a."officeBy", a.address FROM "Agent" a JOIN "Office" o ON o.id = a."officeId" WHERE a.hostname = $1`,
      [hostname],
    )
  )[0];

test('a token without an office puts a PC into the office whose network it is in', async () => {
  expect(await officeOf('first')).toEqual({ name: 'north', officeBy: 'subnet', address: '10.77.0.10' });
});

test('a PC without anything hears of the server from its neighbour, and is let in by a person who types its code', async () => {
  const pc = startWaiting({ name: 'second', place: network.pc(north2), env });
  const { code, via, server: named } = await pc.shows('enrolment.code_needed');
  expect([via, named]).toEqual(['neighbour', `https://${network.serverHost}:${server.gatewayPort}`]);
  const row = await requestThat(server, 'second', ({ state }) => state === 'waiting');
  expect(row).toMatchObject({ officeName: 'north', officeBy: 'subnet', officeWhy: '10.77.0.0/24', needsCode: true });
  await decideOf(server, row, 'approve', { code: code! });
  const agent = await pc.enrolled();
  started.push(agent.process);
  await until('both know each other', async () => {
    const { stdout } = await agent.cli('status', '--state', agent.stateDir, '--json');
    return JSON.parse(stdout).status?.peers.live === 1;
  });

  // Carried into the other office, it belongs there.
  await agent.process.stop();
  const moved = await runAgent({
    name: 'second',
    token: '',
    folder: join(agent.stateDir, '..'),
    place: network.pc(south2),
    env,
  });
  started.push(moved.process);
  await until('it belongs to the other office', async () => (await officeOf('second'))?.name === 'south');
  expect(await officeOf('second')).toMatchObject({ officeBy: 'subnet', address: '10.77.1.13' });
  await until('its neighbour of before knows it no longer', async () => {
    const { stdout } = await first.cli('status', '--state', first.stateDir, '--json');
    return JSON.parse(stdout).status?.peers.known === 0;
  });
  await moved.process.stop();
});

test('a PC whose neighbour names a rogue server is not captured', async () => {
  const { token } = await makeToken(rogue, { office: 'trap', uses: 1 });
  const lure = await startAgent({ name: 'lure', token, place: network.pc(south1), env });
  started.push(lure.process);
  const pc = startWaiting({ name: 'prey', place: network.pc(south2), env });
  started.push(pc);
  const { code, server: named } = await pc.shows('enrolment.code_needed');
  expect(named).toBe(`https://${network.serverHost}:${rogue.gatewayPort}`);
  const row = await requestThat(rogue, 'prey', ({ state }) => state === 'waiting');
  await decideOf(rogue, row, 'approve', { code: code === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA' });
  await requestThat(rogue, 'prey', ({ cause }) => cause === 'enrolment.code_mismatch');
  expect(readdirSync(join(pc.stateDir, 'identity'))).toEqual(['agent.key']);
  expect(existsSync(join(pc.stateDir, 'control'))).toBe(false);
});
