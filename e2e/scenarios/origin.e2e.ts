/** Nextcloud slow, broken, closed, changed or gone: rules of shared/nextcloud/api.md section 0. Right bytes arrive or none; nobody is asked twice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Desired, type OriginGrant, SignedText } from '@harp/broker/protocol';
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

/** The link of the folder that a PC has on its disk. */
function linkOf(agent: Agent): OriginGrant {
  const signed = SignedText.parse(JSON.parse(readFileSync(join(agent.stateDir, 'control/desired.json'), 'utf8')));
  const link = Desired.parse(JSON.parse(signed.text)).folders[0]?.origin;
  if (!link) throw new Error(`${agent.name} has no link`);
  return link;
}

/** Reads a file with nothing but a link, as anybody can. @returns the status */
async function read({ url, dialect, token, password = '' }: OriginGrant, path: string): Promise<number> {
  const newDav = dialect === 'public-dav';
  const user = newDav ? 'anonymous' : token;
  const answer = await fetch(`${url}/public.php/${newDav ? `dav/files/${token}` : 'webdav'}/${path}`, {
    headers: {
      'x-requested-with': 'XMLHttpRequest',
      ...(newDav && password === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }),
    },
  });
  await answer.body?.cancel();
  return answer.status;
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

describe('a PC is revoked while its office downloads', () => {
  const UNDER_WAY = 60_000_000;
  /** On a quiet machine 5 s are promised. */
  const DEAD_WITHIN_MS = 20_000;
  let requestsRefused: number;

  test('a revoked PC’s link serves nothing', async () => {
    await put('small.bin', 100);
    const [gone] = (await world.addAgents('north', ['gone'])) as [Agent];
    await world.delivered([gone, ...north], FOLDER, ['small.bin']);
    const link = linkOf(gone);
    expect(await read(link, 'small.bin')).toBe(200);
    // Whoever has taken its link needs no agent.
    await gone.process.stop();

    await world.cloud.control.call('setWanRate', { bytesPerSecond: 4_000_000, label: 'north' });
    const before = (await world.cloud.stats('north')).bodyBytes;
    await put('under-way.bin', UNDER_WAY);
    await until(
      'the download is under way',
      async () => (await world.cloud.stats('north')).bodyBytes > before + 2_000_000,
      60_000,
      20,
    );
    requestsRefused = (await stats()).unidentified.requests;
    const startMs = performance.now();
    await world.server.harpJson('agent', 'revoke', gone.id);
    let answered = 200;
    await until(
      'the link is refused',
      async () => {
        answered = await read(link, 'small.bin');
        return answered !== 200;
      },
      60_000,
      100,
    );
    const tookMs = performance.now() - startMs;
    console.info(`a revoked PC's link was dead ${Math.round(tookMs)} ms after harp agent revoke was called`);
    expect([401, 404]).toContain(answered);
    expect(tookMs).toBeLessThan(DEAD_WITHIN_MS);
    expect((await world.cloud.stats('north')).bodyBytes - before, 'is still under way').toBeLessThan(UNDER_WAY);
  });

  test('those who are left go on with another one, and what is new arrives', async () => {
    await world.cloud.control.call('setWanRate', { bytesPerSecond: null, label: 'north' });
    await put('after-revocation.bin');
    await world.delivered([...north, ...east], FOLDER, ['under-way.bin', 'after-revocation.bin']);
    const links = [...north, ...east].map((agent) => linkOf(agent).token);
    expect(new Set(links).size).toBe(2);
  });

  test('none of them asked with the dead one, or was blocked', async () => {
    // One of them is this test's own.
    expect((await stats()).unidentified.requests - requestsRefused).toBe(1);
    const blocked = (await world.events()).filter(
      ({ kind, agentId, body }) =>
        kind === 'folder.blocked' && body.code === 'origin.unauthorised' && agentId !== east[0]?.id,
    );
    expect(blocked).toEqual([]);
  });
});

test('no wrong and no half file ever showed', async () => {
  await watch.stop();
});
