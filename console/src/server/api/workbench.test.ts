import { blobIdOf, ChunkId, encodeManifest, limits, singleChunkManifest } from '@harp/broker/protocol';
import { sha3 } from '@harp/broker/protocol/node';
import { Prisma } from '@harp/prisma';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AgentDetail,
  ChainAgents,
  ChainEntries,
  EventPage,
  FileDetail,
  FilePage,
  FolderCoverage,
  FolderProblems,
  HitRatios,
  ManifestChunks,
  Nextcloud,
  OfficeDetail,
  Throughput,
  TimeToOffice,
  VersionSeries,
} from '../../api/schemas.ts';
import type { ServerHarness } from '../testing/server-harness.ts';
import { alice, bob, carol, folderId, HOUR_MS, nextcloudId, smallFleet } from '../testing/small-fleet.ts';

const MINUTE_MS = 60_000;
let server: ServerHarness;
let nowMs: number;
beforeAll(async () => {
  ({ server, nowMs } = await smallFleet());
});
afterAll(() => server[Symbol.asyncDispose]());

const get = async (path: string) => (await server.call('GET', path)).body;

describe('one thing in full', () => {
  test('an office with its folders and the hours of its last day', async () => {
    await server.database.officeCensus.create({
      data: { officeId: 'off-n', stepMinutes: 60, at: new Date(nowMs - 3 * HOUR_MS), agents: 2, online: 2 },
    });
    const office = OfficeDetail.parse(await get('/offices/off-n'));
    expect(office).toMatchObject({
      office: { name: 'north', agentsTotal: 2, last24h: { fromPeers: 600 } },
      agentsReporting: 1,
      newestReportAtMs: nowMs,
      folders: [{ folderId, agentsTotal: 2, agentsComplete: 1, agentsReporting: 1, bytesDone: 700, shareReady: true }],
    });
    expect(office.hours).toEqual([
      { atMs: nowMs - 3 * HOUR_MS, fromPeers: 0, fromOrigin: 0, fromLocal: 0, agentsOnline: 2 },
      { atMs: nowMs - HOUR_MS, fromPeers: 600, fromOrigin: 400, fromLocal: 0, agentsOnline: null },
    ]);
    expect((await server.call('GET', '/offices/off-x')).status).toBe(404);
  });

  test('an agent with its report, its last day and its events', async () => {
    expect(AgentDetail.parse(await get(`/agents/${alice}/detail`))).toMatchObject({
      agent: { id: alice, hostname: 'pc-1' },
      officeName: 'north',
      reported: { addresses: ['10.1.0.2:7000'] },
      certificateEndsAtMs: nowMs,
      deliveries24h: { files: 1, fromPeers: 300, fromOrigin: 200, fromLocal: 0 },
      lastDeliveryAtMs: nowMs - 2000,
      events: [{ kind: 'folder.completed' }],
    });
    expect(AgentDetail.parse(await get(`/agents/${bob}/detail`))).toMatchObject({ reported: null, events: [] });
  });

  test('the last delivery to an agent is known however long ago it was', async () => {
    const { database } = server;
    const last = async () => AgentDetail.parse(await get(`/agents/${carol}/detail`)).lastDeliveryAtMs;
    expect(await last()).toBeNull();
    const bytes = { fromPeers: 1n, fromOrigin: 0n, fromLocal: 0n, tookMs: 1 };
    const ago = (hours: number) => new Date(nowMs - hours * HOUR_MS);
    await database.delivery.createMany({
      data: [
        { agentId: carol, folderId, seq: 1, at: ago(60), ...bytes },
        { agentId: carol, folderId, seq: 2, at: ago(90), ...bytes },
      ],
    });
    expect(await last()).toBe(nowMs - 60 * HOUR_MS);
    await database.delivery.deleteMany({ where: { agentId: carol } });
  });

  test('a connection to Nextcloud: as whom, and what the last check found, but never its password', async () => {
    const { database } = server;
    const read = () => get(`/nextclouds/${nextcloudId}`);
    const known = { id: nextcloudId, name: 'main', url: 'https://c.example', version: '31.0.1', user: 'harp' };
    expect(Nextcloud.strict().parse(await read())).toEqual({ ...known, davUser: null, error: null, checkedAtMs: null });
    const where = { id: nextcloudId };
    await database.nextcloud.update({
      where,
      data: { davUser: 'harp-svc', errorCode: 'origin.auth_failed', errorDetail: 'no', checkedAt: new Date(nowMs) },
    });
    expect(await read()).toEqual({
      ...known,
      davUser: 'harp-svc',
      error: { code: 'origin.auth_failed', detail: 'no' },
      checkedAtMs: nowMs,
    });
    await database.nextcloud.update({ where, data: { errorCode: null, errorDetail: null } });
    for (const id of ['nxc-b', `nxc-${'b'.repeat(16)}`])
      expect((await server.call('GET', `/nextclouds/${id}`)).status).toBe(404);
  });
});

describe('events', () => {
  test('of an office, newest first, and of one of its PCs', async () => {
    const { database } = server;
    const event = (agentId: string, minute: number) => ({
      id: `e.${agentId[0]}${minute}`,
      agentId,
      at: new Date(nowMs - minute * MINUTE_MS),
      kind: 'folder.unblocked',
      body: {},
    });
    await database.agentEvent.createMany({ data: [event(bob, 1), event(alice, 2), event(bob, 3), event(carol, 4)] });
    const read = async (query: string) => EventPage.parse(await get(`/events?${query}`)).events.map(({ id }) => id);
    expect(await read('office=off-n')).toEqual(['r.0', 'e.b1', 'e.a2', 'e.b3']);
    expect(await read('office=off-n&limit=2')).toEqual(['r.0', 'e.b1']);
    expect(await read(`office=off-n&agent=${bob}`)).toEqual(['e.b1', 'e.b3']);
    expect(await read(`office=off-n&agent=${carol}`)).toEqual([]);
    expect(await read('office=off-s')).toEqual(['e.c4']);
    await database.agentEvent.deleteMany({ where: { kind: 'folder.unblocked' } });
  });
});

describe('charts', () => {
  test('the heat map of a few: the offices that moved most, and what has to be refused is refused first', async () => {
    const map = Throughput.parse(await get('/throughput?limit=1'));
    expect(map.offices.map(({ officeName }) => officeName)).toEqual(['north']);
    expect(map.officesTotal).toBe(2);
    const south = Throughput.parse(await get('/throughput?office=off-s'));
    expect(south.offices.map(({ officeName }) => officeName)).toEqual(['south']);
  });

  test('throughput tells nothing moved from nobody there', async () => {
    const { database } = server;
    const from = nowMs - HOUR_MS;
    await database.officeCensus.create({
      data: { officeId: 'off-n', stepMinutes: 5, at: new Date(from + 10 * MINUTE_MS), agents: 2, online: 1 },
    });
    const map = Throughput.parse(await get(`/throughput?from=${from}&to=${nowMs}&step=${5 * MINUTE_MS}`));
    expect(map).toMatchObject({ fromMs: from, slots: 12, officesTotal: 2 });
    const north = map.offices.find(({ officeId }) => officeId === 'off-n')!;
    expect(north.bytes).toEqual([null, null, 0, null, null, null, null, null, null, null, null, 1000]);
    expect(north.fromOrigin[11]).toBe(400);
    expect(north.reporting).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('a slot that is no whole census shows the one that holds it', async () => {
    const from = nowMs - HOUR_MS;
    const read = async (stepMs: number) => {
      const map = Throughput.parse(
        await get(`/throughput?office=off-n&from=${from}&to=${from + 28 * MINUTE_MS}&step=${stepMs}`),
      );
      return { fromMs: map.fromMs - from, reporting: map.offices[0]!.reporting };
    };
    // The census of minutes 10 to 15.
    expect((await read(MINUTE_MS)).reporting.flatMap((online, slot) => (online > 0 ? [slot] : []))).toEqual([
      10, 11, 12, 13, 14,
    ]);
    const { fromMs, reporting } = await read(7 * MINUTE_MS);
    const touched = reporting.flatMap((online, slot) => (online > 0 ? [fromMs / MINUTE_MS + slot * 7] : []));
    expect(touched.every((start) => start < 15 && start + 7 > 10)).toBe(true);
    expect(touched.length).toBeGreaterThan(0);
  });

  test('hit ratios of offices that got something', async () => {
    const { offices } = HitRatios.parse(await get(`/hit-ratios?from=${nowMs - HOUR_MS}&to=${nowMs}`));
    expect(offices).toEqual([
      {
        officeId: 'off-n',
        officeName: 'north',
        region: null,
        agentsTotal: 2,
        agentsOnline: 1,
        fromPeers: 600,
        fromOrigin: 400,
        fromLocal: 0,
      },
    ]);
  });

  test('versions over time: the last count of a step, and what runs now', async () => {
    await server.database.versionCensus.createMany({
      data: [
        { at: new Date(nowMs - 20 * MINUTE_MS), version: '0.9.0', agents: 5, online: 1 },
        { at: new Date(nowMs - 15 * MINUTE_MS), version: '0.9.0', agents: 3, online: 1 },
        { at: new Date(nowMs - 15 * MINUTE_MS), version: '0.10.0', agents: 2, online: 1 },
      ],
    });
    const series = VersionSeries.parse(
      await get(`/versions?from=${nowMs - HOUR_MS}&to=${nowMs}&step=${30 * MINUTE_MS}`),
    );
    expect(series.versions).toEqual(['0.10.0', '0.9.0', '0.1.0']);
    expect(series.points).toEqual([{ atMs: nowMs - 30 * MINUTE_MS, agents: [2, 3, 0] }]);
    expect(series.present).toEqual([{ version: '0.1.0', agents: 2, online: 1, blocked: 0 }]);
  });

  test.each(['/throughput?step=1000', '/throughput?from=5&to=5', '/versions?from=0&to=9999999999999&step=60000'])(
    '%s is refused',
    async (path) => expect((await server.call('GET', path)).status).toBe(400),
  );
});

describe('inside a folder', () => {
  test('a directory level has its directories and files, and goes on where the page ended', async () => {
    const put = (path: string, seq: number) => ({
      folderId,
      path,
      seq,
      fileId: path,
      etag: 'e',
      size: 1n,
      mtimeMs: 0n,
      manifestId: 'm',
    });
    const paths = ['a', 'a-b', 'a/x', 'a/y/z', 'a0', 'b/1', 'b/2', 'b/\u{10FFFF}', 'ä/ö', '😀/é/x', '😀/z'];
    await server.database.fileVersion.createMany({ data: paths.map((path, index) => put(path, 100 + index)) });
    const names = (page: FilePage) => [
      ...page.dirs.map(({ path, name }) => `${path}/ (${name})`),
      ...page.files.map(({ path }) => path),
    ];
    const read = async (query: string) => FilePage.parse(await get(`/folders/${folderId}/files?${query}`));
    expect(names(await read('prefix='))).toEqual([
      'a/ (a)',
      'b/ (b)',
      'ä/ (ä)',
      '😀/ (😀)',
      'a',
      'a-b',
      'a0',
      'file 1.txt',
      'file 2.txt',
    ]);
    expect(names(await read('prefix=a'))).toEqual(['a/y/ (y)', 'a/x']);
    expect(names(await read('prefix=b'))).toHaveLength(3);
    expect(names(await read('prefix=nowhere'))).toEqual([]);
    expect(names(await read(`prefix=${encodeURIComponent('😀')}`))).toEqual(['😀/é/ (é)', '😀/z']);
    // A cursor of another place does not lead out of the directory.
    expect(names(await read(`prefix=b&cursor=${Buffer.from('a').toString('base64url')}`))).toHaveLength(3);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: FilePage = await read(`prefix=&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...names(page));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['a', 'a-b', 'a/ (a)', 'a0', 'b/ (b)', 'file 1.txt', 'file 2.txt', 'ä/ (ä)', '😀/ (😀)']);
    await server.database.fileVersion.deleteMany({ where: { seq: { gte: 100 } } });
  });

  test('one file with its chunks and who has it', async () => {
    const file = FileDetail.parse(await get(`/folders/${folderId}/file?path=file%201.txt`));
    expect(file).toMatchObject({
      file: { path: 'file 1.txt', sizeBytes: 500, etag: 'e', manifest: 'm' },
      chunksTotal: 1,
      chunks: [{ id: 'c', offset: 0, size: 500 }],
      holdersTotal: 2,
    });
    expect(file.holders.map(({ hostname, holds, delivery }) => [hostname, holds, delivery?.tookMs])).toEqual([
      ['pc-1', true, 40],
      ['pc-2', true, 90],
    ]);
    expect((await server.call('GET', `/folders/${folderId}/file?path=none`)).status).toBe(404);
  });

  test('what the indexer could not take, by path', async () => {
    const { database } = server;
    const problem = (path: string) => ({ folderId, path, code: 'x', detail: 'y', at: new Date(nowMs) });
    await database.indexProblem.createMany({ data: ['c', 'a'].map(problem) });
    const read = async (query = '') => FolderProblems.parse(await get(`/folders/${folderId}/problems${query}`));
    expect((await read()).problems.map(({ path }) => path)).toEqual(['a', 'bad', 'c']);
    expect(await read('?limit=1')).toEqual({
      total: 3,
      problems: [{ path: 'a', code: 'x', detail: 'y', sinceMs: nowMs }],
    });
    expect((await server.call('GET', `/folders/${folderId}/problems?limit=1001`)).status).toBe(400);
    expect((await server.call('GET', '/folders/fld-none/problems')).status).toBe(404);
    await database.indexProblem.deleteMany({ where: { code: 'x' } });
  });

  describe('the chunks of a version', () => {
    const chunk = (digit: string) => ChunkId.parse(digit.repeat(64));
    const [first, last] = [
      { id: chunk('1'), size: limits.chunkMinBytes },
      { id: chunk('2'), size: 10 },
    ];
    const size = first.size + last.size;
    const bytes = encodeManifest({ size, chunks: [first, last] });
    const manifest = blobIdOf(bytes, sha3);
    const store = (data: { id: string; kind: string; bytes: Uint8Array; folders?: object }) =>
      server.database.blob.create({ data: { ...data, bytes: new Uint8Array(data.bytes) } });
    const read = (name: string, query = '') => server.call('GET', `/folders/${folderId}/manifests/${name}${query}`);
    const absent = { status: 404, body: { error: { code: 'blob.absent' } } };

    test('stand in the manifest that the folder keeps', async () => {
      expect(await read(manifest)).toMatchObject(absent);
      await store({ id: manifest, kind: 'manifest', bytes });
      // It is another folder's: its name alone opens nothing.
      expect(await read(manifest)).toMatchObject(absent);
      await server.database.folderBlob.create({ data: { folderId, blobId: manifest } });
      expect(ManifestChunks.parse((await read(manifest)).body)).toEqual({
        manifest,
        sizeBytes: size,
        chunksTotal: 2,
        chunks: [
          { ...first, offset: 0 },
          { ...last, offset: first.size },
        ],
      });
    });

    test('are read of manifests only, and damage is said', async () => {
      const folders = { create: { folderId } };
      await store({ id: 'd'.repeat(64), kind: 'manifest', bytes: bytes.slice(1), folders });
      await store({ id: 'e'.repeat(64), kind: 'segment', bytes, folders });
      expect(await read('d'.repeat(64))).toMatchObject({ body: { error: { code: 'manifest.malformed' } } });
      expect(await read('e'.repeat(64))).toMatchObject(absent);
      expect((await read('m')).status).toBe(400);
    });

    test('of a version of one chunk or none stand in the entry that put it', async () => {
      const put = (seq: number, length: number, id?: ChunkId) => {
        const name = blobIdOf(singleChunkManifest(length, id), sha3);
        const file = { path: 'small.txt', size: length, mtimeMs: 1, etag: 'e', fileId: '9', manifest: name };
        const body = { v: 1, seq, atMs: seq, op: 'put', ...file, ...(id === undefined ? {} : { chunk: id }) };
        return { name, row: { folderId, seq, path: file.path, link: 'c'.repeat(64), body: JSON.stringify(body) } };
      };
      const [one, none] = [put(30, 10, last.id), put(31, 0)];
      await server.database.entry.createMany({
        data: [one.row, none.row, { ...none.row, seq: 32, body: '{' }],
      });
      expect(ManifestChunks.parse((await read(one.name, '?seq=30')).body)).toEqual({
        manifest: one.name,
        sizeBytes: 10,
        chunksTotal: 1,
        chunks: [{ ...last, offset: 0 }],
      });
      expect(await read(none.name, '?seq=31')).toMatchObject({ body: { sizeBytes: 0, chunksTotal: 0, chunks: [] } });
      for (const query of ['', '?seq=31', '?seq=32', '?seq=33'])
        expect(await read(one.name, query)).toMatchObject(absent);
      await server.database.entry.deleteMany({ where: { seq: { gte: 30 } } });
    });
  });

  test('the versions of a file follow its moves back', async () => {
    const entry = (seq: number, path: string, body: object) => ({
      folderId,
      seq,
      path,
      link: String(seq).repeat(64),
      body: JSON.stringify({ v: 1, seq, atMs: seq, path, ...body }),
    });
    const content = { size: 1, mtimeMs: 1, etag: 'e', fileId: '9', manifest: 'a'.repeat(64) };
    await server.database.entry.createMany({
      data: [
        entry(3, 'old.txt', { op: 'put', ...content }),
        entry(4, 'new.txt', { op: 'move', from: 'old.txt' }),
        entry(5, 'new.txt', { op: 'delete' }),
      ],
    });
    const { file, versions } = FileDetail.parse(await get(`/folders/${folderId}/file?path=new.txt`));
    expect(file).toBeNull();
    expect(versions.map(({ seq, op, path, from }) => [seq, op, path, from])).toEqual([
      [5, 'delete', 'new.txt', null],
      [4, 'move', 'new.txt', 'old.txt'],
      [3, 'put', 'old.txt', null],
    ]);
    await server.database.entry.deleteMany({ where: { seq: { gte: 3 } } });
  });

  test('how long a change took to each office', async () => {
    const { database } = server;
    await database.entry.update({
      where: { folderId_seq: { folderId, seq: 1 } },
      data: { body: JSON.stringify({ path: 'file 1.txt', atMs: nowMs - 5000, size: 500 }) },
    });
    const time = TimeToOffice.parse(await get(`/folders/${folderId}/time-to-office?seq=1`));
    expect(time.change).toEqual({ seq: 1, path: 'file 1.txt', atMs: nowMs - 5000, sizeBytes: 500 });
    expect(time.offices).toEqual([
      {
        officeId: 'off-n',
        officeName: 'north',
        agentsTotal: 2,
        points: [
          { atMs: nowMs - 2000, agentsDone: 1, agentsTotal: 2 },
          { atMs: nowMs - 1000, agentsDone: 2, agentsTotal: 2 },
        ],
      },
    ]);
    expect((await server.call('GET', `/folders/${folderId}/time-to-office?seq=99`)).status).toBe(404);
  });

  test('whose chain is right: at the head, behind, on another chain, silent', async () => {
    const { database } = server;
    const place = (seq: number, link: string) => ({ folders: [{ id: folderId, state: 'syncing', seq, link }] });
    const states = async () => ChainAgents.parse(await get(`/folders/${folderId}/chain/agents`));
    const report = (reported: object) => database.agent.update({ where: { id: alice }, data: { reported } });
    const { reported } = await database.agent.findUniqueOrThrow({ where: { id: alice } });
    expect((await states()).lists).toMatchObject({ broken: [{ hostname: 'pc-1', reason: 'chain.fork' }] });
    await report(place(2, 'f'.repeat(64)));
    expect((await states()).agents).toEqual({ ok: 1, behind: 0, broken: 0, silent: 1 });
    await report(place(1, 'f'.repeat(64)));
    expect((await states()).agents).toEqual({ ok: 0, behind: 1, broken: 0, silent: 1 });
    await report(place(9, 'f'.repeat(64)));
    expect((await states()).agents.broken).toBe(1);
    await report({
      folders: [{ id: folderId, state: 'blocked', reason: 'chain.rollback', seq: 2, link: 'f'.repeat(64) }],
    });
    expect((await states()).lists.broken[0]?.reason).toBe('chain.rollback');
    await report(reported as object);
  });

  test('an agent that reports absurd numbers hides nobody else', async () => {
    const { database } = server;
    const { reported } = await database.agent.findUniqueOrThrow({ where: { id: alice } });
    const most = Number.MAX_SAFE_INTEGER;
    const folder = {
      id: folderId,
      state: 'syncing',
      seq: most,
      link: 'e'.repeat(64),
      filesTotal: most,
      filesDone: most,
    };
    for (const id of [alice, bob])
      await database.agent.update({
        where: { id },
        data: { reported: { folders: [{ ...folder, bytesTotal: most, bytesDone: most }] } },
      });
    expect(ChainAgents.parse(await get(`/folders/${folderId}/chain/agents`)).agents.broken).toBe(2);
    expect(FolderCoverage.parse(await get(`/folders/${folderId}`)).offices[0]).toMatchObject({ bytesTotal: most });
    expect(OfficeDetail.parse(await get('/offices/off-n')).folders[0]).toMatchObject({ bytesDone: most });
    FileDetail.parse(await get(`/folders/${folderId}/file?path=file%201.txt`));
    await database.agent.update({ where: { id: alice }, data: { reported: reported as object } });
    await database.agent.update({ where: { id: bob }, data: { reported: Prisma.DbNull } });
  });

  test('raw entries in pages, with the link before them', async () => {
    const first = ChainEntries.parse(await get(`/folders/${folderId}/chain/entries?limit=1`));
    expect(first).toMatchObject({ previous: '0'.repeat(64), entries: [{ seq: 1 }], nextFrom: 2, head: null });
    const rest = ChainEntries.parse(await get(`/folders/${folderId}/chain/entries?from=2`));
    expect(rest).toMatchObject({ previous: 'f'.repeat(64), entries: [{ seq: 2 }], nextFrom: null });
  });
});
