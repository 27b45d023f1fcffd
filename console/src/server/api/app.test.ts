import { parseToken } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AgentPage,
  AgentSummary,
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
import type { ServerHarness } from '../testing/server-harness.ts';
import { alice, bob, carol, folderId, HOUR_MS, nextcloudId, smallFleet } from '../testing/small-fleet.ts';

let server: ServerHarness;
let nowMs: number;
beforeAll(async () => {
  ({ server, nowMs } = await smallFleet());
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
        region: null,
        timeZone: null,
        subnets: ['10.1.0.0/16'],
        agentsTotal: 2,
        agentsOnline: 1,
        folderIds: [folderId],
        last24h: { fromPeers: 600, fromOrigin: 400, fromLocal: 0 },
      },
      {
        id: 'off-s',
        name: 'south',
        region: null,
        timeZone: null,
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
    const range = `from=${nowMs - 3 * HOUR_MS}&to=${nowMs}&step=60000`;
    const series = TrafficSeries.parse((await server.call('GET', `/traffic?${range}`)).body);
    expect(series.points).toEqual([
      { atMs: nowMs - 2 * HOUR_MS, fromPeers: 300, fromOrigin: 200, fromLocal: 0 },
      { atMs: nowMs - 60_000, fromPeers: 600, fromOrigin: 400, fromLocal: 0 },
    ]);
    const finer = TrafficSeries.parse(
      (await server.call('GET', `/traffic?${range}&step=10000`.replace('&step=60000', ''))).body,
    );
    expect(finer).toEqual(series);
    expect(series.totals).toEqual({ fromPeers: 600, fromOrigin: 400, fromLocal: 0 });
    const south = TrafficSeries.parse((await server.call('GET', `/traffic?office=off-s&${range}`)).body);
    expect(south).toMatchObject({ points: [], totals: { fromPeers: 0 } });
  });

  test('samples that are rolled up are read once', async () => {
    const { database } = server;
    const at = new Date(nowMs - 2 * HOUR_MS);
    const bytes = { fromPeers: 300n, fromOrigin: 200n, fromLocal: 0n, served: 0n, wasted: 0n };
    await database.officeTraffic.createMany({
      data: ['off-n', ''].flatMap((officeId) =>
        [5, 60].map((stepMinutes) => ({ officeId, stepMinutes, at, ...bytes })),
      ),
    });
    await database.rollupMark.create({ data: { name: 'office', at: new Date(nowMs - HOUR_MS) } });
    const range = `from=${nowMs - 24 * HOUR_MS}&to=${nowMs}`;
    for (const step of ['60000', '300000', '3600000']) {
      for (const whose of ['', '&office=off-n']) {
        const asked = `/traffic?${range}&step=${step}${whose}`;
        const { points } = TrafficSeries.parse((await server.call('GET', asked)).body);
        expect(points.reduce((sum, point) => sum + point.fromPeers, 0)).toBe(900);
      }
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
      broker: { connected: true, kind: 'embedded', url: 'mqtts://harp.example:8422' },
    });
  });

  test('health, without signing in', async () => {
    const response = await server.api.request('/api/v1/health');
    expect(await response.json()).toEqual({
      ok: true,
      database: true,
      broker: true,
      brokerKind: 'embedded',
      version: '0.0.0-test',
    });
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
    const key = await server.auth.keys.create('export', server.changes);
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

  test('with an agent the links of its office are given up, in the same moment', async () => {
    const where = { folderId_officeId: { folderId, officeId: 'off-n' } };
    const key = `content.orphanShare.${nextcloudId}.8`;
    const links = { shareId: '8', tokenSealed: 'x', passwordSealed: 'x', dialect: 'public-dav' };
    await server.database.folderOffice.update({ where, data: links });
    await server.call('POST', `/agents/${alice}/revoke`);
    expect(await server.database.folderOffice.findUnique({ where })).toMatchObject({
      shareId: null,
      tokenSealed: null,
      passwordSealed: null,
      dialect: null,
    });
    expect(await server.database.setting.findUnique({ where: { key } })).toMatchObject({
      value: { shareId: '8', notBeforeMs: server.clock.nowMs() + 2000 },
    });
  });
});
