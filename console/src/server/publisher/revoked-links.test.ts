/** What a revoked PC knows: the links of its office end at Nextcloud however long that takes, and whoever is left gets new ones. */
import { type AgentId, Desired, type FolderId, GENESIS_LINK, HarpError, type OfficeId } from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { giveUpShares, HAND_OVER_MS, ORPHAN_PREFIX } from '../content/removal.ts';
import { createSecrets } from '../keys/secrets.ts';
import type { NextcloudClient, OcsRequest } from '../nextcloud/client.ts';
import type { OpenConnection } from '../nextcloud/connections.ts';
import { silentLogger, systemRandom } from '../ports.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { createShareKeeper, type ShareKeeper } from './share-keeper.ts';

const signer = createSigner(generateSigningKeyPem());
const secrets = createSecrets(systemRandom(32), systemRandom);
const north = 'off-nnnnnnnnnnnnnnnn' as OfficeId;
const south = 'off-ssssssssssssssss' as OfficeId;
const plans = 'fld-pppppppppppppppp' as FolderId;
const photos = 'fld-qqqqqqqqqqqqqqqq' as FolderId;
const [cloudA, cloudB] = ['nxc-aaaaaaaaaaaaaaaa', 'nxc-bbbbbbbbbbbbbbbb'] as const;
const agentId = (letter: string) => letter.repeat(52) as AgentId;
/** A real database answers when it likes. */
const SOON = { timeout: 20_000 };

let db: TestDatabase;
let prisma: PrismaClient;
let clouds: Map<string, ReturnType<typeof fakeCloud>>;
let clock: FakeClock;
let running: { publisher: Publisher; keeper: ShareKeeper };
/** Everything an agent was told, the newest last. */
let told: Map<AgentId, Desired[]>;

/** The links of a Nextcloud. */
function fakeCloud(name: string) {
  const links = new Map<string, { path: string; label: string; token: string }>();
  const cloud = {
    links,
    made: [] as string[],
    refusesToDelete: false,
    /** Called before the answer to a question for the links of a path. */
    beforeList: async () => {},
    tokens: () => [...links.values()].map(({ token }) => token),
    async ocs({ method, path, fields = {} }: OcsRequest) {
      const id = path.split('/').at(-1)!;
      if (method === 'GET') await cloud.beforeList();
      if (method === 'POST') {
        const made = String(cloud.made.length + 1);
        const token = `${name}-${fields.label}-${made}`;
        links.set(made, { path: fields.path!, label: fields.label!, token });
        cloud.made.push(token);
        return answer(record(made));
      }
      if (method === 'DELETE' && cloud.refusesToDelete) throw new HarpError('origin.unreachable', 'it is down');
      if (method === 'DELETE') links.delete(id);
      return answer(method === 'GET' ? [...links.keys()].filter((of) => isOf(of, fields.path!)).map(record) : []);
    },
  };
  const isOf = (id: string, path: string) => links.get(id)?.path === path;
  const record = (id: string) => ({
    id,
    share_type: 3,
    uid_owner: 'u',
    permissions: 17,
    item_type: 'folder',
    ...links.get(id),
  });
  const answer = (data: unknown) => ({
    status: 200,
    header: () => undefined,
    text: JSON.stringify({ ocs: { meta: { statuscode: 200 }, data } }),
  });
  return cloud;
}

beforeAll(async () => {
  db = await createTestDatabase();
  prisma = createPrisma(db.url, { poolSize: 4 });
}, 60_000);
afterAll(async () => {
  await prisma.$disconnect();
  await db.drop();
});

beforeEach(async () => {
  for (const table of ['setting', 'folderOffice', 'folder', 'nextcloud', 'agent', 'office'] as const) {
    await (prisma[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
  }
  for (const [id, name] of [
    [north, 'North'],
    [south, 'South'],
  ] as const)
    await prisma.office.create({ data: { id, name, subnets: [] } });
  for (const id of [cloudA, cloudB])
    await prisma.nextcloud.create({ data: { id, name: id, url: `https://${id}/`, userName: 'u', passwordSealed: '' } });
  for (const [id, nextcloudId, offices] of [
    [plans, cloudA, [north, south]],
    [photos, cloudB, [north]],
  ] as const)
    await prisma.folder.create({
      data: {
        id,
        name: id,
        nextcloudId,
        path: 'P',
        link: GENESIS_LINK,
        offices: { create: offices.map((officeId) => ({ officeId })) },
      },
    });
  for (const letter of 'abcde') await enrol(letter, north);
  await enrol('z', south);
  clouds = new Map([
    [cloudA, fakeCloud('A')],
    [cloudB, fakeCloud('B')],
  ]);
  clock = fakeClock();
  told = new Map();
  running = start();
  await expect.poll(() => [linkOf('a', plans), linkOf('a', photos), linkOf('z', plans)], SOON).not.toContain(undefined);
  // They were not made a moment ago.
  await clock.advance(10_000);
});
afterEach(() => running.publisher.stop());

async function enrol(letter: string, officeId: OfficeId): Promise<void> {
  const certificate = { certificateSerial: '1', certificateEndsAt: new Date(0) };
  const pc = { hostname: letter, platform: 'linux', version: '1' };
  await prisma.agent.create({ data: { id: agentId(letter), officeId, ...pc, ...certificate } });
}

function start(): typeof running {
  let keeper: ShareKeeper | undefined;
  const capabilities = async () => ({
    major: 28,
    sharing: { allowed: true, passwordEnforced: false, expiresWithinDays: null, federationOutgoing: true },
  });
  const publisher = createPublisher({
    prisma,
    secrets,
    signer,
    clock,
    logger: silentLogger,
    onChange: () => {},
    openShares: (onSettled) => {
      keeper = createShareKeeper({
        prisma,
        secrets,
        clock,
        random: systemRandom,
        logger: silentLogger,
        onSettled,
        connections: {
          use: (id, task) => {
            const client = { ocs: clouds.get(id)!.ocs, capabilities } as unknown as NextcloudClient;
            return task({ id, client, davUser: 'u' } as OpenConnection);
          },
        },
      });
      return keeper;
    },
    openLink: () => ({
      connected: true,
      close: async () => {},
      async publish(_topic, message, payload) {
        if (message !== 'desired' || payload === '') return;
        const desired = Desired.parse(JSON.parse((JSON.parse(payload) as { text: string }).text));
        told.set(desired.agent, [...(told.get(desired.agent) ?? []), desired]);
      },
    }),
  });
  publisher.start();
  return { publisher, keeper: keeper! };
}

/** As the console does it. */
async function revoke(letter: string): Promise<void> {
  const id = agentId(letter);
  await prisma.$transaction(async (tx) => {
    const { officeId } = await tx.agent.update({ where: { id }, data: { revokedAt: new Date(clock.nowMs()) } });
    await giveUpShares(tx, officeId as OfficeId, clock.nowMs());
  });
  running.publisher.refresh();
}

/** The token an agent was told last. */
function linkOf(letter: string, folder: FolderId): string | undefined {
  const desired = told.get(agentId(letter))?.at(-1);
  return desired?.folders.find(({ id }) => id === folder)?.origin?.token;
}

/** Every token an agent was ever told. */
function linksOf(letter: string): string[] {
  const all = told.get(agentId(letter))?.flatMap(({ folders }) => folders.flatMap(({ origin }) => origin?.token ?? []));
  return [...new Set(all)].sort();
}

const remembered = () => prisma.setting.count({ where: { key: { startsWith: ORPHAN_PREFIX } } });
/** Time passes while the database answers. */
const passing = async <T>(look: () => T, stepMs = 500): Promise<T> => {
  await clock.advance(stepMs);
  return look();
};

describe('a PC is revoked', () => {
  test('the links of its office are replaced and end, those of another office stay, and nobody knows another office’s', async () => {
    const { links } = clouds.get(cloudA)!;
    await revoke('b');
    await expect.poll(() => [linkOf('a', plans), linkOf('a', photos)], SOON).toEqual(['A-North-3', 'B-North-2']);
    // The ones who are left have the new link before the old one ends.
    expect([...links.values()].filter(({ label }) => label === 'North')).toHaveLength(2);
    await clock.advance(HAND_OVER_MS - 1);
    expect(links.size).toBe(3);
    await expect.poll(() => passing(() => clouds.get(cloudA)!.tokens().sort()), SOON).toHaveLength(2);
    await expect.poll(() => passing(() => clouds.get(cloudB)!.tokens()), SOON).toEqual(['B-North-2']);
    await expect.poll(remembered, SOON).toBe(0);

    const alive = [...clouds.values()].flatMap((cloud) => cloud.tokens());
    expect(alive.filter((token) => linksOf('b').includes(token))).toEqual([]);
    expect(linkOf('a', plans)).toBe(alive.find((token) => token.startsWith('A-North')));
    expect(linksOf('z')).toEqual([alive.find((token) => token.startsWith('A-South'))]);
    for (const letter of 'abcde') expect(linksOf(letter).filter((token) => token.includes('South'))).toEqual([]);
  });

  test('what cannot be deleted is tried again until it is, by the next process as well, and holds up no other Nextcloud', async () => {
    const [down, up] = [clouds.get(cloudA)!, clouds.get(cloudB)!];
    const old = linkOf('b', plans);
    down.refusesToDelete = true;
    await revoke('b');
    await expect.poll(() => passing(() => up.tokens()), SOON).toEqual(['B-North-2']);
    await expect.poll(remembered, SOON).toBe(1);
    await expect.poll(() => passing(() => linkOf('a', plans)), SOON).not.toBe(old);

    await running.publisher.stop();
    running = start();
    await clock.advance(60_000);
    expect(down.tokens()).toContain(old);
    expect(await remembered()).toBe(1);
    down.refusesToDelete = false;
    await expect.poll(() => passing(() => down.tokens().includes(old!)), SOON).toBe(false);
    await expect.poll(remembered, SOON).toBe(0);
    await expect.poll(() => passing(() => down.tokens().includes(linkOf('a', plans) ?? '')), SOON).toBe(true);
  });

  test('several one after the other: nobody of them knows a link that serves, and few are made', async () => {
    const { made } = clouds.get(cloudA)!;
    await revoke('b');
    await expect.poll(() => linkOf('a', plans), SOON).toBe('A-North-3');
    for (const letter of 'cde') await revoke(letter);
    // The office is told that it has none, which is better than one that ends.
    await expect.poll(() => told.get(agentId('a'))?.at(-1)?.roster.length, SOON).toBe(1);
    expect(linkOf('a', plans)).toBeUndefined();
    await expect.poll(() => passing(() => linkOf('a', plans)), SOON).toBe('A-North-4');
    expect(made).toHaveLength(4);
    await expect.poll(() => passing(() => clouds.get(cloudA)!.tokens().sort()), SOON).toHaveLength(2);
    const alive = [...clouds.values()].flatMap((cloud) => cloud.tokens());
    for (const letter of 'bcde') expect(alive.filter((token) => linksOf(letter).includes(token))).toEqual([]);
  });

  test('while its office’s link is being looked at: that one is not stored again', async () => {
    const cloud = clouds.get(cloudA)!;
    const old = linkOf('b', plans);
    let asked = () => {};
    let release = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    cloud.beforeList = () => {
      asked();
      return isReleased;
    };
    running.keeper.suspect(plans, north);
    await isAsked;
    await revoke('b');
    release();
    await expect.poll(() => passing(() => linkOf('a', plans)), SOON).toBe('A-North-3');
    await expect.poll(() => passing(() => cloud.tokens().includes(old!)), SOON).toBe(false);
  });

  test('a link that could not be made is made later, and is no way back to the old one', async () => {
    const cloud = clouds.get(cloudA)!;
    const old = linkOf('b', plans);
    cloud.refusesToDelete = true;
    cloud.beforeList = async () => {
      throw new HarpError('origin.unreachable', 'it is down');
    };
    await revoke('b');
    const where = { folderId_officeId: { folderId: plans, officeId: north } };
    await expect
      .poll(async () => (await prisma.folderOffice.findUnique({ where }))?.errorCode, SOON)
      .toBe('origin.unreachable');
    cloud.beforeList = async () => {};
    await expect.poll(() => passing(() => linkOf('a', plans), 5000), SOON).toBe('A-North-3');
    expect(cloud.tokens()).toContain(old);
    expect((await prisma.folderOffice.findUniqueOrThrow({ where })).errorCode).toBeNull();
  });
});
