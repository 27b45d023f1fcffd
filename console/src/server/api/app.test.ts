import { AgentId, GENESIS_LINK, parseToken } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AgentPage,
  AgentSummary,
  ErrorBody,
  EventPage,
  FilePage,
  FolderCoverage,
  FolderList,
  OfficeList,
  StatusInfo,
  TokenCreated,
  TokenList,
  TrafficSeries,
  TransferPage,
} from '../../api/schemas.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

const HOUR_MS = 3_600_000;
let server: ServerHarness;
let nowMs: number;
const agentId = (letter: string) => AgentId.parse(letter.repeat(52));
const folderId = `fld-${'a'.repeat(16)}`;
const [alice, bob, carol] = [agentId('a'), agentId('b'), agentId('c')];

/** Two offices; alice and bob in north, revoked carol in south; one folder of two files for north. */
beforeAll(async () => {
  server = await serverHarness({
    verify: async () => ({
      folder: 'Projects',
      ok: false,
      entries: 7,
      manifests: 2,
      snapshots: 0,
      headSeq: 7,
      firstBad: { seq: 3, what: 'entry', code: 'chain.link_mismatch' },
    }),
    async exportChain(_folder, sink) {
      await sink.file('head.json', [new TextEncoder().encode('{}\n')]);
      await sink.file('manifests/one', [new Uint8Array(100_000).fill(7)]);
    },
  });
  const { database, clock } = server;
  nowMs = clock.nowMs();
  await database.nextcloud.create({
    data: {
      id: 'nxc-1',
      name: 'main',
      url: 'https://c.example',
      userName: 'harp',
      passwordSealed: 'x',
      version: '31.0.1',
    },
  });
  await database.office.createMany({
    data: [
      { id: 'off-n', name: 'north', subnets: ['10.1.0.0/16'] },
      { id: 'off-s', name: 'south', subnets: [] },
    ],
  });
  await database.folder.create({
    data: {
      id: folderId,
      name: 'Projects',
      nextcloudId: 'nxc-1',
      path: '/Projects',
      link: GENESIS_LINK,
      seq: 2,
      fileCount: 2,
      byteCount: 1500n,
      indexedAt: new Date(nowMs),
      entries: {
        create: [1, 2].map((seq) => ({
          seq,
          path: `file ${seq}.txt`,
          link: 'f'.repeat(64),
          body: JSON.stringify({ size: seq * 500 }),
        })),
      },
      files: {
        create: [1, 2].map((seq) => ({
          seq,
          path: `file ${seq}.txt`,
          fileId: String(seq),
          etag: 'e',
          size: BigInt(seq * 500),
          mtimeMs: 5n,
          manifestId: 'm',
          chunkId: seq === 1 ? 'c' : null,
        })),
      },
      offices: { create: { officeId: 'off-n', shareId: '7' } },
      problems: { create: { path: 'bad', code: 'origin.unexpected', detail: 'x' } },
    },
  });
  const agent = { platform: 'linux', version: '0.1.0', certificateSerial: '1', certificateEndsAt: new Date(nowMs) };
  const report = (state: string, seq: number, filesDone: number) => ({
    addresses: ['10.1.0.2:7000'],
    peers: [bob],
    folders: [
      { id: folderId, state, seq, link: GENESIS_LINK, filesTotal: 2, filesDone, bytesTotal: 1500, bytesDone: 700 },
    ],
  });
  await database.agent.createMany({
    data: [
      {
        ...agent,
        id: alice,
        officeId: 'off-n',
        hostname: 'pc-1',
        online: true,
        reportedAt: new Date(nowMs),
        reported: report('complete', 2, 2),
      },
      { ...agent, id: bob, officeId: 'off-n', hostname: 'pc-2', lastSeenAt: new Date(nowMs - 5000) },
      { ...agent, id: carol, officeId: 'off-s', hostname: 'pc-3', online: false, revokedAt: new Date(nowMs) },
    ],
  });
  const bytes = { fromPeers: 300n, fromOrigin: 200n, fromLocal: 0n };
  await database.delivery.createMany({
    data: [
      { agentId: alice, folderId, seq: 1, at: new Date(nowMs - 2000), ...bytes, tookMs: 40 },
      { agentId: bob, folderId, seq: 1, at: new Date(nowMs - 1000), ...bytes, tookMs: 90 },
      { agentId: alice, folderId, seq: 2, at: new Date(nowMs - 48 * HOUR_MS), ...bytes, tookMs: 10 },
    ],
  });
  const sample = { agentId: alice, folderId, intervalMs: 10_000, ...bytes, served: 0n, wasted: 0n };
  await database.sample.createMany({
    data: [
      { ...sample, at: new Date(nowMs - 30_000) },
      { ...sample, at: new Date(nowMs - 20_000), agentId: bob },
      { ...sample, at: new Date(nowMs - 2 * HOUR_MS) },
    ],
  });
  await database.agentEvent.create({
    data: { id: 'r.0', agentId: alice, at: new Date(nowMs), kind: 'folder.completed', folderId, body: { seq: 2 } },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('what is read', () => {
  test('offices with their agents, folders and the last day’s bytes', async () => {
    const { status, body } = await server.call('GET', '/offices');
    expect(status).toBe(200);
    expect(OfficeList.parse(body).offices).toEqual([
      {
        id: 'off-n',
        name: 'north',
        subnets: ['10.1.0.0/16'],
        agentsTotal: 2,
        agentsOnline: 1,
        folderIds: [folderId],
        last24h: { fromPeers: 600, fromOrigin: 400, fromLocal: 0 },
      },
      {
        id: 'off-s',
        name: 'south',
        subnets: [],
        agentsTotal: 0,
        agentsOnline: 0,
        folderIds: [],
        last24h: { fromPeers: 0, fromOrigin: 0, fromLocal: 0 },
      },
    ]);
  });

  test('agents in pages, by office, with what they reported; unknown is null', async () => {
    const first = AgentPage.parse((await server.call('GET', '/agents?limit=2')).body);
    expect(first.agents.map(({ id }) => id)).toEqual([alice, bob]);
    expect(first.agents[0]).toMatchObject({
      state: 'online',
      peers: 1,
      addresses: ['10.1.0.2:7000'],
      folders: [{ id: folderId, state: 'complete', reason: null, filesDone: 2 }],
    });
    expect(first.agents[1]).toMatchObject({ state: 'offline', peers: null, folders: [], lastSeenAtMs: nowMs - 5000 });
    const rest = AgentPage.parse((await server.call('GET', `/agents?limit=2&cursor=${first.nextCursor}`)).body);
    expect(rest).toMatchObject({ agents: [{ id: carol, state: 'revoked' }], nextCursor: null });
    const south = AgentPage.parse((await server.call('GET', '/agents?office=off-s')).body);
    expect(south.agents.map(({ id }) => id)).toEqual([carol]);
    expect(AgentSummary.parse((await server.call('GET', `/agents/${alice}`)).body).hostname).toBe('pc-1');
  });

  test('folders with their Nextcloud and problems', async () => {
    const { folders } = FolderList.parse((await server.call('GET', '/folders')).body);
    expect(folders).toMatchObject([
      {
        id: folderId,
        byteCount: 1500,
        problems: 1,
        officeIds: ['off-n'],
        error: null,
        nextcloud: { name: 'main', version: '31.0.1', error: null },
      },
    ]);
  });

  test('coverage counts who is complete at the present entry and lists the others first', async () => {
    const coverage = FolderCoverage.parse((await server.call('GET', `/folders/${folderId}`)).body);
    expect(coverage.offices).toMatchObject([
      {
        officeName: 'north',
        shareReady: true,
        shareError: null,
        agentsTotal: 2,
        agentsComplete: 1,
        agentsReporting: 1,
        bytesTotal: 1500,
        bytesDone: 700,
        agents: [
          { agentId: bob, state: 'offline', sync: null, seq: null, bytesDone: null, reportedAtMs: null },
          { agentId: alice, state: 'online', sync: 'complete', seq: 2, reportedAtMs: nowMs },
        ],
      },
    ]);
    const counted = FolderCoverage.parse((await server.call('GET', `/folders/${folderId}?agents=0`)).body);
    expect(counted.offices[0]).toMatchObject({ agentsTotal: 2, agents: [] });
  });

  test('an agent that finished an older state is not complete', async () => {
    await server.database.folder.update({ where: { id: folderId }, data: { seq: 3 } });
    const coverage = FolderCoverage.parse((await server.call('GET', `/folders/${folderId}`)).body);
    await server.database.folder.update({ where: { id: folderId }, data: { seq: 2 } });
    expect(coverage.offices[0]?.agentsComplete).toBe(0);
  });

  test('files by path, in pages', async () => {
    const first = FilePage.parse((await server.call('GET', `/folders/${folderId}/files?limit=1`)).body);
    expect(first.files).toEqual([{ path: 'file 1.txt', sizeBytes: 500, mtimeMs: 5, seq: 1, chunksInline: true }]);
    const rest = FilePage.parse(
      (await server.call('GET', `/folders/${folderId}/files?limit=1&cursor=${first.nextCursor}`)).body,
    );
    expect(rest).toMatchObject({ files: [{ path: 'file 2.txt', chunksInline: false }], nextCursor: null });
  });

  test('transfers, newest first, summed over the PCs of an office', async () => {
    const { transfers } = TransferPage.parse((await server.call('GET', '/transfers')).body);
    expect(transfers).toHaveLength(2);
    expect(transfers[0]).toEqual({
      folderId,
      folderName: 'Projects',
      officeId: 'off-n',
      officeName: 'north',
      path: 'file 1.txt',
      seq: 1,
      sizeBytes: 500,
      agentsDone: 2,
      agentsTotal: 2,
      fromPeers: 600,
      fromOrigin: 400,
      fromLocal: 0,
      firstAtMs: nowMs - 2000,
      lastAtMs: nowMs - 1000,
      tookMsMax: 90,
    });
    expect(TransferPage.parse((await server.call('GET', '/transfers?limit=1')).body).transfers).toHaveLength(1);
    expect(TransferPage.parse((await server.call('GET', '/transfers?office=off-s')).body).transfers).toEqual([]);
  });

  test('traffic in steps, with a gap where nobody reported, and totals of deliveries', async () => {
    const range = `from=${nowMs - 60_000}&to=${nowMs}&step=10000`;
    const series = TrafficSeries.parse((await server.call('GET', `/traffic?${range}`)).body);
    expect(series.points).toEqual([
      { atMs: nowMs - 30_000, fromPeers: 300, fromOrigin: 200, fromLocal: 0 },
      { atMs: nowMs - 20_000, fromPeers: 300, fromOrigin: 200, fromLocal: 0 },
    ]);
    expect(series.totals).toEqual({ fromPeers: 600, fromOrigin: 400, fromLocal: 0 });
    const south = TrafficSeries.parse((await server.call('GET', `/traffic?office=off-s&${range}`)).body);
    expect(south).toMatchObject({ points: [], totals: { fromPeers: 0 } });
  });

  test('samples that are rolled up are read once', async () => {
    const { database } = server;
    const at = new Date(nowMs - 2 * HOUR_MS);
    const bytes = { fromPeers: 300n, fromOrigin: 200n, fromLocal: 0n, served: 0n, wasted: 0n };
    await database.sampleMinute.create({ data: { agentId: alice, folderId, at, ...bytes } });
    await database.rollupMark.create({ data: { name: 'minute', at: new Date(nowMs - HOUR_MS) } });
    const range = `from=${nowMs - 24 * HOUR_MS}&to=${nowMs}`;
    for (const step of ['60000', '3600000']) {
      const { points } = TrafficSeries.parse((await server.call('GET', `/traffic?${range}&step=${step}`)).body);
      expect(points.reduce((sum, point) => sum + point.fromPeers, 0)).toBe(900);
    }
  });

  test('events with who reported them', async () => {
    const { events } = EventPage.parse((await server.call('GET', '/events?limit=5')).body);
    expect(events).toEqual([
      {
        id: 'r.0',
        atMs: nowMs,
        agentId: alice,
        hostname: 'pc-1',
        officeId: 'off-n',
        kind: 'folder.completed',
        folderId,
        body: { seq: 2 },
      },
    ]);
    expect(EventPage.parse((await server.call('GET', `/events?agent=${bob}`)).body).events).toEqual([]);
  });

  test('the status', async () => {
    const status = StatusInfo.parse((await server.call('GET', '/status')).body);
    expect(status).toMatchObject({
      version: '0.0.0-test',
      agentsTotal: 2,
      agentsOnline: 1,
      broker: { connected: true },
    });
  });

  test('health, without signing in', async () => {
    const response = await server.api.request('/api/v1/health');
    expect(await response.json()).toEqual({ ok: true, database: true, broker: true, version: '0.0.0-test' });
  });
});

describe('what is done', () => {
  test('a folder is told to index', async () => {
    expect(await server.call('POST', `/folders/${folderId}/reindex`)).toEqual({
      status: 202,
      body: { folder: folderId },
    });
    expect(server.reindexed).toEqual([folderId]);
  });

  test('a verification names the first bad entry', async () => {
    const { body } = await server.call('GET', `/folders/${folderId}/verify`);
    expect(body).toMatchObject({ ok: false, firstBad: { seq: 3, code: 'chain.link_mismatch' } });
  });

  test('an export is a stream of files that says when it is whole', async () => {
    const key = await server.auth.keys.create('export');
    const response = await server.api.request(`/api/v1/folders/${folderId}/chain`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ file: 'head.json' });
    expect(Buffer.from(lines[1].data, 'base64').toString()).toBe('{}\n');
    expect(lines.filter(({ data }) => data !== undefined)).toHaveLength(1 + Math.ceil(100_000 / (48 * 1024)));
    expect(lines.at(-1)).toEqual({ end: true, files: 2 });
  });

  test('a token is made, listed without its secret, and revoked', async () => {
    const { status, body } = await server.call('POST', '/tokens', { office: 'north', uses: 3, expiresInSeconds: 3600 });
    expect(status).toBe(201);
    const created = TokenCreated.parse(body);
    expect(created).toMatchObject({ office: 'north', uses: 3, expiresAtMs: nowMs + HOUR_MS });
    expect(parseToken(created.token)).toMatchObject({ g: 'https://harp.example:8421', f: 'c'.repeat(64) });
    const list = async () => TokenList.parse((await server.call('GET', '/tokens')).body).tokens;
    expect(await list()).toMatchObject([{ id: created.id, state: 'usable', used: 0 }]);
    expect(JSON.stringify(await list())).not.toContain(parseToken(created.token).s);
    expect((await server.call('DELETE', `/tokens/${created.id}`)).status).toBe(200);
    expect((await server.call('DELETE', `/tokens/${created.id}`)).status).toBe(200);
    expect(await list()).toMatchObject([{ state: 'revoked' }]);
  });

  test('an agent is revoked, once and for ever', async () => {
    const { body } = await server.call('POST', `/agents/${bob}/revoke`);
    expect(AgentSummary.parse(body).state).toBe('revoked');
    const first = await server.database.agent.findUniqueOrThrow({ where: { id: bob } });
    await server.clock.advance(1000);
    await server.call('POST', `/agents/${bob}/revoke`);
    const second = await server.database.agent.findUniqueOrThrow({ where: { id: bob } });
    expect(second.revokedAt).toEqual(first.revokedAt);
  });
});

describe('what is refused, and how', () => {
  test.each<{
    name: string;
    method?: string;
    path: string;
    body?: unknown;
    status: number;
    code: string;
    says: RegExp;
  }>([
    { name: 'a route that is none', path: '/nothing', status: 404, code: 'api.not_found', says: /no GET/ },
    { name: 'an agent that is none', path: '/agents/x', status: 404, code: 'api.not_found', says: /no agent x/ },
    {
      name: 'revoking nobody',
      method: 'POST',
      path: '/agents/x/revoke',
      status: 404,
      code: 'api.not_found',
      says: /no agent/,
    },
    { name: 'a folder that is none', path: '/folders/x', status: 404, code: 'api.not_found', says: /no folder x/ },
    {
      name: 'files of no folder',
      path: `/folders/fld-${'b'.repeat(16)}/files`,
      status: 404,
      code: 'api.not_found',
      says: /no folder/,
    },
    {
      name: 'indexing no folder',
      method: 'POST',
      path: '/folders/x/reindex',
      status: 404,
      code: 'api.not_found',
      says: /no folder/,
    },
    { name: 'verifying no folder', path: '/folders/x/verify', status: 404, code: 'api.not_found', says: /no folder/ },
    { name: 'exporting no folder', path: '/folders/x/chain', status: 404, code: 'api.not_found', says: /no folder/ },
    {
      name: 'a token for no office',
      method: 'POST',
      path: '/tokens',
      body: { office: 'nroth' },
      status: 404,
      code: 'api.not_found',
      says: /did you mean "north"/,
    },
    {
      name: 'revoking no token',
      method: 'DELETE',
      path: '/tokens/x',
      status: 404,
      code: 'api.not_found',
      says: /no token x/,
    },
    {
      name: 'a token for too long',
      method: 'POST',
      path: '/tokens',
      body: { office: 'north', expiresInSeconds: 1e9 },
      status: 400,
      code: 'api.invalid',
      says: /expiresInSeconds/,
    },
    { name: 'a body that is missing', method: 'POST', path: '/tokens', status: 400, code: 'api.invalid', says: /./ },
    { name: 'a page that is too long', path: '/agents?limit=5000', status: 400, code: 'api.invalid', says: /limit/ },
    {
      name: 'a series of too many points',
      path: '/traffic?from=0&to=99999999999&step=1000',
      status: 400,
      code: 'api.invalid',
      says: /2000 steps/,
    },
    {
      name: 'a range that ends before it starts',
      path: '/traffic?from=5&to=4',
      status: 400,
      code: 'api.invalid',
      says: /before/,
    },
    {
      name: 'a flag that is none',
      method: 'PUT',
      path: '/fleet?dryRun=perhaps',
      body: {},
      status: 400,
      code: 'api.invalid',
      says: /dryRun/,
    },
    {
      name: 'an unknown key',
      method: 'PUT',
      path: '/fleet',
      body: { ofices: [] },
      status: 400,
      code: 'api.invalid',
      says: /ofices/,
    },
    {
      name: 'a fleet that contradicts itself',
      method: 'PUT',
      path: '/fleet',
      body: { offices: [{ name: 'a' }, { name: 'a' }] },
      status: 422,
      code: 'fleet.invalid',
      says: /offices\[1\].name/,
    },
  ])('$name → $status $code', async ({ method = 'GET', path, body, status, code, says }) => {
    const answer = await server.call(method, path, body);
    expect(answer.status).toBe(status);
    const { error } = ErrorBody.parse(answer.body);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(says),
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('a body above 1 MiB', async () => {
    const answer = await server.call('PUT', '/fleet', { offices: [{ name: 'x'.repeat(1024 * 1024) }] });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'protocol.too_large' } } });
  });

  test('what breaks inside is not told to the caller', async () => {
    const broken = await serverHarness();
    await broken.database.$executeRaw`DROP TABLE "AgentEvent"`;
    const answer = await broken.call('GET', '/events');
    await broken[Symbol.asyncDispose]();
    expect(answer.status).toBe(500);
    expect(ErrorBody.parse(answer.body).error).toMatchObject({ code: 'internal.unexpected' });
    expect(JSON.stringify(answer.body)).not.toMatch(/AgentEvent|at .*\.ts/);
  });

  test.each([
    ['GET', '/status'],
    ['PUT', '/fleet'],
    ['GET', '/offices'],
    ['GET', '/agents'],
    ['GET', `/agents/${'a'.repeat(52)}`],
    ['POST', `/agents/${'a'.repeat(52)}/revoke`],
    ['GET', '/folders'],
    ['GET', `/folders/${folderId}`],
    ['GET', `/folders/${folderId}/files`],
    ['POST', `/folders/${folderId}/reindex`],
    ['GET', `/folders/${folderId}/verify`],
    ['GET', `/folders/${folderId}/chain`],
    ['GET', '/transfers'],
    ['GET', '/traffic'],
    ['GET', '/events'],
    ['POST', '/tokens'],
    ['GET', '/tokens'],
    ['DELETE', '/tokens/x'],
    ['GET', '/stream'],
    ['GET', '/nothing'],
  ])('nobody may %s %s without signing in', async (method, path) => {
    const response = await server.api.request(`/api/v1${path}`, { method });
    expect(response.status).toBe(401);
    expect(ErrorBody.parse(await response.json()).error.code).toBe('api.unauthorised');
  });

  test('answers carry headers that let nothing in them run or be kept', async () => {
    const response = await server.api.request('/api/v1/health');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });
});
