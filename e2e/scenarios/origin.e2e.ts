/** Nextcloud slow, broken, closed, changed or gone: rules of shared/nextcloud/api.md section 0. Right bytes arrive or none; nobody is asked twice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../harness/fleet.ts';
import { type FileWatch, watchFiles } from '../harness/invariants.ts';
import { stays, until } from '../harness/process.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';
import type { Fault } from '../stand-in/wire/faults.ts';

const FOLDER = 'Projects';
const SIZE = 3_000_000;
/** Long enough for three polls of Harp. */
const QUIET_MS = 3200;
let world: World;
let north: Agent[];
let east: Agent[];
let watch: FileWatch;

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'east'] });
  await world.cloud.putGenerated(`/${FOLDER}/first.bin`, SIZE, 'first');
  await world.distribute(FOLDER, ['north', 'east']);
  [north, east] = await Promise.all([world.addAgents('north', ['pc1', 'pc2']), world.addAgents('east', ['pc3'])]);
  watch = watchFiles(world.cloud, [...north, ...east], FOLDER);
  await watch.allow('first.bin');
  await world.delivered([...north, ...east], FOLDER, ['first.bin']);
});
afterAll(() => world?.dispose());

async function put(path: string, sizeBytes = SIZE): Promise<void> {
  await world.cloud.putGenerated(`/${FOLDER}/${path}`, sizeBytes, path);
  await watch.allow(path);
}

const faultsLeft = async () => (await world.cloud.control.call('listFaults', {})).length;
const stats = () => world.cloud.control.call('stats', {});
const statuses = async (label: string, status: number) => (await stats()).perLabel[label]?.statuses[status] ?? 0;

/** What the console says is wrong with the folder. */
async function folderError(): Promise<string | null> {
  return (await world.status()).folders[0]?.error?.code ?? null;
}

/** Requests made as the user whose password Harp has, or with one that is wrong. */
async function consoleRequests(): Promise<number> {
  const { perUser, unidentified } = await stats();
  return (perUser[world.cloud.user]?.requests ?? 0) + unidentified.requests;
}

const maintenance = 'OCA\\DAV\\Exception\\ServerMaintenanceMode';

describe('while a file is indexed', () => {
  test.each<{ what: string; fault: Fault; count: number }>([
    { what: 'comes short', fault: { kind: 'short-body', afterBytes: 1_000_000 }, count: 2 },
    { what: 'is cut by a reset', fault: { kind: 'reset', afterBytes: 1_000_000 }, count: 2 },
    { what: 'comes slowly', fault: { kind: 'slow', bytesPerSecond: 1_500_000 }, count: 1 },
    { what: 'is answered with 500', fault: { kind: 'status', status: 500 }, count: 1 },
    { what: 'is of a version that is replaced meanwhile', fault: { kind: 'changed-mid-read' }, count: 1 },
  ])('an answer that $what ends in the right bytes everywhere', async ({ what, fault, count }) => {
    const path = `indexed-${what.replaceAll(' ', '-')}.bin`;
    await world.cloud.control.call('addFault', {
      match: { method: 'GET', pathPrefix: `/${FOLDER}/${path}`, count },
      fault,
    });
    await put(path);
    await until('the fault has struck', async () => (await faultsLeft()) === 0);
    // A replaced version has other bytes than were put.
    await world.cloud.reread(`/${FOLDER}/${path}`);
    await watch.allow(path);
    await world.delivered([...north, ...east], FOLDER, [path]);
  });
});

describe('while an office downloads', () => {
  test.each<{ what: string; fault: Fault; count: number }>([
    { what: 'comes short', fault: { kind: 'short-body', afterBytes: 700_000 }, count: 2 },
    { what: 'is cut by a reset', fault: { kind: 'reset', afterBytes: 700_000 }, count: 2 },
    { what: 'comes slowly', fault: { kind: 'slow', bytesPerSecond: 2_500_000 }, count: 1 },
    { what: 'brings wrong bytes', fault: { kind: 'corrupt' }, count: 2 },
    { what: 'brings the whole file instead of a range', fault: { kind: 'ignore-range' }, count: 1 },
    { what: 'is answered with 500', fault: { kind: 'status', status: 500 }, count: 1 },
    { what: 'is answered with 429 for two seconds', fault: { kind: 'status', status: 429, retryAfter: 2 }, count: 1 },
    {
      what: 'is answered with maintenance for two seconds',
      fault: { kind: 'status', status: 503, retryAfter: 2, exception: maintenance },
      count: 1,
    },
  ])('an answer that $what ends in the right bytes', async ({ what, fault, count }) => {
    const path = `downloaded-${what.replaceAll(' ', '-')}.bin`;
    await world.cloud.control.call('addFault', { match: { method: 'GET', label: 'north', count }, fault });
    // More than a run, so that a range is asked for and not the whole file.
    await put(path, 9_000_000);
    await world.delivered([...north, ...east], FOLDER, [path]);
    expect(await faultsLeft(), 'the fault struck').toBe(0);
  });

  test('a file that changes in between: ranges of the old version are refused, the new one arrives, neither half', async () => {
    await world.cloud.control.call('setWanRate', { bytesPerSecond: 4_000_000, label: 'north' });
    const before = (await world.cloud.stats('north')).bodyBytes;
    // Many more runs than the office has streams: some are asked for after the change, whoever owns which.
    await put('changing.bin', 80_000_000);
    await until(
      'the download is under way',
      async () => (await world.cloud.stats('north')).bodyBytes > before + 2_000_000,
      60_000,
      20,
    );
    // Harp hears of the change only after the PCs have asked for more of the old version.
    const { id } = await world.cloud.control.call('addFault', {
      match: { method: 'PROPFIND' },
      fault: { kind: 'delay', ms: 8000 },
    });
    await world.cloud.putGenerated(`/${FOLDER}/changing.bin`, 5_000_000, 'changed');
    // The streams under way end at once, and the next runs are asked for.
    await world.cloud.control.call('setWanRate', { bytesPerSecond: null, label: 'north' });
    await watch.allow('changing.bin');
    await until('a range of the old version is refused', async () => (await statuses('north', 412)) > 0, 60_000);
    await world.cloud.control.call('removeFault', { id });
    await world.delivered([...north, ...east], FOLDER, ['changing.bin']);
  });
});

describe('maintenance', () => {
  test('is said in /folders, and everything to Nextcloud pauses', async () => {
    await world.cloud.control.call('setMaintenance', { on: true });
    await put('during-maintenance.bin');
    await until('the console says so', async () => (await folderError()) === 'origin.maintenance');
  });

  test('an office goes on sharing: a new PC gets everything from its neighbours', async () => {
    const before = await world.cloud.stats('north');
    const [late] = (await world.addAgents('north', ['late'])) as [Agent];
    await world.delivered([late], FOLDER, ['first.bin', 'changing.bin']);
    expect((await world.cloud.stats('north')).requests).toBe(before.requests);
  });

  test('when it is over, work goes on by itself', async () => {
    await world.cloud.control.call('setMaintenance', { on: false });
    await world.delivered([...north, ...east], FOLDER, ['during-maintenance.bin']);
    await until('the console says no more of it', async () => (await folderError()) === null);
  });
});

describe('the office’s share is deleted in Nextcloud', () => {
  test('its PCs stop using it at the first refusal and say so', async () => {
    const [row] = await sql(
      world.server,
      `SELECT f."shareId" AS id FROM "FolderOffice" f JOIN "Office" o ON o.id = f."officeId" WHERE o.name = 'east'`,
    );
    await world.cloud.control.call('deleteLink', { id: String(row?.id) });
    const before = (await stats()).unidentified.requests;
    await put('unshared.bin', 9_000_000);
    await world.event(
      'folder.blocked',
      ({ agentId, body }) => agentId === east[0]?.id && body.code === 'origin.unauthorised',
    );
    // One for each download that was under way: four streams at most.
    expect((await stats()).unidentified.requests - before).toBeLessThanOrEqual(4);
  });

  test('the console makes a new one, and the file arrives', async () => {
    await world.delivered(east, FOLDER, ['unshared.bin']);
    await world.event('folder.unblocked', ({ agentId }) => agentId === east[0]?.id);
  });

  test('the other office noticed nothing', async () => {
    await world.delivered(north, FOLDER, ['unshared.bin']);
    const blocked = (await world.events()).filter(
      ({ kind, agentId }) => kind === 'folder.blocked' && agentId !== east[0]?.id,
    );
    expect(blocked.filter(({ body }) => body.code === 'origin.unauthorised')).toEqual([]);
  });
});

describe('the password changes in Nextcloud', () => {
  test('the first 401 stops the credential: /folders says so, and no further request is made with it', async () => {
    await world.cloud.changePassword('another horse');
    await until('the console says so', async () => (await folderError()) === 'origin.unauthorised');
    const requests = await consoleRequests();
    await stays('Nextcloud is left alone', async () => (await consoleRequests()) === requests, QUIET_MS);
  });

  test('after harp apply with the right one, work goes on', async () => {
    await put('after-401.bin');
    await world.distribute(FOLDER, ['north', 'east']);
    await world.delivered([...north, ...east], FOLDER, ['after-401.bin']);
    await until('the console says no more of it', async () => (await folderError()) === null);
  });
});

describe('Nextcloud blocks the data centre (429)', () => {
  test('it is left alone, and /folders says so', async () => {
    const { id } = await world.cloud.control.call('addFault', {
      match: { method: 'PROPFIND' },
      fault: { kind: 'status', status: 429 },
    });
    await until('the console says so', async () => (await folderError()) === 'origin.throttled');
    await world.cloud.control.call('removeFault', { id });
    const requests = await consoleRequests();
    await stays('Nextcloud is left alone', async () => (await consoleRequests()) === requests, QUIET_MS);
  });

  test('with other credentials it is asked again', async () => {
    await world.cloud.changePassword('third horse');
    await put('after-429.bin');
    await world.distribute(FOLDER, ['north', 'east']);
    await world.delivered([...north, ...east], FOLDER, ['after-429.bin']);
  });
});

test('no wrong and no half file ever showed', async () => {
  await watch.stop();
});
