/**
 * Takes pictures of every view into the ignored folder screenshots/: in four themes, on four widths, at 200 %, in German and in a language that
 * is longer; with data, empty, loading and failing; of a small fleet that runs and of ten thousand PCs. For people to look at.
 *
 *   npm run screenshots [-- part of a name …]        office-throughput, hc-dark, german, large …
 */
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { root, startServer } from '../harness/fleet.ts';
import { addLargeFleet, hearFromLargeFleet } from '../harness/large-fleet.ts';
import { startWorld } from '../harness/world.ts';
import { launchOptions } from './browser.ts';
import { picturesOfAStorm, picturesOfIdentity } from './identity-views.ts';
import { LARGE, picturesOfTenThousand } from './large-fleet-views.ts';
import { createPictures, type Site, signUp } from './pictures.ts';
import {
  pictureOfReadme,
  picturesOfData,
  picturesOfNothing,
  picturesOfTrouble,
  picturesUnderWay,
} from './small-fleet-views.ts';

const FOLDER = 'Projects';
const folder = `${root}screenshots`;
mkdirSync(folder, { recursive: true });

/** Only pictures with one of these in their name; all when none is given. */
const wanted = process.argv.slice(2);
const browser = await chromium.launch(launchOptions);
const take = createPictures({
  browser,
  folder,
  wants: (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  onFailure(name, cause) {
    process.exitCode = 1;
    process.stderr.write(`${name}: ${String(cause).split('\n')[0]}\n`);
  },
});
const isLarge = (part: string) => part.startsWith('large');

// Starting a fleet takes longer than its pictures: one that nobody asked for is not started.
if (wanted.length === 0 || !wanted.every(isLarge)) await ofSmallFleet();
if (wanted.length === 0 || wanted.some((part) => isLarge(part))) await ofLargeFleet();
await browser.close();
process.stderr.write(`screenshots: ${folder}\n`);
process.exit();

async function ofSmallFleet(): Promise<void> {
  const world = await startWorld({ server: { ui: 'on' }, offices: ['north', 'south'], cloud: { wanMbit: 50 } });
  const { url, setupCode } = world.server;
  const nobody: Site = { url, state: undefined };
  await take(nobody, 'setup', { show: (page) => page.locator('form input').first().waitFor() });
  const site: Site = { url, state: await signUp(browser, url, setupCode ?? '') };
  await take(nobody, 'sign-in', { show: (page) => page.locator('input[type="password"]').waitFor() });
  await picturesOfNothing(take, site);

  await world.cloud.putSampleTree(`/${FOLDER}`, { megabytes: 20 });
  await world.distribute(FOLDER, ['north', 'south']);
  const agents = [
    ...(await world.addAgents('north', ['reception', 'design', 'workshop'])),
    ...(await world.addAgents('south', ['front-desk', 'site-office'])),
  ];
  await world.indexed(FOLDER, 518);
  await world.cloud.putGenerated(`/${FOLDER}/in flight.bin`, 40_000_000, 5);
  await world.delivered(agents.slice(0, 1), FOLDER, ['empty.dat']);
  await picturesUnderWay(take, site, world);
  await world.delivered(agents, FOLDER, ['in flight.bin', 'empty.dat']);
  await picturesOfData(take, site, world);
  await pictureOfReadme(take, site);
  await picturesOfTrouble(take, site, world);
  await picturesOfIdentity(take, { site, nobody }, world);
  await agents[0]?.process.stop();
  await take(site, 'one-offline', { path: '/o/north', show: (page) => page.locator('h1').first().waitFor() });
  await world.dispose();
}

async function ofLargeFleet(): Promise<void> {
  const server = await startServer({ ui: 'on' });
  const fleet = await addLargeFleet(server, LARGE);
  const site: Site = { url: server.url, state: await signUp(browser, server.url, server.setupCode ?? '') };
  await hearFromLargeFleet(server);
  const heard = setInterval(() => void hearFromLargeFleet(server), 60_000);
  await picturesOfTenThousand(take, site, fleet);
  await picturesOfAStorm(take, site, server);
  clearInterval(heard);
  await server.process.stop();
}
