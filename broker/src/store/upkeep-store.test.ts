import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { retention } from '../jobs/jobs.ts';
import { createUpkeepStore, type UpkeepStore } from './upkeep-store.ts';

const agentId = 'a'.repeat(52);
const folderId = 'fld-aaaaaaaaaaaaaaaa';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const noon = Date.UTC(2026, 10, 22, 12);

let database: TestDatabase;
let prisma: PrismaClient;
let store: UpkeepStore;
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.url);
  store = createUpkeepStore(prisma);
}, 60_000);
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  await prisma.sample.deleteMany();
  await prisma.sampleMinute.deleteMany();
  await prisma.sampleHour.deleteMany();
  await prisma.rollupMark.deleteMany();
});

const sample = (atMs: number, fromOrigin: number, folder = folderId) =>
  prisma.sample.create({
    data: {
      agentId,
      folderId: folder,
      at: new Date(atMs),
      intervalMs: 10_000,
      fromPeers: 1n,
      fromOrigin: BigInt(fromOrigin),
      fromLocal: 0n,
      served: 0n,
      wasted: 0n,
    },
  });
const rollUp = async (nowMs: number, lateMs = 15 * MINUTE_MS) => {
  await store.rollUp('minute', { nowMs, lateMs });
  await store.rollUp('hour', { nowMs, lateMs });
};
const iso = (at: Date) => at.toISOString().slice(11, 16);
const minutes = async () =>
  (await prisma.sampleMinute.findMany({ orderBy: { at: 'asc' } })).map((row) => `${iso(row.at)} ${row.fromOrigin}`);
const hours = async () =>
  (await prisma.sampleHour.findMany({ orderBy: { at: 'asc' } })).map((row) => `${iso(row.at)} ${row.fromOrigin}`);

describe('rollUp', () => {
  test('sums by minute and hour, the start of the interval being its name', async () => {
    await sample(noon - 1, 1);
    await sample(noon, 10);
    await sample(noon + 59_999, 100);
    await sample(noon + MINUTE_MS, 1_000);
    await rollUp(noon + 2 * MINUTE_MS);
    expect(await minutes()).toEqual(['11:59 1', '12:00 110', '12:01 1000']);
    expect(await hours()).toEqual(['11:00 1', '12:00 1110']);
  });

  test('a second run changes nothing', async () => {
    await sample(noon, 5);
    await rollUp(noon + MINUTE_MS);
    await rollUp(noon + MINUTE_MS);
    expect([await minutes(), await hours()]).toEqual([['12:00 5'], ['12:00 5']]);
  });

  test.each([
    { name: 'within the window is taken in', lateMs: 10 * MINUTE_MS, expected: ['11:52 7'] },
    { name: 'beyond the window waits for the slow run', lateMs: 16 * MINUTE_MS, expected: [] },
  ])('a sample that comes late $name', async ({ lateMs, expected }) => {
    await rollUp(noon);
    await sample(noon + 2 * MINUTE_MS - lateMs, 7);
    await rollUp(noon + 2 * MINUTE_MS);
    expect(await minutes()).toEqual(expected);
    await rollUp(noon + 2 * MINUTE_MS, 26 * HOUR_MS);
    expect(await minutes()).toHaveLength(1);
    expect(await hours()).toEqual(['11:00 7']);
  });

  test('a minute under way is completed by the next run', async () => {
    await sample(noon, 1);
    await rollUp(noon + 30_000);
    await sample(noon + 40_000, 2);
    await rollUp(noon + 90_000);
    expect([await minutes(), await hours()]).toEqual([['12:00 3'], ['12:00 3']]);
  });

  test('a broker that was down for three days catches up', async () => {
    await rollUp(noon);
    await sample(noon + MINUTE_MS, 4);
    await rollUp(noon + 3 * DAY_MS);
    expect(await minutes()).toEqual(['12:01 4']);
  });

  test('folders are summed apart, and a clock that is ahead is not lost', async () => {
    await sample(noon, 1);
    await sample(noon, 2, 'fld-bbbbbbbbbbbbbbbb');
    await sample(noon + 20 * HOUR_MS, 3);
    await rollUp(noon + MINUTE_MS);
    expect(await minutes()).toHaveLength(3);
  });

  test('two brokers that run at the same time agree', async () => {
    await sample(noon, 5);
    await Promise.allSettled([rollUp(noon + MINUTE_MS), rollUp(noon + MINUTE_MS)]);
    await rollUp(noon + MINUTE_MS);
    expect(await hours()).toEqual(['12:00 5']);
  });
});

describe('deleteOld', () => {
  test('keeps samples for two days and roll-ups longer', async () => {
    for (const days of [0, 1, 3]) await sample(noon - days * DAY_MS, days);
    await rollUp(noon, 4 * DAY_MS);
    expect(await store.deleteOld(retention, noon)).toBe(1);
    expect(await prisma.sample.count()).toBe(2);
    expect(await prisma.sampleMinute.count()).toBe(3);
    await rollUp(noon + 31 * DAY_MS);
    expect(await store.deleteOld(retention, noon + 31 * DAY_MS)).toBe(2 + 3);
    expect(await prisma.sampleHour.count()).toBe(3);
  });

  test('no sample goes before it has been rolled up', async () => {
    await sample(noon - 10 * DAY_MS, 1);
    expect(await store.deleteOld(retention, noon)).toBe(0);
    await rollUp(noon, 11 * DAY_MS);
    expect(await store.deleteOld(retention, noon)).toBe(1);
    expect(await minutes()).toEqual(['12:00 1']);
  });

  test('what the next roll-up sums again stays, however old: a minute never loses what it had', async () => {
    await sample(noon + 10_000, 1);
    await rollUp(noon + 30_000);
    await sample(noon + 40_000, 2);
    await store.deleteOld(retention, noon + 3 * DAY_MS);
    await rollUp(noon + 3 * DAY_MS);
    expect([await minutes(), await hours()]).toEqual([['12:00 3'], ['12:00 3']]);
  });

  test('forgets who asked to be let in when nothing was heard of it for 90 days', async () => {
    for (const [id, days] of [
      ['enr-old', 91],
      ['enr-new', 89],
    ] as const) {
      const said = { csr: '', hostname: 'pc', platform: 'linux', version: '1', seenAddress: '::1', via: 'file' };
      const at = new Date(noon - days * DAY_MS);
      await prisma.enrolmentRequest.create({
        data: { id, agentId: id, ...said, state: 'enrolled', ticketHash: '', createdAt: at, lastSeenAt: at },
      });
    }
    expect(await store.deleteOld(retention, noon)).toBe(1);
    expect(await prisma.enrolmentRequest.findMany({ select: { id: true } })).toEqual([{ id: 'enr-new' }]);
    await prisma.enrolmentRequest.deleteMany();
  });

  test('deletes in portions until nothing is left', async () => {
    await prisma.$executeRaw`
      INSERT INTO "ReportReceipt" ("id", "agentId", "receivedAt")
      SELECT 'r' || n, ${agentId}, ${new Date(noon)}::timestamp FROM generate_series(1, 25000) AS n`;
    expect(await store.deleteOld(retention, noon + 29 * DAY_MS)).toBe(0);
    expect(await store.deleteOld(retention, noon + 31 * DAY_MS)).toBe(25_000);
  });
});

describe('markSilentOffline', () => {
  test.each([
    { name: 'heard a minute ago', lastSeenAt: new Date(noon - MINUTE_MS), online: true },
    { name: 'heard five minutes ago', lastSeenAt: new Date(noon - 5 * MINUTE_MS), online: false },
    { name: 'never heard', lastSeenAt: null, online: false },
  ])('an agent $name is online: $online', async ({ lastSeenAt, online }) => {
    await prisma.office.upsert({
      where: { id: 'off-aaaaaaaaaaaaaaaa' },
      create: { id: 'off-aaaaaaaaaaaaaaaa', name: 'Berlin' },
      update: {},
    });
    const data = {
      officeId: 'off-aaaaaaaaaaaaaaaa',
      hostname: 'pc',
      platform: 'linux',
      version: '1',
      certificateSerial: '01',
      certificateEndsAt: new Date(noon),
      online: true,
      lastSeenAt,
    };
    await prisma.agent.upsert({ where: { id: agentId }, create: { id: agentId, ...data }, update: data });
    expect(await store.markSilentOffline(noon - 4 * MINUTE_MS)).toEqual(online ? [] : [agentId]);
    expect((await prisma.agent.findUniqueOrThrow({ where: { id: agentId } })).online).toBe(online);
  });
});

describe('what a whole fleet is shown from', () => {
  const bytes = { fromPeers: 10n, fromOrigin: 20n, fromLocal: 30n, served: 0n, wasted: 0n };
  const office = (name: string) => `off-${name.repeat(16)}`;
  const agentOf = (letter: string) => letter.repeat(52);

  beforeEach(async () => {
    await prisma.agent.deleteMany();
    await prisma.office.deleteMany();
    await prisma.officeTraffic.deleteMany();
    await prisma.officeCensus.deleteMany();
    for (const name of ['n', 's']) await prisma.office.create({ data: { id: office(name), name } });
    const agent = { hostname: 'pc', platform: 'linux', certificateSerial: '1', certificateEndsAt: new Date(noon) };
    await prisma.agent.createMany({
      data: [
        { ...agent, id: agentOf('a'), officeId: office('n'), version: '1', online: true },
        { ...agent, id: agentOf('b'), officeId: office('n'), version: '2' },
        { ...agent, id: agentOf('c'), officeId: office('s'), version: '2', online: true },
        { ...agent, id: agentOf('d'), officeId: office('s'), version: '2', revokedAt: new Date(noon) },
      ],
    });
  });

  test('offices have the sums of their PCs in every step, however often they are made', async () => {
    const at = (minute: number) => new Date(noon + minute * MINUTE_MS);
    await prisma.sampleMinute.createMany({
      data: [
        { agentId: agentOf('a'), folderId, at: at(1), ...bytes },
        { agentId: agentOf('b'), folderId, at: at(1), ...bytes },
        { agentId: agentOf('a'), folderId, at: at(2), ...bytes },
        { agentId: agentOf('c'), folderId, at: at(9), ...bytes },
      ],
    });
    for (const lateMs of [15 * MINUTE_MS, HOUR_MS]) await store.rollUpOffices({ nowMs: noon + 10 * MINUTE_MS, lateMs });
    const order = [{ stepMinutes: 'asc' as const }, { at: 'asc' as const }];
    const fleet = await prisma.officeTraffic.findMany({ where: { officeId: '' }, orderBy: order });
    expect(fleet.map(({ stepMinutes, fromPeers }) => [stepMinutes, fromPeers])).toEqual([
      [1, 20n],
      [1, 10n],
      [1, 10n],
      [5, 30n],
      [5, 10n],
      [60, 40n],
      [360, 40n],
      [1440, 40n],
    ]);
    const rows = await prisma.officeTraffic.findMany({
      where: { officeId: { not: '' } },
      orderBy: [...order, { officeId: 'asc' }],
    });
    expect(
      rows.map(({ officeId, stepMinutes, at, fromPeers }) => [officeId, stepMinutes, at.getTime() - noon, fromPeers]),
    ).toEqual([
      [office('n'), 1, MINUTE_MS, 20n],
      [office('n'), 1, 2 * MINUTE_MS, 10n],
      [office('s'), 1, 9 * MINUTE_MS, 10n],
      [office('n'), 5, 0, 30n],
      [office('s'), 5, 5 * MINUTE_MS, 10n],
      [office('n'), 60, 0, 30n],
      [office('s'), 60, 0, 10n],
      [office('n'), 360, 0, 30n],
      [office('s'), 360, 0, 10n],
      [office('n'), 1440, -12 * HOUR_MS, 30n],
      [office('s'), 1440, -12 * HOUR_MS, 10n],
    ]);
  });

  test('samples are summed as they are stored, once, and no roll-up takes from that', async () => {
    const sampleOf = (letter: string, atMs: number) => ({
      ...bytes,
      agentId: agentOf(letter),
      folderId,
      at: new Date(atMs),
      intervalMs: 10_000,
    });
    await prisma.sample.createMany({ data: [sampleOf('a', noon), sampleOf('b', noon + 59_999), sampleOf('c', noon)] });
    await store.rollUp('minute', { nowMs: noon + MINUTE_MS, lateMs: HOUR_MS });
    await prisma.sample.createMany({ data: [sampleOf('a', noon), sampleOf('a', noon + 1)], skipDuplicates: true });
    // The minutes of agents do not know the last sample yet.
    await store.rollUpOffices({ nowMs: noon + MINUTE_MS, lateMs: HOUR_MS });
    const rows = await prisma.officeTraffic.findMany({ orderBy: [{ stepMinutes: 'asc' }, { officeId: 'asc' }] });
    expect(rows.slice(0, 6).map(({ officeId, stepMinutes, fromPeers }) => [officeId, stepMinutes, fromPeers])).toEqual([
      ['', 1, 40n],
      [office('n'), 1, 30n],
      [office('s'), 1, 10n],
      ['', 5, 40n],
      [office('n'), 5, 30n],
      [office('s'), 5, 10n],
    ]);
  });

  test('an agent that lies about its bytes does not end the roll-ups', async () => {
    const lie = BigInt(Number.MAX_SAFE_INTEGER);
    const all = { fromPeers: lie, fromOrigin: lie, fromLocal: lie, served: lie, wasted: lie };
    await prisma.$executeRaw`
      INSERT INTO "Sample" ("agentId", "folderId", "at", "intervalMs", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
      SELECT ${agentOf('a')}, ${folderId}, ${new Date(noon)}::timestamp + make_interval(secs => n), 1, ${lie}, ${lie}, ${lie}, ${lie}, ${lie}
      FROM generate_series(1, 3000) n`;
    await rollUp(noon + HOUR_MS);
    await store.rollUpOffices({ nowMs: noon + HOUR_MS, lateMs: HOUR_MS });
    await rollUp(noon + HOUR_MS);
    expect(await prisma.sampleHour.findMany({ select: { fromPeers: true, served: true } })).toEqual([
      { fromPeers: all.fromPeers, served: all.served },
    ]);
    expect((await prisma.officeTraffic.findMany({ where: { stepMinutes: 1440 } })).map(({ wasted }) => wasted)).toEqual(
      [lie, lie],
    );
  });

  test('sums go with what they are made of, short steps before long ones', async () => {
    const at = new Date(noon);
    const ofSteps = [1, 5, 60, 360, 1440].map((stepMinutes) => ({ officeId: office('n'), stepMinutes, at }));
    await prisma.officeTraffic.createMany({ data: ofSteps.map((row) => ({ ...row, ...bytes })) });
    await prisma.officeCensus.createMany({
      data: ofSteps.slice(1, 4).map((row) => ({ ...row, agents: 1, online: 1 })),
    });
    const left = async () => [await prisma.officeTraffic.count(), await prisma.officeCensus.count()];
    await store.deleteOld(retention, noon + 31 * DAY_MS);
    // Nothing says yet that the minutes were rolled up.
    expect(await left()).toEqual([5, 2]);
    await prisma.rollupMark.create({ data: { name: 'office', at: new Date(noon + 31 * DAY_MS) } });
    await store.deleteOld(retention, noon + 31 * DAY_MS);
    expect(await left()).toEqual([3, 2]);
    await store.deleteOld(retention, noon + 731 * DAY_MS);
    expect(await left()).toEqual([0, 0]);
  });

  test('the census counts who is there and keeps the most of a slot', async () => {
    await store.takeCensus(noon + MINUTE_MS);
    await prisma.agent.update({ where: { id: agentOf('a') }, data: { online: false } });
    await store.takeCensus(noon + 4 * MINUTE_MS);
    const slot = new Date(noon);
    const order = [{ stepMinutes: 'asc' as const }, { officeId: 'asc' as const }];
    expect(await prisma.officeCensus.findMany({ orderBy: order })).toEqual(
      [5, 60, 360].flatMap((stepMinutes) => [
        { officeId: office('n'), stepMinutes, at: slot, agents: 2, online: 1 },
        { officeId: office('s'), stepMinutes, at: slot, agents: 1, online: 1 },
      ]),
    );
    expect(await prisma.versionCensus.findMany({ orderBy: { version: 'asc' } })).toEqual([
      { version: '1', at: slot, agents: 1, online: 1 },
      { version: '2', at: slot, agents: 2, online: 1 },
    ]);
  });

  test('deliveries are summed as they are stored, and once', async () => {
    const delivery = { folderId, seq: 7, fromPeers: 1n, fromOrigin: 2n, fromLocal: 3n };
    const data = [
      { ...delivery, agentId: agentOf('a'), at: new Date(noon + 30_000), tookMs: 5 },
      { ...delivery, agentId: agentOf('b'), at: new Date(noon + 90_000), tookMs: 9 },
    ];
    await prisma.delivery.createMany({ data });
    await prisma.delivery.createMany({ data, skipDuplicates: true });
    expect(await prisma.officeFile.findMany()).toEqual([
      {
        folderId,
        seq: 7,
        officeId: office('n'),
        agents: 2,
        fromPeers: 2n,
        fromOrigin: 4n,
        fromLocal: 6n,
        firstAt: new Date(noon + 30_000),
        lastAt: new Date(noon + 90_000),
        tookMsMax: 9,
      },
    ]);
    const delivered = await prisma.officeDelivered.findMany({ orderBy: [{ stepMinutes: 'asc' }, { at: 'asc' }] });
    expect(delivered.map(({ stepMinutes, at, files }) => [stepMinutes, at.getTime() - noon, files])).toEqual([
      [1, 0, 1],
      [1, MINUTE_MS, 1],
      [60, 0, 2],
      [1440, -12 * HOUR_MS, 2],
    ]);
  });
});
