import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentId, FolderId, Reported, ReportId } from '../protocol/index.ts';
import { createIngestStore, type IngestStore, type ReportRow, type SampleRow } from './ingest-store.ts';

const alice = 'a'.repeat(52) as AgentId;
const bob = 'b'.repeat(52) as AgentId;
const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const noon = Date.UTC(2026, 10, 22, 12, 0, 0, 123);

let database: TestDatabase;
let prisma: PrismaClient;
let store: IngestStore;
let named: AgentId[];
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.url);
  store = createIngestStore(prisma, (agents) => named.push(...agents));
  await prisma.office.create({ data: { id: 'off-aaaaaaaaaaaaaaaa', name: 'Berlin' } });
}, 60_000);
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  named = [];
  await prisma.agent.deleteMany();
  await prisma.agent.createMany({
    data: [alice, bob].map((id) => ({
      id,
      officeId: 'off-aaaaaaaaaaaaaaaa',
      hostname: 'pc',
      platform: 'linux',
      version: '1',
      certificateSerial: '01',
      certificateEndsAt: new Date(noon),
    })),
  });
});

const agentRow = (id: AgentId) => prisma.agent.findUniqueOrThrow({ where: { id } });

describe('presence', () => {
  test('is written for each agent, and an unknown agent disturbs nobody', async () => {
    const stranger = 'c'.repeat(52) as AgentId;
    await store.savePresence([
      { agent: alice, online: true, seenAtMs: noon },
      { agent: stranger, online: true, seenAtMs: noon },
      { agent: bob, online: false },
    ]);
    expect(await agentRow(alice)).toMatchObject({ online: true, lastSeenAt: new Date(noon) });
    expect(await agentRow(bob)).toMatchObject({ online: false, lastSeenAt: null });
  });

  test('who comes or goes is named, who is heard again is not', async () => {
    await store.savePresence([
      { agent: alice, online: true, seenAtMs: noon },
      { agent: bob, online: false },
    ]);
    expect(named).toEqual([alice]);
    await store.savePresence([{ agent: alice, online: true, seenAtMs: noon + 1_000 }]);
    expect(named).toEqual([alice]);
    await store.savePresence([{ agent: alice, online: false }]);
    expect(named).toEqual([alice, alice]);
  });

  test('what says nothing of the last sighting does not move it, and no sighting moves it back', async () => {
    await store.savePresence([{ agent: alice, online: true, seenAtMs: noon }]);
    await store.savePresence([{ agent: alice, online: false }]);
    expect(await agentRow(alice)).toMatchObject({ online: false, lastSeenAt: new Date(noon) });
    await store.savePresence([{ agent: alice, online: true, seenAtMs: noon - 1_000 }]);
    expect((await agentRow(alice)).lastSeenAt).toEqual(new Date(noon));
  });
});

test('a reported state replaces the one before, names included', async () => {
  const reported: Reported = {
    v: 1,
    atMs: noon,
    protocol: 1,
    version: '2',
    hostname: 'büro-"5"',
    platform: 'win32',
    addresses: ['10.0.0.1:8423'],
    peers: [bob],
    desiredRevision: 3,
    folders: [],
  };
  await store.saveReported([{ agent: alice, reported, receivedAtMs: noon }]);
  expect(await agentRow(alice)).toMatchObject({
    reported,
    reportedAt: new Date(noon),
    hostname: 'büro-"5"',
    platform: 'win32',
    version: '2',
  });
});

describe('what is reported of folders', () => {
  const link = 'f'.repeat(64);
  const at = (id: string, seq: number, state: string, reason?: string) => ({
    id,
    seq,
    link,
    state,
    ...(reason === undefined ? {} : { reason }),
    filesTotal: 9,
    filesDone: seq,
    bytesTotal: 90,
    bytesDone: 10,
  });
  const save = (agent: AgentId, receivedAtMs: number, ...folders: object[]) =>
    store.saveReported([
      {
        agent,
        receivedAtMs,
        reported: { hostname: 'pc', platform: 'linux', version: '1', folders } as unknown as Reported,
      },
    ]);
  const kept = async () =>
    (await prisma.agentFolder.findMany({ orderBy: [{ agentId: 'asc' }, { folderId: 'asc' }] })).map(
      ({ agentId, folderId, state, reason, seq, since }) =>
        [agentId[0], folderId, state, reason, Number(seq), since!.getTime() - noon].join(' '),
    );

  test('is kept as columns: new folders come, folders that are no more go, and who says nothing else stays', async () => {
    await save(alice, noon, at('one', 1, 'syncing'), at('two', 1, 'complete'));
    await save(bob, noon, at('one', 5, 'complete'));
    await save(alice, noon + 9, at('two', 2, 'complete'), at('three', 1, 'starting'));
    expect(await kept()).toEqual(['a three starting  1 9', 'a two complete  2 0', 'b one complete  5 0']);
    await store.savePresence([{ agent: alice, online: true, seenAtMs: noon }]);
    expect(await kept()).toHaveLength(3);
    await prisma.agent.delete({ where: { id: alice } });
    expect(await kept()).toEqual(['b one complete  5 0']);
  });

  test('knows since when it is so: a state counts anew when it or its reason changes', async () => {
    await save(alice, noon, at('one', 1, 'blocked', 'disk.full'));
    await save(alice, noon + 1, at('one', 2, 'blocked', 'disk.full'));
    expect(await kept()).toEqual(['a one blocked disk.full 2 0']);
    await save(alice, noon + 2, at('one', 2, 'blocked', 'disk.read_only'));
    await save(alice, noon + 3, at('one', 3, 'syncing'));
    expect(await kept()).toEqual(['a one syncing  3 3']);
  });

  test('takes whatever an agent may say: a folder twice, and the largest numbers there are', async () => {
    await save(alice, noon, at('one', Number.MAX_SAFE_INTEGER, 'complete'), at('one', 7, 'blocked'));
    expect(await kept()).toHaveLength(1);
  });
});

test('an agent that lies about its bytes costs nobody else a sample, a delivery or a sum', async () => {
  const bytes = Number.MAX_SAFE_INTEGER;
  const lie = { folder, fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes };
  const moved = (agent: AgentId, at: number) => ({
    ...lie,
    agent,
    atMs: noon + at,
    intervalMs: 1,
    served: bytes,
    wasted: bytes,
  });
  for (let at = 0; at < 3; at++) await store.saveSamples([moved(alice, at), moved(bob, at)]);
  const delivered = (agent: AgentId, seq: number) => ({ ...lie, agent, seq, atMs: noon, tookMs: 1 });
  for (let seq = 1; seq <= 3; seq++)
    await store.saveReports([
      {
        id: `liar${seq}`.padEnd(26, '0') as ReportId,
        agent: alice,
        receivedAtMs: noon,
        deliveries: [delivered(alice, seq), delivered(bob, seq)],
        events: [],
      },
    ]);
  expect([await prisma.sample.count(), await prisma.delivery.count()]).toEqual([6, 6]);
  const sums = [...(await prisma.officeTraffic.findMany()), ...(await prisma.officeDelivered.findMany())];
  expect(new Set(sums.map(({ fromPeers }) => fromPeers))).toEqual(new Set([BigInt(bytes)]));
  await Promise.all([prisma.sample.deleteMany(), prisma.delivery.deleteMany(), prisma.reportReceipt.deleteMany()]);
});

test('samples are stored exactly, the same one only once', async () => {
  const sample: SampleRow = {
    agent: alice,
    folder,
    atMs: noon,
    intervalMs: 2 ** 31 - 1,
    fromPeers: Number.MAX_SAFE_INTEGER,
    fromOrigin: 0,
    fromLocal: 1,
    served: 2,
    wasted: 3,
  };
  await store.saveSamples([sample, sample]);
  await store.saveSamples([
    { ...sample, served: 99 },
    { ...sample, atMs: noon + 1 },
  ]);
  const rows = await prisma.sample.findMany({ orderBy: { at: 'asc' } });
  expect(rows.map(({ at, fromPeers, served }) => [at.getTime(), fromPeers, served])).toEqual([
    [noon, BigInt(Number.MAX_SAFE_INTEGER), 2n],
    [noon + 1, BigInt(Number.MAX_SAFE_INTEGER), 2n],
  ]);
});

describe('reports', () => {
  const report = (name: string, seq: number): ReportRow => {
    const id = name.padEnd(26, '0') as ReportId;
    return {
      id,
      agent: alice,
      receivedAtMs: noon,
      deliveries: [{ agent: alice, folder, seq, atMs: noon, fromPeers: 1, fromOrigin: 2, fromLocal: 3, tookMs: 4 }],
      events: [
        { id: `${id}.1`, agent: alice, atMs: noon, kind: 'folder.unblocked', folder: null, body: { text: 'a\u2028b' } },
      ],
    };
  };
  const counts = async () => [
    await prisma.reportReceipt.count(),
    await prisma.delivery.count(),
    await prisma.agentEvent.count(),
  ];

  test('are stored once however often they come, within a batch and later', async () => {
    const [one, two] = [report('a', 1), report('b', 2)];
    await store.saveReports([one, one, two]);
    expect(await counts()).toEqual([2, 2, 2]);
    await store.saveReports([two, one]);
    expect(await counts()).toEqual([2, 2, 2]);
    await Promise.all([1, 2, 3].map(() => store.saveReports([report('c', 3), one])));
    expect(await counts()).toEqual([3, 3, 3]);
    const [event] = await prisma.agentEvent.findMany({ where: { id: one.events[0]!.id } });
    expect(event).toMatchObject({
      agentId: alice,
      kind: 'folder.unblocked',
      body: { text: 'a\u2028b' },
      at: new Date(noon),
    });
  });

  test('a report that cannot be stored leaves no receipt behind', async () => {
    const before = await counts();
    const bad = report('d', 4);
    await expect(
      store.saveReports([{ ...bad, deliveries: [{ ...bad.deliveries[0]!, seq: 2 ** 40 }] }]),
    ).rejects.toThrow();
    expect(await counts()).toEqual(before);
  });
});

describe('isRefusal', () => {
  const stateOf = (hostname: string): Reported => ({
    v: 1,
    atMs: noon,
    protocol: 1,
    version: '2',
    hostname,
    platform: 'linux',
    addresses: [],
    peers: [],
    desiredRevision: 3,
    folders: [],
  });
  const failure = (run: Promise<void>): Promise<unknown> =>
    run.then(
      () => undefined,
      (error: unknown) => error,
    );

  test('text and numbers that a column cannot hold are the rows’ fault', async () => {
    const nul = await failure(store.saveReported([{ agent: alice, reported: stateOf('a\0b'), receivedAtMs: noon }]));
    expect(store.isRefusal(nul)).toBe(true);
  });

  test('a database that is away is not', async () => {
    const nowhere = createPrisma('postgres://nobody@127.0.0.1:1/none');
    const away = await failure(createIngestStore(nowhere).savePresence([{ agent: alice, online: true }]));
    expect(away).toBeDefined();
    expect(store.isRefusal(away)).toBe(false);
    await nowhere.$disconnect();
  });

  test.each([undefined, new Error('deadlock detected'), { meta: 1 }])('%s is not', (error) => {
    expect(store.isRefusal(error)).toBe(false);
  });
});
