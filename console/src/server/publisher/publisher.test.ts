import {
  type AgentId,
  Desired,
  type FolderId,
  GENESIS_LINK,
  type OfficeId,
  openSigned,
  type ParsedTopic,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, verifyEd25519 } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSecrets } from '../keys/secrets.ts';
import { silentLogger, systemRandom } from '../ports.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { officeContent, onlyRosterGrew } from './desired.ts';
import { sharePlace } from './fleet-rows.ts';
import type { MqttLinkEvents } from './mqtt-link.ts';
import { createPublisher, type Publisher } from './publisher.ts';

const signer = createSigner(generateSigningKeyPem());
const secrets = createSecrets(systemRandom(32), systemRandom);
const officeId = 'off-aaaaaaaaaaaaaaaa' as OfficeId;
const folderId = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const agent = (letter: string) => letter.repeat(52) as AgentId;
let db: TestDatabase;
let prisma: PrismaClient;

beforeAll(async () => {
  db = await createTestDatabase();
  prisma = createPrisma(db.url, { poolSize: 4 });
}, 60_000);
afterAll(async () => {
  await prisma.$disconnect();
  await db.drop();
});

async function addAgent(letter: string): Promise<void> {
  await prisma.agent.create({
    data: {
      id: agent(letter),
      officeId,
      hostname: letter,
      platform: 'linux',
      version: '1',
      certificateSerial: '1',
      certificateEndsAt: new Date(0),
    },
  });
}

interface Office {
  clock: FakeClock;
  publisher: Publisher;
  events: MqttLinkEvents;
  making: Set<string>;
  /** What was published since the last call, by topic. */
  sent(): Promise<Map<string, Desired | 'cleared' | 'head'>>;
  reportAddresses(letter: string, addresses: string[]): void;
}

function office(): Office {
  const clock = fakeClock();
  const making = new Set<string>();
  let published = new Map<string, Desired | 'cleared' | 'head'>();
  let events: MqttLinkEvents | undefined;
  const publisher = createPublisher({
    prisma,
    secrets,
    signer,
    clock,
    logger: silentLogger,
    onChange: () => {},
    openShares: () => ({ sync: () => {}, suspect: () => {}, beingMade: () => making, stop: async () => {} }),
    openLink: (given) => {
      events = given;
      return {
        connected: true,
        close: async () => {},
        async publish(topic, message, payload) {
          if (payload === '') published.set(topic, 'cleared');
          else if (message === 'head') published.set(topic, 'head');
          else {
            published.set(
              topic,
              openSigned('harp/desired/v1', JSON.parse(payload), Desired, [signer.key], verifyEd25519),
            );
          }
        },
      };
    },
  });
  publisher.start();
  return {
    clock,
    publisher,
    making,
    events: events as unknown as MqttLinkEvents,
    async sent() {
      await publisher.settled();
      const result = published;
      published = new Map();
      return result;
    },
    reportAddresses(letter, addresses) {
      const topic: ParsedTopic = { message: 'reported', agentId: agent(letter) };
      const reported = {
        v: 1,
        atMs: 0,
        protocol: 1,
        version: '1',
        hostname: letter,
        platform: 'linux',
        addresses,
        peers: [],
        desiredRevision: 0,
        folders: [],
      };
      (events as unknown as MqttLinkEvents).onMessage(topic, Buffer.from(JSON.stringify(reported)));
    },
  };
}

const desiredTopic = (letter: string) => `harp/v1/agent/${agent(letter)}/desired`;

describe('desired', () => {
  beforeEach(async () => {
    for (const table of ['folderOffice', 'folder', 'nextcloud', 'agent', 'office'] as const) {
      await (prisma[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
    }
    await prisma.office.create({ data: { id: officeId, name: 'North', subnets: [] } });
    await prisma.nextcloud.create({
      data: { id: 'nxc-aaaaaaaaaaaaaaaa', name: 'cloud', url: 'https://cloud/nc/', userName: 'u', passwordSealed: '' },
    });
    await prisma.folder.create({
      data: { id: folderId, name: 'Plans', nextcloudId: 'nxc-aaaaaaaaaaaaaaaa', path: 'P', link: GENESIS_LINK },
    });
    await addAgent('a');
    await addAgent('b');
  });

  const assign = (share: boolean) =>
    prisma.folderOffice.create({
      data: {
        folderId,
        officeId,
        ...(share
          ? {
              shareId: '1',
              dialect: 'public-webdav',
              tokenSealed: secrets.seal(sharePlace({ folderId, officeId }, 'tokenSealed'), 'tok'),
            }
          : {}),
      },
    });

  test('reaches every agent once, and again only when something changed', async () => {
    const { publisher, sent } = office();
    expect([...(await sent()).keys()].sort()).toEqual([desiredTopic('a'), desiredTopic('b')]);
    publisher.refresh();
    expect((await sent()).size).toBe(0);
    await assign(true);
    publisher.refresh();
    const after = await sent();
    expect(after.get(desiredTopic('a'))).toMatchObject({
      revision: 2,
      folders: [{ id: folderId, origin: { token: 'tok', url: 'https://cloud/nc', dialect: 'public-webdav' } }],
      roster: [
        { agent: agent('a'), folders: [folderId] },
        { agent: agent('b'), folders: [folderId] },
      ],
    });
    await publisher.stop();
  });

  test('waits a moment for a share that is being made, then goes out without it', async () => {
    const { publisher, sent, making, clock } = office();
    await sent();
    await assign(false);
    making.add(`${folderId}/${officeId}`);
    publisher.refresh();
    expect((await sent()).size).toBe(0);
    await clock.advance(400);
    expect((await sent()).get(desiredTopic('a'))).toMatchObject({ folders: [{ id: folderId, origin: null }] });
    await publisher.stop();
  });

  test('a link goes out in the next step while more are being made, and at once with the last', async () => {
    const { publisher, sent, making, clock } = office();
    await sent();
    making.add(`fld-bbbbbbbbbbbbbbbb/${officeId}`);
    await prisma.folder.create({
      data: {
        id: 'fld-bbbbbbbbbbbbbbbb',
        name: 'Photos',
        nextcloudId: 'nxc-aaaaaaaaaaaaaaaa',
        path: 'Q',
        link: GENESIS_LINK,
      },
    });
    await prisma.folderOffice.create({ data: { folderId: 'fld-bbbbbbbbbbbbbbbb', officeId } });
    await assign(false);
    publisher.refresh();
    await sent();
    await clock.advance(400);
    expect((await sent()).size).toBe(2);
    await prisma.folderOffice.deleteMany({ where: { folderId } });
    await assign(true);
    publisher.refresh();
    expect((await sent()).size).toBe(0);
    await clock.advance(2000);
    expect((await sent()).get(desiredTopic('a'))).toMatchObject({
      folders: [{ origin: { token: 'tok' } }, { origin: null }],
    });
    await prisma.folderOffice.deleteMany({ where: { folderId } });
    await assign(false);
    publisher.refresh();
    expect((await sent()).size).toBe(0);
    making.clear();
    publisher.refresh();
    expect((await sent()).get(desiredTopic('a'))).toMatchObject({ folders: [{ origin: null }, { origin: null }] });
    await publisher.stop();
  });

  test('news of the roster go out in steps, a newcomer itself is told at once', async () => {
    const { publisher, sent, clock, reportAddresses } = office();
    await sent();
    await addAgent('c');
    publisher.refresh();
    expect([...(await sent()).keys()]).toEqual([desiredTopic('c')]);
    reportAddresses('c', ['10.0.0.3:1']);
    await clock.advance(100);
    expect((await sent()).size).toBe(0);
    await clock.advance(2000);
    const step = await sent();
    expect([...step.keys()].sort()).toEqual(['a', 'b', 'c'].map(desiredTopic));
    expect((step.get(desiredTopic('a')) as Desired).roster[2]).toMatchObject({ addresses: ['10.0.0.3:1'] });
    await publisher.stop();
  });

  test('a revoked agent leaves the roster at once, and what was retained for it is cleared', async () => {
    const { publisher, sent } = office();
    await sent();
    await prisma.agent.update({ where: { id: agent('b') }, data: { revokedAt: new Date(0) } });
    publisher.refresh();
    const after = await sent();
    expect(after.get(desiredTopic('b'))).toBe('cleared');
    expect((after.get(desiredTopic('a')) as Desired).roster.map((member) => member.agent)).toEqual([agent('a')]);
    await publisher.stop();
  });

  test('after a reconnection everything is said again, and what belongs to nobody is cleared', async () => {
    const { publisher, sent, events } = office();
    const before = (await sent()).get(desiredTopic('a')) as Desired;
    events.onConnect();
    events.onMessage({ message: 'desired', agentId: agent('z') }, Buffer.from('{}'));
    events.onMessage({ message: 'head', folderId: 'fld-zzzzzzzzzzzzzzzz' as FolderId }, Buffer.from('{}'));
    publisher.refresh();
    const after = await sent();
    expect(after.get(desiredTopic('a'))).toMatchObject({ revision: before.revision, roster: before.roster });
    expect(after.get(desiredTopic('z'))).toBe('cleared');
    expect(after.get('harp/v1/folder/fld-zzzzzzzzzzzzzzzz/head')).toBe('cleared');
    await publisher.stop();
  });
});

test.each([
  { name: 'one more agent', change: { agents: ['a', 'b', 'c'] }, grew: true },
  { name: 'one agent less', change: { agents: ['a'] }, grew: false },
  { name: 'an agent exchanged', change: { agents: ['a', 'c'] }, grew: false },
  { name: 'another policy', change: { wanStreams: 7 }, grew: false },
])('$name: only the roster grew → $grew', ({ change, grew }) => {
  const content = ({ agents = ['a', 'b'], wanStreams = 4 }: { agents?: string[]; wanStreams?: number }) =>
    officeContent({
      id: officeId,
      name: 'North',
      policy: { wanStreams, stallMs: 8000, enrolBeacon: true },
      folders: [],
      agents: agents.map((letter) => ({ id: agent(letter), addresses: [], desiredRevision: 0, desiredDigest: '' })),
    });
  expect(onlyRosterGrew(content({}), content(change))).toBe(grew);
});
