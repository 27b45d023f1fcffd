/** PCs that nobody gave a token: they find a server in a file or in DNS, show a code where they cannot know whose server it is, and wait. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { decideOf, requestThat, rootOf } from '../harness/enrolments.ts';
import {
  applyFleet,
  createToken,
  runAgent,
  type Server,
  startAgent,
  startServer,
  startWaiting,
  temporaryFolder,
  type WaitingPc,
} from '../harness/fleet.ts';
import { readIdentity } from '../harness/identity.ts';
import { stays, until } from '../harness/process.ts';
import { startRelay } from '../harness/relay.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const DOMAIN = 'office.example';
let world: World;
let dns: DnsServer;
let officeId: string;
const waiting: WaitingPc[] = [];

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'south'] });
  dns = await startDnsServer();
  await world.cloud.putGenerated('/Projects/first.txt', 1000, 1);
  await world.distribute('Projects', ['north']);
  [{ id: officeId }] = (await sql(world.server, `SELECT id FROM "Office" WHERE name = 'north'`)) as [{ id: string }];
});
afterEach(async () => {
  await Promise.all(waiting.splice(0).map((pc) => pc.stop()));
});
afterAll(async () => {
  dns?.close();
  await world?.dispose();
});

/** A PC that looks for its server in DNS only. */
function pcThatAsksDns(name: string): WaitingPc {
  const env = { HARP_SEARCH_DOMAIN: DOMAIN, HARP_DNS_SERVERS: dns.address };
  const pc = startWaiting({ name, mdns: false, peerHost: '127.0.0.1', env });
  waiting.push(pc);
  return pc;
}

const pointTo = (port: number) => dns.point(`_harp._tcp.${DOMAIN}`, { host: 'localhost', port });

/** Nothing of a server is stored: no root, no certificate, no keys to pin. */
function expectUncaptured(pc: WaitingPc): void {
  const identity = join(pc.stateDir, 'identity');
  expect(existsSync(identity) ? readdirSync(identity) : []).toEqual(['agent.key']);
}

describe('a PC that DNS tells where the server is', () => {
  test('is let in by a person who types its code, and says only then what it is', async () => {
    pointTo(world.server.gatewayPort);
    const pc = pcThatAsksDns('by-dns');
    const { code, via, server } = await pc.shows('enrolment.code_needed');
    expect([via, server]).toEqual(['dns', `https://localhost:${world.server.gatewayPort}`]);
    const row = await requestThat(world.server, 'by-dns', ({ state }) => state === 'waiting');
    expect(row).toMatchObject({ via: 'dns', needsCode: true, hardwareId: null, serial: null, userName: null });
    expectUncaptured(pc);
    await decideOf(world.server, row, 'approve', { code: code!, officeId });
    const agent = await pc.enrolled();
    expect(await requestThat(world.server, 'by-dns', ({ state }) => state === 'enrolled')).toMatchObject({
      officeId,
      hardwareId: expect.any(String),
    });
    await world.delivered([agent], 'Projects', ['first.txt']);
    expect(existsSync(join(pc.stateDir, 'pending.json'))).toBe(false);
  });

  test('is not let in with a wrong code, and shows a new one', async () => {
    pointTo(world.server.gatewayPort);
    const pc = pcThatAsksDns('wrong-code');
    const first = await pc.shows('enrolment.code_needed');
    const row = await requestThat(world.server, 'wrong-code', ({ state }) => state === 'waiting');
    const wrong = first.code === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
    await decideOf(world.server, row, 'approve', { code: wrong, officeId });
    await requestThat(world.server, 'wrong-code', ({ cause }) => cause === 'enrolment.code_mismatch');
    expectUncaptured(pc);
    const second = await until('a new code is shown', async () => {
      const now = await pc.shown();
      return now?.code !== undefined && now.code !== first.code ? now : undefined;
    });
    const again = await requestThat(world.server, 'wrong-code', ({ state }) => state === 'waiting');
    await decideOf(world.server, again, 'approve', { code: second.code!, officeId });
    await pc.enrolled();
  });

  test('finds out somebody in the middle: the right code does not let it in, and nothing of it passed', async () => {
    const relay = await startRelay(world.server.gatewayPort);
    pointTo(relay.port);
    const pc = pcThatAsksDns('relayed');
    const { code } = await pc.shows('enrolment.code_needed');
    const row = await requestThat(world.server, 'relayed', ({ state }) => state === 'waiting');
    await decideOf(world.server, row, 'approve', { code: code!, officeId });
    await requestThat(world.server, 'relayed', ({ cause }) => cause === 'enrolment.code_mismatch');
    expectUncaptured(pc);
    expect(await sql(world.server, 'SELECT 1 FROM "Agent" WHERE hostname = $1', ['relayed'])).toEqual([]);
    const heard = relay.heard.join('');
    expect(heard).toContain('relayed');
    for (const secret of [code!, 'hardwareId', '"user"', '"serial"']) expect(heard).not.toContain(secret);
    relay.close();
  });

  test('is not captured by a rogue console, whatever its owner types', async () => {
    const rogue: Server = await startServer();
    try {
      await applyFleet(rogue, { nextclouds: [], offices: [{ name: 'trap', subnets: [] }], folders: [] });
      pointTo(rogue.gatewayPort);
      const pc = pcThatAsksDns('hunted');
      const { code } = await pc.shows('enrolment.code_needed');
      const row = await requestThat(rogue, 'hunted', ({ state }) => state === 'waiting');
      const guess = code === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
      await decideOf(rogue, row, 'approve', { code: guess });
      await requestThat(rogue, 'hunted', ({ cause }) => cause === 'enrolment.code_mismatch');
      // Who owns the server owns its database.
      await sql(
        rogue,
        `UPDATE "EnrolmentRequest" SET state = 'approved', "effectiveAt" = now() WHERE hostname = 'hunted'`,
      );
      await sql(rogue, `SELECT pg_notify('harp_enrolment', '')`);
      await stays('nothing is captured', () => !existsSync(join(pc.stateDir, 'identity/enrolment.json')), 3000);
      expectUncaptured(pc);
    } finally {
      await rogue.process.stop();
    }
  });

  test('hears that it was blocked, and is not let in with a token either', async () => {
    pointTo(world.server.gatewayPort);
    const pc = pcThatAsksDns('unwanted');
    await pc.shows('enrolment.code_needed');
    const row = await requestThat(world.server, 'unwanted', ({ state }) => state === 'waiting');
    await decideOf(world.server, row, 'block');
    await pc.shows('enrolment.blocked');
    await pc.stop();
    const token = await createToken(world.server, 'north', 1);
    await expect(startAgent({ name: 'unwanted', token, folder: join(pc.stateDir, '..') })).rejects.toThrow(
      'enrolment.blocked',
    );
  });
});

describe('a PC with a file that an image left', () => {
  const pcWithFile = async (name: string, file: object) => {
    const folder = temporaryFolder(name);
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state/enrol.json'), JSON.stringify(file));
    const env = { HARP_SEARCH_DOMAIN: 'invalid', HARP_DNS_SERVERS: dns.address };
    const pc = startWaiting({ name, folder, mdns: false, peerHost: '127.0.0.1', env });
    waiting.push(pc);
    return pc;
  };
  const gateway = () => `https://127.0.0.1:${world.server.gatewayPort}`;

  test('that names the server waits for a person, who needs no code', async () => {
    const pc = await pcWithFile('by-file', { gateway: gateway(), fingerprint: await rootOf(world.server) });
    expect((await pc.shows('enrolment.approval_needed')).code).toBeUndefined();
    const row = await requestThat(world.server, 'by-file', ({ state }) => state === 'waiting');
    expect(row).toMatchObject({ via: 'file', needsCode: false, hardwareId: expect.any(String) });
    await decideOf(world.server, row, 'approve');
    const agent = await pc.enrolled();
    expect(agent.id).toBe(row.agentId);
  });

  test('that has a token, too, is let in at once', async () => {
    const token = await createToken(world.server, 'north', 1);
    const pc = await pcWithFile('by-file-and-token', {
      gateway: gateway(),
      fingerprint: await rootOf(world.server),
      token,
    });
    await pc.enrolled();
  });

  test('that names another root tells this server nothing', async () => {
    const pc = await pcWithFile('misled', { gateway: gateway(), fingerprint: 'ab'.repeat(32) });
    await pc.shows('enrolment.ca_mismatch');
    expect(await sql(world.server, 'SELECT 1 FROM "EnrolmentRequest" WHERE hostname = $1', ['misled'])).toEqual([]);
  });
});

describe('a PC that is known', () => {
  test('and lost its state waits with its token, and takes the place of the agent it was when a person approves', async () => {
    const env = { HARP_HARDWARE_ID: 'the-same-board' };
    const token = await createToken(world.server, 'south', 2);
    const before = await startAgent({ name: 'reborn', token, env, mdns: false, peerHost: '127.0.0.1' });
    await before.process.stop();
    await until(
      'the server knows that it is gone',
      async () =>
        (await sql(world.server, 'SELECT online FROM "Agent" WHERE id = $1', [before.id]))[0]?.online === false,
    );
    await world.server.api(`/agents/${before.id}/office`, { method: 'POST', body: { officeId } });
    const place = '"officeId", "officeBy", tags, "hardwareId", "certificateSerial", "revokedAt", "replacedById"';
    const agents = () => sql(world.server, `SELECT id, ${place} FROM "Agent" WHERE hostname = $1`, ['reborn']);
    const known = await agents();
    rmSync(before.stateDir, { recursive: true });
    const pc = startWaiting({
      name: 'reborn',
      folder: join(before.stateDir, '..'),
      env: { ...env, HARP_TOKEN: token },
      mdns: false,
      peerHost: '127.0.0.1',
    });
    waiting.push(pc);
    await pc.shows('enrolment.duplicate');
    const row = await requestThat(world.server, 'reborn', ({ state }) => state === 'waiting');
    expect(row).toMatchObject({ duplicateOf: { id: before.id, online: false }, officeName: 'north' });
    expect(await agents()).toEqual(known);
    await decideOf(world.server, row, 'approve');
    const after = await pc.enrolled();
    const rows = await sql(
      world.server,
      'SELECT id, "replacedById", "officeId", "officeBy" FROM "Agent" WHERE hostname = $1',
      ['reborn'],
    );
    expect(rows).toHaveLength(2);
    expect(rows.find(({ id }) => id === before.id)).toMatchObject({ replacedById: after.id });
    expect(rows.find(({ id }) => id === after.id)).toMatchObject({ officeId, officeBy: 'person' });
    await world.delivered([after], 'Projects', ['first.txt']);
    // A third installation, while it is connected, is a question as well.
    const copy = startWaiting({
      name: 'copied',
      folder: folderWithToken('copied', await createToken(world.server, 'north', 1)),
      env,
      mdns: false,
    });
    waiting.push(copy);
    await copy.shows('enrolment.duplicate');
    await after.process.stop();
  });

  test('follows the office whose network it connects from: neighbours, folders, audit log', async () => {
    const token = await createToken(world.server, 'north', 1);
    const agent = await startAgent({ name: 'laptop', token, mdns: false, peerHost: '127.0.0.1' });
    await world.delivered([agent], 'Projects', ['first.txt']);
    await sql(world.server, `UPDATE "Office" SET subnets = '{127.0.0.0/8}' WHERE name = 'south'`);
    await agent.process.stop();
    const moved = await runAgent({
      name: 'laptop',
      token,
      folder: join(agent.stateDir, '..'),
      mdns: false,
      peerHost: '127.0.0.1',
    });
    await until('it is told that it belongs to the other office', async () => {
      const status = JSON.parse((await moved.cli('status', '--state', moved.stateDir, '--json')).stdout);
      return status.status?.office.name === 'south' && status.status.folders.length === 0;
    });
    await until(
      'the audit log says so',
      async () =>
        (
          await sql(world.server, `SELECT 1 FROM "AuditEntry" WHERE action = 'agent.move' AND "objectId" = $1`, [
            agent.id,
          ])
        ).length === 1,
    );
    await sql(world.server, `UPDATE "Office" SET subnets = '{}' WHERE name = 'south'`);
    await moved.process.stop();
  });
});

test('no code stands in the database or the server’s log', async () => {
  pointTo(world.server.gatewayPort);
  const pc = pcThatAsksDns('quiet');
  const { code } = await pc.shows('enrolment.code_needed');
  const row = await requestThat(world.server, 'quiet', ({ state }) => state === 'waiting');
  await decideOf(world.server, row, 'approve', { code: code!, officeId });
  const agent = await pc.enrolled();
  const [dump] = await sql(world.server, `SELECT string_agg(r::text, ' ') AS rows FROM "EnrolmentRequest" r`);
  expect(String(dump?.rows)).toContain('quiet');
  expect(String(dump?.rows)).not.toContain(code);
  expect(readFileSync(world.server.logFile, 'utf8')).not.toContain(code);
  expect(readIdentity(pc.stateDir).agent).toBe(agent.id);
});

function folderWithToken(name: string, token: string): string {
  const folder = temporaryFolder(name);
  mkdirSync(join(folder, 'state'));
  const { f, g } = JSON.parse(Buffer.from(token.slice('harp1.'.length), 'base64url').toString());
  writeFileSync(join(folder, 'state/enrol.json'), JSON.stringify({ gateway: g, fingerprint: f, token }));
  return folder;
}
