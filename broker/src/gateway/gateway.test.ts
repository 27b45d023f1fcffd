import { once } from 'node:events';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { type BrokerHarness, startHarness, type TestAgent } from '../../test/harness.ts';
import {
  type BlobId,
  createFrameDecoder,
  Enrolment,
  ErrorBody,
  type FolderId,
  type Frame,
  frameType,
  gatewayPaths,
  limits,
  Renewal,
  toHex,
} from '../protocol/index.ts';
import { sha3 } from '../protocol/node/index.ts';
import { gatewayLimits } from './gateway.ts';
import { PLACES_OF_A_CALLER } from './request-places.ts';

let harp: BrokerHarness;
let office: string;
let agent: TestAgent;
beforeAll(async () => {
  harp = await startHarness();
  office = await harp.office();
  agent = await harp.enrol(office);
}, 60_000);
afterAll(() => harp[Symbol.asyncDispose]());

const codeOf = (answer: { json(): unknown }): string => ErrorBody.parse(answer.json()).error.code;

async function addBlob(folder: string, bytes: Uint8Array): Promise<BlobId> {
  const id = toHex(sha3(bytes)) as BlobId;
  await harp.prisma.blob.create({
    data: { id, kind: 'segment', bytes: Uint8Array.from(bytes), folders: { create: { folderId: folder } } },
  });
  return id;
}

function framesOf(body: Buffer): Frame[] {
  const decoder = createFrameDecoder(limits.blobMaxBytes);
  const frames = decoder.push(body);
  expect(decoder.ended).toBe(true);
  return frames.slice(0, -1);
}

const wantBlobs = (as: TestAgent | undefined, folder: string, ids: readonly string[]) =>
  harp.http(gatewayPaths.blobs(folder as FolderId), {
    body: { ids, waitMs: 0 },
    ...(as === undefined ? {} : { agent: as }),
  });

describe('enrol', () => {
  test('gives a PC everything it needs and makes it an agent of the token’s office', async () => {
    const { csr } = await testKey();
    const answer = await harp.http(gatewayPaths.enrol, { body: harp.enrolRequest(csr, await harp.token(office)) });
    expect(answer.status).toBe(200);
    const enrolment = Enrolment.parse(answer.json());
    expect(enrolment).toMatchObject({
      office: { id: office },
      ca: harp.broker.pki.ca,
      mqttUrl: `mqtts://127.0.0.1:${harp.broker.mqttPort}`,
      gatewayUrl: `https://127.0.0.1:${harp.broker.gatewayPort}`,
    });
    const row = await harp.prisma.agent.findUniqueOrThrow({ where: { id: enrolment.agent } });
    expect(row).toMatchObject({
      officeId: office,
      hostname: 'pc-1',
      platform: 'linux',
      revokedAt: null,
      online: false,
    });
  });

  test.each([
    { name: 'an unknown token', token: async () => 'x'.repeat(43), code: 'enrolment.token_unknown', status: 401 },
    {
      name: 'an expired token',
      token: () => harp.token(office, { expiresAt: new Date(Date.now() - 1) }),
      code: 'enrolment.token_expired',
      status: 401,
    },
    {
      name: 'a used-up token',
      token: () => harp.token(office, { uses: 0 }),
      code: 'enrolment.token_used_up',
      status: 401,
    },
    {
      name: 'a revoked token',
      token: () => harp.token(office, { revokedAt: new Date() }),
      code: 'enrolment.token_revoked',
      status: 401,
    },
  ])('$name is refused with $code', async ({ token, code, status }) => {
    const { csr } = await testKey();
    const answer = await harp.http(gatewayPaths.enrol, { body: harp.enrolRequest(csr, await token()) });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers['x-request-id']).toBe(ErrorBody.parse(answer.json()).error.requestId);
  });

  test('a refused request costs no use of the token', async () => {
    const secret = await harp.token(office, { uses: 1 });
    const refused = await harp.http(gatewayPaths.enrol, { body: harp.enrolRequest('not a request', secret) });
    expect(codeOf(refused)).toBe('enrolment.csr_invalid');
    await harp.enrol(office, secret);
  });

  test('of twelve PCs that race for the last use exactly one wins', async () => {
    const secret = await harp.token(office, { uses: 1 });
    const keys = await Promise.all(Array.from({ length: 12 }, () => testKey()));
    const before = await harp.prisma.agent.count();
    const answers = await Promise.all(
      keys.map(({ csr }) => harp.http(gatewayPaths.enrol, { body: harp.enrolRequest(csr, secret) })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(codeOf)).toEqual(
      Array.from({ length: 11 }, () => 'enrolment.token_used_up'),
    );
    expect(await harp.prisma.agent.count()).toBe(before + 1);
  });

  test('the same key asking again, even at the same time, gets its answer without another use', async () => {
    const secret = await harp.token(office, { uses: 1 });
    const { csr } = await testKey();
    const body = harp.enrolRequest(csr, secret);
    const together = await Promise.all([1, 2, 3].map(() => harp.http(gatewayPaths.enrol, { body })));
    const again = await harp.http(gatewayPaths.enrol, { body });
    const agents = [...together, again].map((answer) => Enrolment.parse(answer.json()).agent);
    expect(new Set(agents).size).toBe(1);
    const row = await harp.prisma.enrolmentToken.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
    expect(row.used).toBe(1);
  });

  test('an agent that asks again stays in its office, whatever office the token is for', async () => {
    const other = await harp.token(await harp.office());
    const answer = await harp.http(gatewayPaths.enrol, { body: harp.enrolRequest(agent.csr, other) });
    expect(Enrolment.parse(answer.json())).toMatchObject({ agent: agent.agent, office: { id: office } });
  });

  test('a protocol this server does not speak is refused', async () => {
    const { csr } = await testKey();
    const body = { ...harp.enrolRequest(csr, await harp.token(office)), protocol: 999 };
    const answer = await harp.http(gatewayPaths.enrol, { body });
    expect([answer.status, codeOf(answer)]).toEqual([426, 'protocol.version_unsupported']);
  });
});

describe('renew', () => {
  test('gives the same key a newer certificate', async () => {
    const holder = await harp.enrol(office);
    const answer = await harp.http(gatewayPaths.renew, { body: { csr: holder.csr }, agent: holder });
    const renewal = Renewal.parse(answer.json());
    expect(renewal.certificate).not.toBe(holder.certificate);
    const again = await wantBlobs({ ...holder, certificate: renewal.certificate }, await harp.folder(office), [
      '0'.repeat(64),
    ]);
    expect(again.status).toBe(200);
  });

  test.each([
    { name: 'no certificate', as: () => undefined, csr: () => agent.csr, code: 'identity.certificate_required' },
    {
      name: 'a service’s certificate',
      as: () => harp.broker.pki.service('console'),
      csr: () => agent.csr,
      code: 'identity.certificate_required',
    },
    {
      name: 'a request for another key',
      as: () => agent,
      csr: async () => (await testKey()).csr,
      code: 'enrolment.csr_invalid',
    },
  ])('$name → $code', async ({ as, csr, code }) => {
    const holder = as();
    const answer = await harp.http(gatewayPaths.renew, {
      body: { csr: await csr() },
      ...(holder === undefined ? {} : { agent: holder }),
    });
    expect(codeOf(answer)).toBe(code);
  });
});

describe('blobs', () => {
  test('sends what the folder has, packed when that helps, and says what it has not', async () => {
    const folder = await harp.folder(office);
    const text = Buffer.from('{"path":"Projects/plan.odt"}\n'.repeat(2_000));
    const random = crypto.getRandomValues(Buffer.alloc(50_000));
    const [packed, plain] = [await addBlob(folder, text), await addBlob(folder, random)];
    const absent = 'f'.repeat(64);
    const answer = await wantBlobs(agent, folder, [plain, absent, packed, plain]);
    expect(answer.headers['content-type']).toBe('application/vnd.harp.frames');
    const frames = framesOf(answer.body);
    expect(frames.map(({ type, id }) => [type, id])).toEqual([
      [frameType.data, plain],
      [frameType.absent, absent],
      [frameType.gzip, packed],
    ]);
    expect(Buffer.from(frames[0]!.payload)).toEqual(random);
    expect(gunzipSync(frames[2]!.payload)).toEqual(text);
    expect(frames[2]!.payload.length).toBeLessThan(text.length / 10);
    const second = framesOf((await wantBlobs(agent, folder, [packed])).body);
    expect(gunzipSync(second[0]!.payload)).toEqual(text);
  });

  test('a blob of another folder is absent, whoever knows its hash', async () => {
    const [ours, theirs] = [await harp.folder(office), await harp.folder(await harp.office())];
    const secret = await addBlob(theirs, Buffer.from('theirs'));
    const frames = framesOf((await wantBlobs(agent, ours, [secret])).body);
    expect(frames.map(({ type }) => type)).toEqual([frameType.absent]);
  });

  test('a folder of another office is refused', async () => {
    const theirs = await harp.folder(await harp.office());
    const answer = await wantBlobs(agent, theirs, ['0'.repeat(64)]);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'peer.folder_not_shared']);
  });

  test('without a certificate nothing is sent', async () => {
    const answer = await wantBlobs(undefined, await harp.folder(office), ['0'.repeat(64)]);
    expect([answer.status, codeOf(answer)]).toEqual([401, 'identity.certificate_required']);
  });

  test('a certificate that another CA wrote counts as none', async () => {
    const other = await startHarness();
    try {
      const stranger = await other.enrol(await other.office());
      const answer = await wantBlobs(stranger, await harp.folder(office), ['0'.repeat(64)]);
      expect(codeOf(answer)).toBe('identity.certificate_required');
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test('a revoked agent is refused within five seconds', async () => {
    const folder = await harp.folder(office);
    const gone = await harp.enrol(office);
    expect((await wantBlobs(gone, folder, ['0'.repeat(64)])).status).toBe(200);
    await harp.prisma.agent.update({ where: { id: gone.agent }, data: { revokedAt: new Date() } });
    await harp.fleetChanged();
    await expect
      .poll(async () => (await wantBlobs(gone, folder, ['0'.repeat(64)])).status, { timeout: 5_000 })
      .toBe(403);
  });
});

describe('what is not a request of ours', () => {
  test.each([
    { method: 'GET', path: '/', status: 404, code: 'api.not_found' },
    { method: 'GET', path: '/v1/folders/..%2f/blobs', status: 404, code: 'api.not_found' },
    { method: 'POST', path: '/v1/folders/fld-aaaaaaaaaaaaaaaa/blobs/x', status: 404, code: 'api.not_found' },
    { method: 'GET', path: '//', status: 404, code: 'api.not_found' },
    { method: 'GET', path: gatewayPaths.enrol, status: 405, code: 'gateway.method_not_allowed' },
    { method: 'DELETE', path: gatewayPaths.health, status: 405, code: 'gateway.method_not_allowed' },
  ])('$method $path → $status', async ({ method, path, status, code }) => {
    const answer = await harp.http(path, { method });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    if (status === 405) expect(answer.headers.allow).toBeTruthy();
  });

  test('health answers GET and HEAD without a certificate', async () => {
    expect((await harp.http(gatewayPaths.health)).body.toString()).toBe('ok');
    const head = await harp.http(gatewayPaths.health, { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    const missing = await harp.http('/nothing', { method: 'HEAD' });
    expect([missing.status, missing.body.length]).toEqual([404, 0]);
  });

  test.each([
    { name: 'no JSON', body: '{', code: 'protocol.invalid_message' },
    { name: 'a missing field', body: {}, code: 'protocol.invalid_message' },
    {
      name: 'a field too many',
      body: { ids: ['0'.repeat(64)], waitMs: 0, office: 'mine' },
      code: 'protocol.invalid_message',
    },
    {
      name: 'too many ids',
      body: { ids: new Array(257).fill('0'.repeat(64)), waitMs: 0 },
      code: 'protocol.invalid_message',
    },
    { name: 'a body of 600 KiB', body: 'x'.repeat(600 * 1024), code: 'protocol.too_large' },
  ])('a want with $name is refused with $code', async ({ body, code }) => {
    const folder = await harp.folder(office);
    const answer = await harp.http(gatewayPaths.blobs(folder as FolderId), { body, agent });
    expect(codeOf(answer)).toBe(code);
  });

  test('text that a database cannot hold is refused at the border', async () => {
    const { csr } = await testKey();
    const body = { ...harp.enrolRequest(csr, await harp.token(office)), hostname: 'pc\0' };
    expect(codeOf(await harp.http(gatewayPaths.enrol, { body }))).toBe('protocol.invalid_message');
  });

  test('bytes that are not HTTP get an ErrorBody too, and the gateway lives', async () => {
    const socket = connect({ host: '127.0.0.1', port: harp.broker.gatewayPort, ca: harp.broker.pki.ca });
    await once(socket, 'secureConnect');
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.write('\x16\x03\x01 nonsense\r\n\r\n');
    await once(socket, 'close');
    const [head, body] = Buffer.concat(parts).toString().split('\r\n\r\n');
    expect(head).toContain('400 Bad Request');
    expect(ErrorBody.parse(JSON.parse(body!)).error.code).toBe('protocol.invalid_message');
    expect((await harp.http(gatewayPaths.health)).status).toBe(200);
  });

  test('TLS 1.2 is refused', async () => {
    const socket = connect({
      host: '127.0.0.1',
      port: harp.broker.gatewayPort,
      ca: harp.broker.pki.ca,
      maxVersion: 'TLSv1.2',
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/PROTOCOL_VERSION/);
  });
});

describe('requests whose bodies never end', () => {
  /** `count` of them, on a connection each. */
  function holdOpen(path: string, count: number, tls: { key?: string; cert?: string } = {}) {
    const sockets = Array.from({ length: count }, () =>
      connect({ host: '127.0.0.1', port: harp.broker.gatewayPort, ca: harp.broker.pki.ca, ...tls }),
    );
    const answers: string[] = [];
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('data', (part: Buffer) => answers.push(part.toString()));
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`);
    }
    return { sockets, answers, close: () => sockets.forEach((socket) => void socket.destroy()) };
  }

  test('of strangers make place for the next one, the oldest first', async () => {
    const most = gatewayLimits.concurrentRequests;
    const held = holdOpen(gatewayPaths.enrol, most + 20);
    const open = () => held.sockets.filter(({ destroyed }) => !destroyed).length;
    await expect.poll(open, { timeout: 10_000 }).toBe(most);
    expect((await harp.http(gatewayPaths.health)).status).toBe(200);
    await harp.enrol(office);
    expect(held.answers).toEqual([]);
    held.close();
  });

  test('of one agent take no place of another’s', async () => {
    const [greedy, modest] = [await harp.enrol(office), await harp.enrol(office)];
    const held = holdOpen(gatewayPaths.renew, PLACES_OF_A_CALLER + 1, {
      key: greedy.key,
      cert: greedy.certificate,
    });
    await expect.poll(() => held.answers.length, { timeout: 10_000 }).toBe(1);
    expect(held.answers[0]).toMatch(/^HTTP\/1\.1 503 .*retry-after: 2.*gateway\.busy/is);
    const renew = (as: TestAgent) => harp.http(gatewayPaths.renew, { body: { csr: as.csr }, agent: as });
    expect([(await renew(greedy)).status, (await renew(modest)).status]).toEqual([503, 200]);
    held.close();
    await expect.poll(async () => (await renew(greedy)).status, { timeout: 10_000 }).toBe(200);
  });
});

describe('failed enrolments', () => {
  test('twenty in a minute from one address, then a while of silence; whoever has a certificate is not affected', async () => {
    const own = await startHarness();
    try {
      const here = await own.office();
      const friend = await own.enrol(here);
      const secret = await own.token(here);
      const { csr } = await testKey();
      const statuses: number[] = [];
      for (let i = 0; i < 21; i++) {
        statuses.push((await own.http(gatewayPaths.enrol, { body: own.enrolRequest(csr, 'y'.repeat(43)) })).status);
      }
      expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
      const limited = await own.http(gatewayPaths.enrol, { body: own.enrolRequest(csr, secret) });
      expect(codeOf(limited)).toBe('gateway.rate_limited');
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
      const renewed = await own.http(gatewayPaths.renew, { body: { csr: friend.csr }, agent: friend });
      expect(renewed.status).toBe(200);
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });
});
