/** Server and Nextcloud are away: an office goes on sharing what the last head names, and tells about it later. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TransferPage } from '../../console/src/api/schemas.ts';
import { folderStatusOf, statusOf } from '../harness/agent-status.ts';
import { type Agent, restartServer } from '../harness/fleet.ts';
import { type FileWatch, watchFiles } from '../harness/invariants.ts';
import { until } from '../harness/process.ts';
import { sizeOf, startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const paths = ['large.bin', 'plans/medium.bin', 'plans/small.txt'];
const SIZES = [12_000_000, 3_000_000, 700];
/** 2 MB/s: a PC can be switched off while the large file is under way. */
const WAN_MBIT = 16;
let world: World;
let neighbours: Agent[];
let absent: Agent;
let watch: FileWatch;

beforeAll(async () => {
  world = await startWorld({ cloud: { wanMbit: WAN_MBIT } });
  for (const [index, path] of paths.entries())
    await world.cloud.putGenerated(`/${FOLDER}/${path}`, SIZES[index] ?? 0, path);
  await world.distribute(FOLDER, []);
  await world.indexed(FOLDER, paths.length);
  neighbours = await world.addAgents('north', ['pc1', 'pc2']);
  [absent] = (await world.addAgents('north', ['absent'])) as [Agent];
  watch = watchFiles(world.cloud, [...neighbours, absent], FOLDER);
  await watch.allow(...paths);
});
afterAll(() => world?.dispose());

test('a PC hears of a folder, and is switched off before it has all of it', async () => {
  await world.distribute(FOLDER, ['north']);
  await until('it has verified the chain', () => folderStatusOf(absent, FOLDER)?.seq === paths.length);
  await absent.process.kill();
  await world.delivered(neighbours, FOLDER, paths);
  expect(sizeOf(join(absent.filesDir, FOLDER, 'large.bin'))).toBeUndefined();
});

test('it starts while server and Nextcloud are away, and gets everything from its neighbours', async () => {
  await until('the neighbours’ deliveries are stored', async () => (await deliveries('large.bin')) === 2);
  await world.server.process.stop();
  await world.cloud.stop();
  absent = await world.restart(absent);
  await world.delivered([absent], FOLDER, paths);
});

test('it proves them with what it has: harp-agent verify works without a server', async () => {
  const { code, stdout } = await absent.cli('verify', '--state', absent.stateDir, '--files', absent.filesDir, '--json');
  expect(code, stdout).toBe(0);
});

test('its reports wait on its disk, through a restart too', async () => {
  await until('reports wait', () => (statusOf(absent)?.outbox.reports ?? 0) > 0);
  await absent.process.kill();
  absent = await world.restart(absent);
  await until('they still wait', () => (statusOf(absent)?.outbox.reports ?? 0) > 0);
});

test('when the server is back they arrive, once, with Nextcloud still away', async () => {
  world.server = await restartServer(world.server);
  for (const path of paths) await until(`${path} is reported`, async () => (await deliveries(path)) === 3, 60_000);
  const { transfers } = TransferPage.parse(await world.server.api('/transfers?limit=50'));
  const large = transfers.find(({ path }) => path === 'large.bin');
  expect((large?.fromPeers ?? 0) + (large?.fromOrigin ?? 0) + (large?.fromLocal ?? 0)).toBe(3 * (SIZES[0] ?? 0));
  await until('the console counts it as complete', async () => {
    const { offices } = await world.coverage(FOLDER);
    return offices[0]?.agentsComplete === 3;
  });
});

test('no half file ever showed', async () => {
  await watch.stop();
});

/** How many PCs have reported a file. */
async function deliveries(path: string): Promise<number> {
  const { transfers } = TransferPage.parse(await world.server.api('/transfers?limit=50'));
  return transfers.find((transfer) => transfer.path === path)?.agentsDone ?? 0;
}
