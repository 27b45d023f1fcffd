/**
 * Takes pictures of every view into the ignored folder screenshots/: in four themes, on four widths, with data, empty, loading and failing. For
 * people to look at.
 *
 *   npm run screenshots [-- part of a name …]
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

/** Only pictures with one of these in their name; all when none is given. */
const wanted = process.argv.slice(2);

const world = await startWorld({ server: { ui: 'on' }, offices: ['north', 'south'], cloud: { wanMbit: 50 } });
const browser = await chromium.launch(launchOptions);
const looks = [
  { name: 'dark', theme: 'dark', width: 1440, height: 900 },
  { name: 'light', theme: 'light', width: 1440, height: 900 },
  { name: 'hc-dark', theme: 'hc-dark', width: 1440, height: 900 },
  { name: 'hc-light', theme: 'hc-light', width: 1440, height: 900 },
  { name: '1024', theme: 'dark', width: 1024, height: 768 },
  { name: '768', theme: 'dark', width: 768, height: 1024 },
  { name: '320', theme: 'dark', width: 320, height: 640 },
] as const;

type StorageState = Awaited<ReturnType<Awaited<ReturnType<typeof browser.newContext>>['storageState']>>;
let state: StorageState = { cookies: [], origins: [] };

interface View {
  path?: string;
  /** Spoils the page before it is opened. */
  before?(page: Page): Promise<unknown>;
  show(page: Page): Promise<void>;
}

/** A picture per look. A view that cannot be shown is named and does not end the others. */
async function inEveryLook(name: string, { path = '/', before, show }: View): Promise<void> {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return;
  for (const { name: look, theme, width, height } of looks) {
    const colorScheme = theme.endsWith('light') ? 'light' : 'dark';
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, storageState: state });
    const page = await context.newPage();
    try {
      if (state.cookies.length > 0) await firstDay(page, theme);
      await before?.(page);
      await page.goto(new URL(path, world.server.url).href);
      await show(page);
      await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
    } catch (error) {
      process.exitCode = 1;
      process.stderr.write(`${name}-${look}: ${String(error).split('\n')[0]}\n`);
    }
    await page.screenshot({ path: `${folder}/${name}-${look}.png` });
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  }
}

/** A workbench as on the first day, in this theme. */
async function firstDay(page: Page, theme: string): Promise<void> {
  const { url } = world.server;
  for (const [key, value] of Object.entries({
    layout: {},
    keybindings: {},
    filters: {},
    settings: { 'workbench.theme': theme },
  })) {
    await page.request.put(`${url}/api/v1/me/state/${key}`, { data: { value }, headers: { origin: url } });
  }
}

const seen = (words: string) => async (page: Page) => page.getByText(words).first().waitFor();
const headed = (words: string) => async (page: Page) =>
  page.getByRole('heading', { level: 1, name: words }).first().waitFor();

/** Runs a command of the palette. */
async function run(page: Page, command: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.keyboard.type(command);
  await page.locator('[role="option"][aria-selected="true"]', { hasText: command }).waitFor();
  await page.keyboard.press('Enter');
}

await inEveryLook('setup', { show: async (page) => page.getByLabel('One-time code').waitFor() });
{
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(world.server.url);
  await page.getByLabel('One-time code').fill(world.server.setupCode ?? '');
  await page.getByLabel('Name').fill(admin.name);
  await page.getByLabel('Password').fill(admin.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('tree').first().waitFor();
  const { cookies } = await context.storageState();
  await context.close();
  await inEveryLook('sign-in', { show: async (page) => page.getByLabel('Password').waitFor() });
  state = { cookies: cookies.filter(({ name }) => !name.startsWith('harp-')), origins: [] };
}
await inEveryLook('empty', { show: seen('No offices yet') });
await inEveryLook('empty-content', {
  path: '/fleet',
  show: async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.press('2');
    await page.getByText('No folders yet').first().waitFor();
  },
});

await world.cloud.putSampleTree(`/${FOLDER}`, { megabytes: 20 });
await world.distribute(FOLDER, ['north', 'south']);
const agents = [
  ...(await world.addAgents('north', ['reception', 'design', 'workshop'])),
  ...(await world.addAgents('south', ['front-desk', 'site-office'])),
];
await world.indexed(FOLDER, 518);
await world.cloud.putGenerated(`/${FOLDER}/in flight.bin`, 40_000_000, 5);
await world.delivered(agents.slice(0, 1), FOLDER, ['empty.dat']);
const folderId = await world.folderId(FOLDER);
await inEveryLook('folder-under-way', { path: `/f/${folderId}`, show: headed(FOLDER) });
await world.delivered(agents, FOLDER, ['in flight.bin', 'empty.dat']);

await inEveryLook('start', { show: seen('Crossed the WAN') });
for (const tab of ['', '/agents', '/transfers', '/throughput']) {
  await inEveryLook(`office${tab.replace('/', '-')}`, { path: `/o/north${tab}`, show: headed('north') });
}
const agentId = await idOf('design');
for (const tab of ['', '/folders', '/peers', '/events', '/reported']) {
  await inEveryLook(`agent${tab.replace('/', '-')}`, { path: `/a/${agentId}${tab}`, show: headed('design') });
}
await inEveryLook('compare', {
  path: `/compare/${agentId}/${await idOf('front-desk')}`,
  show: headed('What is different?'),
});
await inEveryLook('fleet-table', { path: '/fleet', show: seen('front-desk') });
await inEveryLook('fleet-overview', { path: '/fleet/overview', show: seen('Which office is not sharing?') });
for (const tab of ['', '/coverage', '/time', '/chain']) {
  await inEveryLook(`folder${tab.replace('/', '-')}`, { path: `/f/${folderId}${tab}`, show: headed(FOLDER) });
}
for (const tab of ['versions', 'chunks', 'delivery', 'chain']) {
  await inEveryLook(`file-${tab}`, {
    path: `/f/${folderId}/file?path=in%20flight.bin&tab=${tab}`,
    show: headed('in flight.bin'),
  });
}
await inEveryLook('nextcloud', { path: '/n/cloud', show: headed('cloud') });
await inEveryLook('savings', { path: '/savings', show: seen('Which office is not sharing?') });
await inEveryLook('settings', { path: '/settings', show: headed('Settings') });
await inEveryLook('settings-json', { path: '/settings?view=both', show: headed('Settings') });
await inEveryLook('keyboard-shortcuts', { path: '/keyboard-shortcuts', show: headed('Keyboard Shortcuts') });
for (const [panel, command] of [
  ['problems', 'Problems: Show Problems'],
  ['output', 'Output: Show Output'],
  ['events', 'Events: Show Events'],
  ['transfers', 'Transfers: Show Transfers'],
  ['jobs', 'Jobs: Show Jobs'],
] as const) {
  await inEveryLook(`panel-${panel}`, { path: '/o/north', show: async (page) => run(page, command) });
}
await inEveryLook('palette', {
  path: '/o/north',
  show: async (page) => {
    await headed('north')(page);
    await page.keyboard.press('F1');
    await page.getByRole('option').first().waitFor();
  },
});
await inEveryLook('go-to-anything', {
  path: '/o/north',
  show: async (page) => {
    await headed('north')(page);
    await page.keyboard.press('Control+p');
    await page.keyboard.type('e');
    await page.getByRole('option').first().waitFor();
  },
});
await inEveryLook('split', {
  path: '/o/north',
  show: async (page) => {
    await headed('north')(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+\\');
    await run(page, 'Fleet: Open Table');
    await page.getByRole('grid', { name: 'PCs of the fleet' }).or(page.locator('.toast')).first().waitFor();
  },
});
await inEveryLook('content-tree', {
  path: `/f/${folderId}`,
  show: async (page) => {
    await run(page, 'Content: Reveal in Content Tree');
    await page.getByRole('tree', { name: 'Nextcloud folders and files' }).waitFor();
  },
});
await inEveryLook('not-found', { path: '/no/such/thing', show: seen('Nothing in Harp has the address') });

await inEveryLook('loading', {
  path: '/o/north',
  before: (page) =>
    page.route(/\/api\/v1\/(offices|agents|folders|transfers|traffic)/, async () => {
      // Never answered: that is what loading looks like.
    }),
  show: async (page) => page.locator('.skeleton').first().waitFor(),
});
await inEveryLook('error', {
  path: `/f/${folderId}`,
  before: (page) =>
    page.route(/\/api\/v1\/(folders|transfers)/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/json',
        body: JSON.stringify({
          error: { code: 'internal.unexpected', message: 'Something unexpected happened.', requestId: 'req-1' },
        }),
      }),
    ),
  show: async (page) => page.locator('.notice[role="alert"]').first().waitFor(),
});
await inEveryLook('disconnected', {
  path: '/o/north',
  before: (page) => page.route('**/api/v1/stream', (route) => route.abort()),
  show: headed('north'),
});
await agents[0]?.process.stop();
await inEveryLook('one-offline', { path: '/o/north', show: headed('north') });

await browser.close();
await world.dispose();
process.stderr.write(`screenshots: ${folder}\n`);
process.exit();

async function idOf(hostname: string): Promise<string> {
  const context = await browser.newContext({ storageState: state });
  const answer = await context.request.get(`${world.server.url}/api/v1/agents`);
  const listed = (await answer.json()) as { agents: { id: string; hostname: string }[] };
  await context.close();
  return listed.agents.find((agent) => agent.hostname === hostname)?.id ?? '';
}
