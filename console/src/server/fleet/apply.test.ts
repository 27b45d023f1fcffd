import { createNotifier } from '@harp/prisma';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FleetDocument } from '../../api/schemas.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

let server: ServerHarness;
beforeEach(async () => {
  server = await serverHarness();
});
afterEach(() => server[Symbol.asyncDispose]());

const declared = FleetDocument.parse({
  nextclouds: [{ name: 'main', url: 'https://c.example/', user: 'harp', password: 'secret' }],
  offices: [{ name: 'north', subnets: ['10.1.0.0/16'] }, { name: 'south' }],
  folders: [{ name: 'Projects', nextcloud: 'main', path: '/Projects/', offices: ['north', 'south'] }],
});
const apply = (document: FleetDocument, options: { dryRun?: boolean; prune?: boolean } = {}) =>
  server.fleet.apply(document, { dryRun: false, prune: false, ...options }, server.changes);
const counts = async () => [
  await server.database.nextcloud.count(),
  await server.database.office.count(),
  await server.database.folder.count(),
  await server.database.folderOffice.count(),
];

test('applying twice changes nothing', async () => {
  expect((await apply(declared)).changes).toHaveLength(6);
  const before = await server.database.nextcloud.findMany();
  expect(await apply(declared)).toEqual({ changes: [], unlisted: [] });
  expect(await server.database.nextcloud.findMany()).toEqual(before);
  expect(await counts()).toEqual([1, 2, 1, 2]);
});

test('a dry run says the same and does nothing', async () => {
  const dry = await apply(declared, { dryRun: true });
  expect(await counts()).toEqual([0, 0, 0, 0]);
  expect(await apply(declared)).toEqual(dry);
});

test('two applies at once give the same fleet as one', async () => {
  const results = await Promise.all([apply(declared), apply(declared)]);
  expect(results.map(({ changes }) => changes.length).sort()).toEqual([0, 6]);
  expect(await counts()).toEqual([1, 2, 1, 2]);
});

test('the password is sealed at rest, and a new connection is tried anew', async () => {
  await apply(declared);
  await server.database.nextcloud.updateMany({
    data: { errorCode: 'origin.unauthorised', errorDetail: 'x', davUser: 'me' },
  });
  const sealed = (await server.database.nextcloud.findFirstOrThrow()).passwordSealed;
  expect(sealed).not.toContain('secret');
  const changed = { ...declared, nextclouds: [{ ...declared.nextclouds[0]!, password: 'another' }] };
  expect((await apply(changed)).changes).toMatchObject([{ action: 'update', kind: 'nextcloud', detail: 'password' }]);
  const row = await server.database.nextcloud.findFirstOrThrow();
  expect(row).toMatchObject({ errorCode: null, errorDetail: null, davUser: null });
  expect(row.passwordSealed).not.toBe(sealed);
});

test('a new folder starts an empty chain at one spelling of its path', async () => {
  await apply(declared);
  expect(await server.database.folder.findFirstOrThrow()).toMatchObject({
    path: '/Projects',
    seq: 0,
    link: '0'.repeat(64),
    indexedAt: null,
  });
});

test('a conflict changes nothing at all', async () => {
  await apply(declared);
  const moved = {
    ...declared,
    offices: [...declared.offices, { name: 'west', subnets: [] }],
    folders: [{ ...declared.folders[0]!, path: '/Elsewhere' }],
  };
  await expect(apply(moved)).rejects.toMatchObject({
    code: 'fleet.conflict',
    problems: [{ field: 'folders[0].path' }],
  });
  expect(await counts()).toEqual([1, 2, 1, 2]);
});

describe('with prune', () => {
  const token = { id: 'tok-1', secretHash: 'h', uses: 1, expiresAt: new Date(0) };
  const agent = {
    hostname: 'pc',
    platform: 'linux',
    version: '1',
    certificateSerial: '1',
    certificateEndsAt: new Date(0),
  };

  test('everything that is not declared goes, with what hangs on it', async () => {
    await apply(declared);
    const north = await server.database.office.findUniqueOrThrow({ where: { name: 'north' } });
    await server.database.enrolmentToken.create({ data: { ...token, officeId: north.id } });
    await server.database.agent.create({ data: { ...agent, id: 'a', officeId: north.id, revokedAt: new Date(0) } });
    await server.database.folderOffice.updateMany({ where: { officeId: north.id }, data: { shareId: '42' } });
    const { changes } = await apply(FleetDocument.parse({}), { prune: true });
    expect(changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'folder Projects',
      'office north',
      'office south',
      'nextcloud main',
    ]);
    expect(await counts()).toEqual([0, 0, 0, 0]);
  });

  test('an office with living agents stays, and so does everything else', async () => {
    await apply(declared);
    const north = await server.database.office.findUniqueOrThrow({ where: { name: 'north' } });
    await server.database.agent.create({ data: { ...agent, id: 'a', officeId: north.id } });
    await expect(apply(FleetDocument.parse({}), { prune: true })).rejects.toMatchObject({ code: 'fleet.conflict' });
    expect(await counts()).toEqual([1, 2, 1, 2]);
  });

  test('an office taken from a folder loses its share', async () => {
    await apply(declared);
    const less = { ...declared, folders: [{ ...declared.folders[0]!, offices: ['south'] }] };
    await apply(less);
    expect((await counts())[3]).toBe(2);
    await apply(less, { prune: true });
    expect((await counts())[3]).toBe(1);
  });
});

test('whoever listens is told when a change is committed, and not otherwise', async () => {
  const heard: string[] = [];
  const notifier = createNotifier(server.databaseUrl);
  using _listening = notifier.listen('harp_fleet', (payload) => void heard.push(payload));
  // An empty payload says that listening has become effective: what is sent before is not heard.
  await expect.poll(() => heard).toEqual(['']);
  heard.length = 0;
  await apply(declared, { dryRun: true });
  await apply(declared);
  await apply(declared);
  await notifier.notify('harp_fleet', 'end');
  await expect.poll(() => heard).toContain('end');
  await notifier.close();
  expect(heard).toEqual(['', 'end']);
});

test('ten thousand offices are applied within seconds', { timeout: 60_000 }, async () => {
  const many = FleetDocument.parse({ offices: Array.from({ length: 10_000 }, (_, i) => ({ name: `office ${i}` })) });
  const startedAt = performance.now();
  await apply(many);
  await apply(many);
  expect(performance.now() - startedAt).toBeLessThan(45_000);
});
