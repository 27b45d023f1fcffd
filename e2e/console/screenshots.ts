/**
 * Takes pictures of every screen into the ignored folder screenshots/: dark, light, narrow, with data. For people to look at.
 *
 *   npm run screenshots
 */
import { mkdirSync } from 'node:fs';
import { chromium, type Page } from '@playwright/test';
import { root } from '../harness/fleet.ts';
import { startWorld } from '../harness/world.ts';
import { launchOptions } from './browser.ts';

const FOLDER = 'Projects';
const admin = { name: 'admin', password: 'a long enough password' };
const folder = `${root}screenshots`;
mkdirSync(folder, { recursive: true });

const world = await startWorld({ server: { ui: 'on' }, offices: ['north', 'south'], cloud: { wanMbit: 50 } });
const browser = await chromium.launch(launchOptions);
const looks = [
  { name: 'dark', colorScheme: 'dark', width: 1440, height: 900 },
  { name: 'light', colorScheme: 'light', width: 1440, height: 900 },
  { name: 'tablet', colorScheme: 'dark', width: 768, height: 1024 },
  { name: 'phone', colorScheme: 'light', width: 320, height: 640 },
] as const;

async function inEveryLook(name: string, show: (page: Page) => Promise<void>): Promise<void> {
  for (const look of looks) {
    const context = await browser.newContext({
      colorScheme: look.colorScheme,
      viewport: { width: look.width, height: look.height },
      storageState: state,
    });
    const page = await context.newPage();
    await page.goto(world.server.url);
    await show(page);
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
    await page.screenshot({ path: `${folder}/${name}-${look.name}.png` });
    await context.close();
  }
}

type StorageState = Awaited<ReturnType<Awaited<ReturnType<typeof browser.newContext>>['storageState']>>;
let state: StorageState = { cookies: [], origins: [] };

await inEveryLook('setup', async (page) => page.getByLabel('One-time code').waitFor());
{
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(world.server.url);
  await page.getByLabel('One-time code').fill(world.server.setupCode ?? '');
  await page.getByLabel('Name').fill(admin.name);
  await page.getByLabel('Password').fill(admin.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByText('WAN saved').first().waitFor();
  const signedOut = state;
  state = await context.storageState();
  await context.close();
  const signedIn = state;
  state = signedOut;
  await inEveryLook('sign-in', async (page) => page.getByLabel('Password').waitFor());
  state = signedIn;
}
await inEveryLook('empty', async (page) => page.getByText('No offices yet').waitFor());

await world.cloud.putSampleTree(`/${FOLDER}`, { megabytes: 20 });
await world.distribute(FOLDER, ['north', 'south']);
const agents = [
  ...(await world.addAgents('north', ['reception', 'design', 'workshop'])),
  ...(await world.addAgents('south', ['front-desk', 'site-office'])),
];
await world.indexed(FOLDER, 518);
await world.cloud.putGenerated(`/${FOLDER}/in flight.bin`, 40_000_000, 5);
await world.delivered(agents.slice(0, 1), FOLDER, ['empty.dat']);
const openOffice = async (page: Page) => {
  await page
    .getByRole('treeitem')
    .filter({ hasText: /^north/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: 'north' }).waitFor();
};
const openFolder = async (page: Page) => {
  await page.getByRole('tab', { name: 'Content' }).click();
  await page.getByRole('treeitem').filter({ hasText: FOLDER }).click();
  await page.getByRole('heading', { level: 1, name: FOLDER }).waitFor();
};
await inEveryLook('folder-under-way', openFolder);
await world.delivered(agents, FOLDER, ['in flight.bin', 'empty.dat']);
await inEveryLook('overview', async (page) => page.getByText('Crossed the WAN').waitFor());
await inEveryLook('office', openOffice);
await inEveryLook('folder', openFolder);
await inEveryLook('agent', async (page) => {
  await page
    .getByRole('treeitem')
    .filter({ hasText: /complete|sync/ })
    .first()
    .click();
  await page.getByText('Identity').waitFor();
});
await inEveryLook('events', async (page) => page.getByRole('tab', { name: 'Events' }).click());
await agents[0]?.process.stop();
await inEveryLook('one-offline', openOffice);
await inEveryLook('error', async (page) => {
  await page.route('**/api/v1/folders', (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/json',
      body: JSON.stringify({
        error: { code: 'internal.unexpected', message: 'Something unexpected happened.', requestId: 'req-1' },
      }),
    }),
  );
  await page.getByRole('tab', { name: 'Content' }).click();
  await page.locator('.notice[role="alert"]').waitFor();
});
await browser.close();
await world.dispose();
process.stderr.write(`screenshots: ${folder}\n`);
process.exit(0);
