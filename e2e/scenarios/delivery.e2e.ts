/** The main job: changes in Nextcloud become verified bytes on every PC of an office, over the WAN once. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Agent, temporaryFolder } from '../harness/fleet.ts';
import { until } from '../harness/process.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let agents: Agent[];

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/big.bin`, 20_000_000, 1);
  await world.cloud.putGenerated(`/${FOLDER}/plans/small.txt`, 1234, 2);
  await world.cloud.putGenerated(`/${FOLDER}/empty.txt`, 0, 3);
  await world.cloud.putGenerated(`/${FOLDER}/Größe/日本語 😀.txt`, 5000, 4);
  await world.distribute(FOLDER, []);
  await world.indexed(FOLDER, 4);
  agents = await world.addAgents('north', ['pc1', 'pc2', 'pc3']);
});
afterAll(() => world?.dispose());

describe('an office gets a folder', () => {
  test('every PC holds every file, and each byte crossed the WAN once', async () => {
    await world.distribute(FOLDER, ['north']);
    await world.delivered(agents, FOLDER, ['big.bin', 'plans/small.txt', 'empty.txt', 'Größe/日本語 😀.txt']);
    const usage = await world.cloud.stats('north');
    expect(usage.duplicateBytes).toBe(0);
    expect(usage.bodyBytes).toBeLessThan(20_006_234 * 1.01);
  });

  test('the console says so: coverage, transfers, sums', async () => {
    await until('the console knows that all PCs are complete', async () => {
      const { offices } = await world.coverage(FOLDER);
      return offices[0]?.agentsComplete === 3;
    });
    await until('all deliveries are stored', async () => {
      const answer = (await world.server.api('/transfers?limit=50')) as {
        transfers: { path: string; agentsDone: number; fromOrigin: number; fromPeers: number }[];
      };
      const big = answer.transfers.find(({ path }) => path === 'big.bin');
      return big?.agentsDone === 3 && big.fromOrigin === 20_000_000 && big.fromPeers === 40_000_000;
    });
  });

  test('harp verify finds the chain sound, harp-agent verify the files', async () => {
    expect(await world.server.harpJson('verify', FOLDER)).toMatchObject({ ok: true, entries: 4 });
    const verified = await agents[0]!.cli(
      'verify',
      '--state',
      agents[0]!.stateDir,
      '--files',
      agents[0]!.filesDir,
      '--json',
    );
    expect(verified.code, verified.stderr + verified.stdout).toBe(0);
  });
});

describe('changes', () => {
  test('a rename moves the file on every PC without a transfer', async () => {
    const before = await world.cloud.stats('north');
    const digest = await world.cloud.digest(`/${FOLDER}/big.bin`);
    await world.cloud.control.call('move', {
      user: world.cloud.user,
      from: `/${FOLDER}/big.bin`,
      to: `/${FOLDER}/plans/renamed.bin`,
    });
    for (const agent of agents) {
      await until('the file is at its new place', () => existsSync(join(agent.filesDir, FOLDER, 'plans/renamed.bin')));
      await until('and not at the old one', () => !existsSync(join(agent.filesDir, FOLDER, 'big.bin')));
    }
    expect(digest).toHaveLength(64);
    expect((await world.cloud.stats('north')).bodyBytes).toBe(before.bodyBytes);
  });

  test('an insertion in the middle costs the office about one chunk', async () => {
    await world.cloud.putGenerated(`/${FOLDER}/edited.bin`, 16_000_000, 7);
    await world.delivered(agents, FOLDER, ['edited.bin']);
    const before = await world.cloud.stats('north');
    await world.cloud.insert(`/${FOLDER}/edited.bin`, 8_000_000, 1024);
    await world.delivered(agents, FOLDER, ['edited.bin']);
    expect((await world.cloud.stats('north')).bodyBytes - before.bodyBytes).toBeLessThan(5_000_000);
  });

  test('a deletion in Nextcloud deletes on every PC', async () => {
    await world.cloud.control.call('remove', { user: world.cloud.user, path: `/${FOLDER}/empty.txt` });
    for (const agent of agents)
      await until('the file is gone', () => !existsSync(join(agent.filesDir, FOLDER, 'empty.txt')));
  });

  test('a file changed on a PC is kept aside and reported, never overwritten', async () => {
    const [agent] = agents;
    const place = join(agent!.filesDir, FOLDER, 'plans/small.txt');
    writeFileSync(place, 'my own notes');
    await world.cloud.putGenerated(`/${FOLDER}/plans/small.txt`, 4321, 9);
    await world.delivered(agents, FOLDER, ['plans/small.txt']);
    const event = await until('the event is stored', async () =>
      (await world.events()).find(({ kind }) => kind === 'file.kept_aside'),
    );
    expect(event.agentId).toBe(agent!.id);
    expect(readFileSync(join(agent!.filesDir, FOLDER, String(event.body.keptAs)), 'utf8')).toBe('my own notes');
  });

  test('a PC that enrols later costs the WAN nothing but entries', async () => {
    const before = await world.cloud.stats('north');
    const [late] = await world.addAgents('north', ['late']);
    await world.delivered([late!], FOLDER, ['edited.bin', 'plans/small.txt']);
    expect((await world.cloud.stats('north')).bodyBytes - before.bodyBytes).toBe(0);
    agents.push(late!);
  });

  test('files that are there already are adopted by hashing, not fetched', async () => {
    const before = await world.cloud.stats('north');
    const [copy] = await world.addAgents('north', ['adopter'], { folder: prefilled(agents[0]!) });
    await world.delivered([copy!], FOLDER, ['edited.bin']);
    expect((await world.cloud.stats('north')).bodyBytes).toBe(before.bodyBytes);
    await until('the adopter reports local bytes', async () => {
      const coverage = await world.coverage(FOLDER);
      return coverage.offices[0]?.agents.find(({ agentId }) => agentId === copy!.id)?.sync === 'complete';
    });
  });
});

/** A PC folder in which the files of another PC were already copied by hand. */
function prefilled(from: Agent): string {
  const folder = temporaryFolder('adopter');
  mkdirSync(join(folder, 'files'), { recursive: true });
  cpSync(join(from.filesDir, FOLDER), join(folder, 'files', FOLDER), { recursive: true });
  return folder;
}
