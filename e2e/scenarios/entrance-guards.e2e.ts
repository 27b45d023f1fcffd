/**
 * What must not open an entrance although it looks as if it might: older TLS, certificates whose time is over or has not come, names that lead out of
 * their folder, what was good once and is shown again, a token that somebody stole, a browser that another site makes act.
 */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FolderId, gatewayPaths, PROTOCOL_VERSION, parseToken, peerPaths } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requestBytes } from '../fuzz/http-inputs.ts';
import { openLine } from '../fuzz/http-line.ts';
import { newRequests } from '../fuzz/requests.ts';
import { peerPortOf } from '../fuzz/world.ts';
import { makeToken } from '../harness/enrolments.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { certificateRequestFor } from '../harness/foreign-ca.ts';
import {
  type AgentIdentity,
  certificateMadeAt,
  connected,
  enrolIdentity,
  mqttClient,
  type TlsIdentity,
} from '../harness/identity.ts';
import { oldHello, oldVersions } from '../harness/old-tls.ts';
import { until } from '../harness/process.ts';
import { ask, sendRaw } from '../harness/raw-requests.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const DAY_MS = 86_400_000;
let world: World;
let good: Agent;
let member: AgentIdentity;
let folder: FolderId;

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
  folder = (await world.folderId(FOLDER)) as FolderId;
  member = await enrolIdentity(await createToken(world.server, 'north', 1), join(temporaryFolder('member'), 'state'));
  expect((await post('/setup', { code: world.server.setupCode, ...ADMIN })).status).toBe(200);
  await until('the good agent lists the member', async () => (await hello(member.tls)).status === 200);
});
afterAll(() => world?.dispose());

const ADMIN = { name: 'ada', password: 'a long enough password' };
const post = (path: string, body: object) =>
  fetch(`${world.server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: world.server.url },
    body: JSON.stringify(body),
  });

/** The cookie of an owner who has just signed in. */
async function signedIn(): Promise<string> {
  const response = await post('/session', ADMIN);
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
}

const agentIn = (enrolment: Buffer) => z.object({ agent: z.string() }).parse(JSON.parse(enrolment.toString())).agent;

const places = ['the gateway', 'MQTT', 'a peer'] as const;
const portOf = (place: (typeof places)[number]) =>
  ({ 'the gateway': world.server.gatewayPort, MQTT: world.server.mqttPort, 'a peer': peerPortOf(good) })[place];
const hello = (tls: TlsIdentity) => ask(peerPortOf(good), { path: peerPaths.hello, method: 'GET', tls });

describe('TLS before 1.3', () => {
  /** Record types of TLS (RFC 8446, 5.1). */
  const [alert, handshake] = [0x15, 0x16];
  const versions = Object.keys(oldVersions) as (keyof typeof oldVersions)[];
  const cases = places.flatMap((place) => versions.map((version) => ({ place, version })));

  test.each(cases)('is refused: $version at $place, with suites good and weak', async ({ place, version }) => {
    const answer = await sendRaw(portOf(place), oldHello(version));
    expect(answer, 'it hangs up').toBeDefined();
    expect(answer?.[0]).not.toBe(handshake);
    if (answer !== undefined && answer.length > 0) expect(answer[0]).toBe(alert);
  });

  test.each(places)('is not missed: %s refuses a suite of 1.3 that is weak', async (place) => {
    const weak = { ciphers: 'TLS_AES_128_CCM_8_SHA256:DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1.3' as const };
    const request = { path: '/', method: 'GET', tls: { ...member.tls, ...weak } };
    await expect(ask(portOf(place), request)).rejects.toThrow(/alert handshake failure|ECONNRESET/);
  });
});

describe('a certificate of the fleet’s own authority', () => {
  /** What the three make of it. */
  async function outcomes(tls: TlsIdentity) {
    const client = mqttClient(member.mqttUrl, tls, { clientId: member.agent });
    const mqtt = await connected(client).then(
      () => 'let in',
      () => 'refused',
    );
    await client.endAsync(true);
    const csr = await certificateRequestFor(member.tls.key);
    const gateway = await ask(world.server.gatewayPort, {
      path: gatewayPaths.renew,
      body: JSON.stringify({ csr }),
      tls,
    });
    const peer = await hello(tls).then(
      ({ status }) => String(status),
      () => 'refused',
    );
    return { mqtt, gateway: gateway.code ?? String(gateway.status), peer };
  }

  const nowhere = { mqtt: 'refused', gateway: 'identity.certificate_required', peer: 'refused' };
  test.each([
    { what: 'made now is let in', days: 0, expected: { mqtt: 'let in', gateway: '200', peer: '200' } },
    { what: 'that has expired is not', days: -200, expected: nowhere },
    { what: 'that is not valid yet is not', days: 200, expected: nowhere },
  ])('$what', async ({ days, expected }) => {
    const tls = await certificateMadeAt(world.server, member, Date.now() + days * DAY_MS);
    expect(await outcomes(tls)).toEqual(expected);
  });
});

describe('a name that leads out of its folder', () => {
  const ways = [
    '../../../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/cli.json',
    '..\\..\\cli.json',
  ];
  const below = (path: string) => ways.map((way) => path.replace(folder, way));

  test.each(ways)('names no item: %s', async (way) => {
    const body = JSON.stringify({ ids: [way], waitMs: 0 });
    for (const path of [peerPaths.have(folder), peerPaths.chunks(folder), peerPaths.blobs(folder)])
      expect(await ask(peerPortOf(good), { path, body, tls: member.tls })).toMatchObject({ status: 400 });
    expect(
      await ask(world.server.gatewayPort, { path: gatewayPaths.blobs(folder), body, tls: member.tls }),
    ).toMatchObject({ status: 400, code: 'protocol.invalid_message' });
  });

  test('is no address of the gateway, of a peer or of the console', async () => {
    const id = 'ab'.repeat(32);
    const want = JSON.stringify({ ids: [id], waitMs: 0 });
    for (const path of below(gatewayPaths.blobs(folder)))
      expect(await ask(world.server.gatewayPort, { path, body: want, tls: member.tls })).toMatchObject({ status: 404 });
    for (const path of [...below(peerPaths.blobs(folder)), ...ways.map((way) => `/peer/v1/${way}`)])
      expect(await ask(peerPortOf(good), { path, body: want, tls: member.tls })).toMatchObject({ status: 400 });
    const secret = readFileSync(join(world.server.dataDir, 'cli.json'), 'utf8');
    for (const path of ways.flatMap((way) => [
      `/${way}`,
      `/api/v1/${way}`,
      `/api/v1/folders/${way}`,
      `/_next/${way}`,
    ])) {
      const answer = await sendRaw(
        Number(new URL(world.server.url).port),
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answer?.toString()).toMatch(/^HTTP\/1\.1 (400|401|404|503) /);
      expect(answer?.includes('root:') || answer?.includes(secret)).toBe(false);
    }
  });
});

describe('what was good once and is shown again', () => {
  test('a PC’s own question to be let in gives its key nothing new, and nobody else anything', async () => {
    const { id, token } = await makeToken(world.server, { office: 'north', uses: 1 });
    const said = { protocol: PROTOCOL_VERSION, hostname: 'replayed', platform: 'linux-x64', version: '0.1.0' };
    const question = (csr: string) => ({
      path: gatewayPaths.enrol,
      body: JSON.stringify({ ...said, secret: parseToken(token).s, csr }),
      tls: { rejectUnauthorized: false },
    });
    const csr = (await newRequests(1))[0]!;
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await ask(world.server.gatewayPort, question(csr)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => agentIn(body))).size).toBe(1);
    expect(await sql(world.server, 'SELECT used FROM "EnrolmentToken" WHERE id = $1', [id])).toEqual([{ used: 1 }]);
    expect(await ask(world.server.gatewayPort, question((await newRequests(1))[0]!))).toMatchObject({
      code: 'enrolment.token_used_up',
    });
    await world.server.harpJson('agent', 'revoke', agentIn(answers[0]!.body));
    expect(await ask(world.server.gatewayPort, question(csr))).toMatchObject({ code: 'enrolment.blocked' });
  });

  test('a renewal with another PC’s request gives nothing', async () => {
    const body = JSON.stringify({ csr: (await newRequests(1))[0]! });
    expect(await ask(world.server.gatewayPort, { path: gatewayPaths.renew, body, tls: member.tls })).toMatchObject({
      code: 'enrolment.csr_invalid',
    });
  });

  test('a session after its end, on the very connection it was good on', async () => {
    const { host, port, origin } = new URL(world.server.url);
    const cookie = await signedIn();
    const line = openLine(Number(port));
    const statusOf = async (method: string, path: string) => {
      const headers = Object.entries({ host, cookie, origin });
      const answer = await line.send(requestBytes({ method, path: `/api/v1${path}`, headers, body: '' }));
      return typeof answer === 'string' ? answer : answer.status;
    };
    expect(await statusOf('GET', '/offices')).toBe(200);
    expect(await statusOf('DELETE', '/session')).toBe(200);
    expect(await statusOf('GET', '/offices')).toBe(401);
    line.renew();
  });
});

describe('a stolen token is not an enrolled PC', () => {
  /** It lets in at once, any number of PCs. */
  let secret: string;
  beforeAll(async () => {
    const { token } = await makeToken(world.server, { office: 'north', uses: 20, tags: ['thief'] });
    secret = parseToken(token).s;
  });

  const newKey = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const place = async (agent: string) => {
    const [row] = await sql(
      world.server,
      `SELECT "officeId", "officeBy", tags, "tokenId", "hardwareId", serial, "revokedAt", "replacedById", "enrolledAt" FROM "Agent" WHERE id = $1`,
      [agent],
    );
    return row;
  };
  const isOnline = async (agent: string) =>
    (await sql(world.server, 'SELECT online FROM "Agent" WHERE id = $1', [agent]))[0]?.online;
  const askAs = (csr: string, hostname: string, machine: object = {}) => {
    const said = { protocol: PROTOCOL_VERSION, hostname, platform: 'linux-x64', version: '0.1.0', secret, csr };
    const body = JSON.stringify({ ...said, machine: { addresses: [], ...machine } });
    return ask(world.server.gatewayPort, { path: gatewayPaths.enrol, body, tls: { rejectUnauthorized: false } });
  };

  test('with the PC’s own request it gets a certificate for the PC’s key, which the thief has not', async () => {
    const before = await place(member.agent);
    const answer = await askAs(await certificateRequestFor(member.tls.key), 'member');
    expect([answer.status, agentIn(answer.body)]).toEqual([200, member.agent]);
    expect(await place(member.agent)).toEqual(before);
  });

  test('with the PC’s public key, signed by another, it gets nothing', async () => {
    const csr = await certificateRequestFor(member.tls.key, newKey());
    expect(await askAs(csr, 'member')).toMatchObject({ status: 400, code: 'enrolment.csr_invalid' });
  });

  test.each([
    { what: 'is connected', online: true, of: () => good.id },
    { what: 'is switched off', online: false, of: () => member.agent },
  ])(
    'with a new key and all that a PC says of itself it waits for a person, while the PC $what',
    async ({ online, of }) => {
      const agent = of();
      await until('the server knows whether it is connected', async () => (await isOnline(agent)) === online);
      const before = await place(agent);
      const [said] = await sql(world.server, 'SELECT hostname, "hardwareId", serial FROM "Agent" WHERE id = $1', [
        agent,
      ]);
      const { hostname, hardwareId, serial } = z
        .object({ hostname: z.string(), hardwareId: z.string(), serial: z.string().nullable() })
        .parse(said);
      const machine = { hardwareId, ...(serial === null ? {} : { serial }) };
      const answer = await askAs(await certificateRequestFor(newKey()), hostname, machine);
      expect(answer.status).toBe(202);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ cause: 'enrolment.duplicate' });
      expect(await place(agent)).toEqual(before);
      expect(
        await sql(world.server, 'SELECT 1 FROM "EnrolmentRequest" WHERE "duplicateOf" = $1 AND state = $2', [
          agent,
          'waiting',
        ]),
      ).toHaveLength(1);
    },
  );

  test('with a certificate of its own it is not let in by MQTT as the PC', async () => {
    const key = newKey();
    const answer = await askAs(await certificateRequestFor(key), 'thief');
    const { agent, certificate } = z
      .object({ agent: z.string(), certificate: z.string() })
      .parse(JSON.parse(answer.body.toString()));
    const tls = { ...member.tls, key, cert: certificate };
    const as = async (clientId: string) => {
      const client = mqttClient(member.mqttUrl, tls, { clientId });
      await connected(client).finally(() => client.endAsync(true));
    };
    await as(agent);
    await expect(as(member.agent)).rejects.toThrow();
  });
});

describe('a browser that another site makes act', () => {
  test.each([
    { what: 'a form', type: 'text/plain', origin: 'https://elsewhere.example' },
    { what: 'a form in a frame without an origin', type: 'application/x-www-form-urlencoded', origin: 'null' },
    { what: 'a script', type: 'application/json', origin: 'https://elsewhere.example' },
    { what: 'a page of another port', type: 'application/json', origin: 'http://127.0.0.1:1' },
    { what: 'something without any origin', type: 'application/json', origin: undefined },
  ])('changes nothing: $what', async ({ type, origin }) => {
    const cookie = await signedIn();
    const tokens = async () => (await sql(world.server, 'SELECT count(*)::int AS tokens FROM "EnrolmentToken"'))[0];
    const before = await tokens();
    const response = await fetch(`${world.server.url}/api/v1/tokens`, {
      method: 'POST',
      headers: { cookie, 'content-type': type, ...(origin === undefined ? {} : { origin }) },
      body: JSON.stringify({ office: 'north', uses: 1 }),
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await tokens()).toEqual(before);
  });
});
