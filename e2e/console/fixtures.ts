/** One world for all browser tests: a server with pages, two offices, real agents, delivered files. */
import { test as base } from '@playwright/test';
import type { Agent } from '../harness/fleet.ts';
import { startWorld, type World } from '../harness/world.ts';

export const FOLDER = 'Projects';
export const ADMIN = { name: 'admin', password: 'a long enough password' } as const;

export interface Stage {
  world: World;
  agents: Agent[];
}

export const test = base.extend<object, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies of a fixture from this pattern
    async ({}, use) => {
      const world = await startWorld({
        // With the workshop: what is seldom seen in a healthy fleet is looked at there.
        server: { ui: 'on', env: { HARP_WORKSHOP: '1' } },
        offices: ['north', 'south'],
      });
      await world.cloud.putGenerated(`/${FOLDER}/plans/bridge.dwg`, 5_000_000, 1);
      await world.cloud.putGenerated(`/${FOLDER}/notes.txt`, 1200, 2);
      await world.cloud.putGenerated(`/${FOLDER}/<img src=x onerror=alert(1)>.txt`, 300, 3);
      await world.distribute(FOLDER, []);
      await world.indexed(FOLDER, 3);
      const agents = [
        ...(await world.addAgents('north', ['north-1', 'north-2'])),
        ...(await world.addAgents('south', ['south-1'])),
      ];
      // PCs that run already know their neighbours: each byte crosses the line once, which is a figure that tests look at.
      await world.distribute(FOLDER, ['north', 'south']);
      await world.delivered(agents, FOLDER, ['plans/bridge.dwg', 'notes.txt']);
      await use({ world, agents });
      await world.dispose();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

export { expect } from '@playwright/test';
