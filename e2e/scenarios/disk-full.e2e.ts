/** A PC whose disk is full: it says so, keeps what it has, disturbs nobody, and goes on when there is room. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderStatusOf, statusOf } from '../harness/agent-status.ts';
import { type Agent, temporaryFolder } from '../harness/fleet.ts';
import { type FileWatch, watchFiles } from '../harness/invariants.ts';
import { until } from '../harness/process.ts';
import { mountSmallDisk, type SmallDisk } from '../harness/small-disk.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const paths = ['a.bin', 'b.bin', 'c.bin', 'd.bin'];
const SIZE = 8_000_000;

const folder = temporaryFolder('small');
const mounted = mountSmallDisk(join(folder, 'files'), 20);

if (typeof mounted === 'string') {
  test(`a full disk cannot be tried here: ${mounted}`, () => {
    expect(mounted).toMatch(/Linux|root|mounted/);
  });
} else {
  scenario(mounted);
}

function scenario(disk: SmallDisk): void {
  let world: World;
  let roomy: Agent;
  let small: Agent;
  let watch: FileWatch;

  beforeAll(async () => {
    world = await startWorld();
    for (const path of paths) await world.cloud.putGenerated(`/${FOLDER}/${path}`, SIZE, path);
    await world.distribute(FOLDER, []);
    await world.indexed(FOLDER, paths.length);
    [roomy] = (await world.addAgents('north', ['roomy'])) as [Agent];
    [small] = (await world.addAgents('north', ['small'], { folder })) as [Agent];
    await until('they have found each other', () => [roomy, small].every((agent) => statusOf(agent)?.peers.live === 1));
    watch = watchFiles(world.cloud, [roomy, small], FOLDER);
    await watch.allow(...paths);
    await world.distribute(FOLDER, ['north']);
  });
  afterAll(async () => {
    await world?.dispose();
    disk.unmount();
  });

  test('the folder is blocked there with disk.full, on the PC and in the console', async () => {
    await until('the agent says so', () => folderStatusOf(small, FOLDER)?.reason === 'disk.full', 60_000);
    expect(folderStatusOf(small, FOLDER)?.state).toBe('blocked');
    await world.event('folder.blocked', ({ agentId, body }) => agentId === small.id && body.code === 'disk.full');
    await until('the console says so', async () => {
      const { offices } = await world.coverage(FOLDER);
      const row = offices[0]?.agents.find(({ agentId }) => agentId === small.id);
      return row?.sync === 'blocked' && row.reason === 'disk.full';
    });
  });

  test('the other PC of the office gets everything', async () => {
    await world.delivered([roomy], FOLDER, paths);
    // What was on its way to the full disk is fetched once more by the other PC: two streams, a run each, and what the kernels held.
    expect((await world.cloud.stats('north')).duplicateBytes).toBeLessThan(2 * 8 * 2 ** 20 + 4_000_000);
  });

  test('it goes on when there is room, from its neighbour', async () => {
    const before = await world.cloud.stats('north');
    disk.resize(100);
    await world.delivered([small], FOLDER, paths);
    await world.event('folder.unblocked', ({ agentId }) => agentId === small.id);
    expect((await world.cloud.stats('north')).bodyBytes).toBe(before.bodyBytes);
  });

  test('no half file ever showed', async () => {
    await watch.stop();
  });
}
