/** Pictures of a small fleet that really runs: every editor, panel, list and dialog, as it is from the first day on, with data, loading and failing. */
import type { Page, Route } from '@playwright/test';
import type { World } from '../harness/world.ts';
import { headed, type InEveryLook, type Look, run, type Site, says } from './pictures.ts';

const FOLDER = 'Projects';

/** What looks the same everywhere but for its colours and words is not taken on every width. */
const states: readonly Look[] = ['dark', 'light', 'hc-dark', '320', 'german'];

/** A console that nobody has given anything yet. */
export async function picturesOfNothing(take: InEveryLook, site: Site): Promise<void> {
  await take(site, 'empty', { show: (page) => page.locator('h1').first().waitFor() });
  await take(site, 'empty-content', {
    path: '/fleet',
    show: async (page) => {
      await page
        .getByRole('tab', { name: /^(Content|Inhalt|\[)/ })
        .first()
        .waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.press('2');
      await page.locator('.side-bar .notice').first().waitFor();
    },
  });
  await take(site, 'empty-fleet-table', { path: '/fleet', show: (page) => page.locator('.editor .notice').waitFor() });
  await take(site, 'empty-fleet-overview', { path: '/fleet/overview', show: (page) => page.locator('h1').waitFor() });
}

/** Files on their way to the PCs. */
export async function picturesUnderWay(take: InEveryLook, site: Site, world: World): Promise<void> {
  const folderId = await world.folderId(FOLDER);
  await take(site, 'under-way-folder', { path: `/f/${folderId}`, show: headed(FOLDER) });
  await take(site, 'under-way-transfers', {
    path: '/o/north',
    show: async (page) => {
      await headed('north')(page);
      await run(page, 'Transfers: Show Transfers');
    },
  });
}

/** Every view with what a working fleet shows in it. */
export async function picturesOfData(take: InEveryLook, site: Site, world: World): Promise<void> {
  const folderId = await world.folderId(FOLDER);
  const agents = await agentIds(world);
  const agentId = agents.get('design') ?? '';
  await take(site, 'start', { show: (page) => page.locator('.saved-value').waitFor() });
  for (const tab of ['', '/agents', '/transfers', '/throughput'])
    await take(site, `office${tab.replace('/', '-')}`, { path: `/o/north${tab}`, show: headed('north') });
  for (const tab of ['', '/folders', '/peers', '/events', '/reported'])
    await take(site, `agent${tab.replace('/', '-')}`, { path: `/a/${agentId}${tab}`, show: headed('design') });
  await take(site, 'compare', {
    path: `/compare/${agentId}/${agents.get('front-desk')}`,
    show: (page) => page.locator('.fleet-compare').waitFor(),
  });
  await take(site, 'fleet-table', { path: '/fleet', show: says('front-desk') });
  await take(site, 'fleet-overview', {
    path: '/fleet/overview',
    show: (page) => page.locator('.ranked-row').first().waitFor(),
  });
  for (const tab of ['', '/coverage', '/time', '/chain'])
    await take(site, `folder${tab.replace('/', '-')}`, { path: `/f/${folderId}${tab}`, show: headed(FOLDER) });
  for (const tab of ['versions', 'chunks', 'delivery', 'chain']) {
    await take(site, `file-${tab}`, {
      path: `/f/${folderId}/file?path=in%20flight.bin&tab=${tab}`,
      show: headed('in flight.bin'),
    });
  }
  await take(site, 'file-verified', {
    path: `/f/${folderId}/file?path=in%20flight.bin&tab=chain`,
    show: async (page) => {
      await page.locator('.content-verify .button').click();
      await page.locator('.content-verdict').waitFor();
    },
  });
  await take(site, 'nextcloud', { path: '/n/cloud', show: headed('cloud') });
  await take(site, 'savings', { path: '/savings', show: (page) => page.locator('.ranked-row').first().waitFor() });
  await take(site, 'savings-as-table', {
    path: '/savings',
    show: async (page) => {
      await page.locator('.chart-tools .link-button').first().click();
      await page.getByRole('row').nth(2).waitFor();
    },
  });
  await take(site, 'settings', { path: '/settings', show: (page) => page.locator('.setting').first().waitFor() });
  await take(site, 'settings-json', {
    path: '/settings?view=both',
    show: (page) => page.locator('textarea').waitFor(),
  });
  await take(site, 'keyboard-shortcuts', {
    path: '/keyboard-shortcuts',
    show: (page) => page.locator('.key-hint').first().waitFor(),
  });
  await take(site, 'key-recorder', {
    path: '/keyboard-shortcuts',
    looks: states,
    show: async (page) => {
      await page.getByRole('row').nth(3).dblclick();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Control+b');
    },
  });
  await take(site, 'not-found', { path: '/no/such/thing', show: (page) => page.locator('.watermark').waitFor() });
  for (const panel of ['Problems', 'Events', 'Output', 'Transfers', 'Jobs']) {
    await take(site, `panel-${panel.toLowerCase()}`, {
      path: '/o/north',
      show: async (page) => {
        await headed('north')(page);
        await run(page, `${panel}: Show ${panel}`);
      },
    });
  }
  await picturesOfTheShell(take, site, folderId);
}

/** What comes over the views: palette, menus, dialogs, notices, two groups. */
async function picturesOfTheShell(take: InEveryLook, site: Site, folderId: string): Promise<void> {
  const overNorth = (name: string, show: (page: Page) => Promise<unknown>, looks?: readonly Look[]) =>
    take(site, name, {
      path: '/o/north',
      show: async (page) => {
        await headed('north')(page);
        await show(page);
      },
      ...(looks === undefined ? {} : { looks }),
    });
  await overNorth('palette', async (page) => {
    await page.keyboard.press('F1');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.type('open');
  });
  await overNorth('go-to-anything', async (page) => {
    await page.keyboard.press('Control+p');
    await page.keyboard.type('e');
    await page.getByRole('option').first().waitFor();
  });
  await overNorth('theme-picker', (page) => run(page, 'Preferences: Color Theme'), states);
  await overNorth('accessibility-help', async (page) => {
    await (await firstRow(page)).focus();
    await page.keyboard.press('Alt+F1');
    await page.getByRole('dialog').waitFor();
  });
  await overNorth('tree-menu', async (page) => {
    await firstRow(page);
    await page.getByRole('treeitem', { name: 'design' }).click({ button: 'right' });
  });
  await overNorth(
    'tree-selection',
    async (page) => {
      await (await firstRow(page)).focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key);
    },
    states,
  );
  await overNorth(
    'tree-filter',
    async (page) => {
      await (await firstRow(page)).focus();
      await page.keyboard.press('Control+Alt+f');
      await page.keyboard.type('de');
    },
    states,
  );
  await overNorth(
    'manage-menu',
    async (page) => {
      await page.locator('[aria-haspopup="menu"]').last().click();
      await page.getByRole('menuitem').first().waitFor();
    },
    states,
  );
  await overNorth('toast', (page) => run(page, 'Editor: Copy Permalink'), states);
  await overNorth('watermark', (page) => run(page, 'Editor: Close All'), states);
  await overNorth('split', async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+\\');
    await run(page, 'Fleet: Open Table');
    await page.getByRole('grid').or(page.locator('.toast')).first().waitFor();
  });
  await take(site, 'content-tree', {
    path: `/f/${folderId}`,
    show: async (page) => {
      await headed(FOLDER)(page);
      await run(page, 'Content: Reveal in Content Tree');
      await page.locator('.side-bar [role="tree"]').waitFor();
    },
  });
}

/** The first row of the fleet's tree, after opening the side bar where there is too little room for it. */
async function firstRow(page: Page) {
  const row = page.getByRole('treeitem').first();
  if (!(await page.locator('.side-bar').isVisible())) await page.keyboard.press('Control+b');
  await row.waitFor();
  return row;
}

/** The first of README.md; the others are `savings-light` and `file-verified-dark`. Reduced to 256 colours they stand in docs/images. */
export async function pictureOfReadme(take: InEveryLook, site: Site): Promise<void> {
  await take(site, 'readme-office', {
    path: '/o/north',
    looks: ['dark'],
    show: async (page) => {
      await headed('north')(page);
      await run(page, 'Transfers: Show Transfers');
      await page.locator('.panel').getByRole('row').nth(2).waitFor();
    },
  });
}

const failing = (route: Route) =>
  route.fulfill({
    status: 500,
    contentType: 'application/json',
    body: JSON.stringify({
      error: { code: 'internal.unexpected', message: 'Something unexpected happened.', requestId: 'req-7f3a' },
    }),
  });
const forbidden = (route: Route) =>
  route.fulfill({
    status: 403,
    contentType: 'application/json',
    body: JSON.stringify({
      error: { code: 'api.forbidden', message: 'This needs another role.', requestId: 'req-7f3a' },
    }),
  });

/** Views that wait, that fail and that are not allowed; and a link that is lost. */
export async function picturesOfTrouble(take: InEveryLook, site: Site, world: World): Promise<void> {
  const folderId = await world.folderId(FOLDER);
  const agentId = (await agentIds(world)).get('design') ?? '';
  const paths = {
    office: '/o/north',
    agent: `/a/${agentId}`,
    folder: `/f/${folderId}`,
    file: `/f/${folderId}/file?path=in%20flight.bin&tab=versions`,
    nextcloud: '/n/cloud',
    'fleet-table': '/fleet',
    'fleet-overview': '/fleet/overview',
    savings: '/savings',
  };
  const data = /\/api\/v1\/(?!me\/|session|stream)/;
  for (const [name, path] of Object.entries(paths)) {
    await take(site, `loading-${name}`, {
      path,
      looks: states,
      // Never answered: that is what loading looks like.
      before: (page) => page.route(data, async () => {}),
      show: (page) => page.locator('.editor .skeleton').first().waitFor(),
      isRestless: true,
    });
    await take(site, `error-${name}`, {
      path,
      looks: states,
      before: (page) => page.route(data, failing),
      show: (page) => page.locator('.editor .notice[role="alert"]').first().waitFor({ timeout: 15_000 }),
    });
  }
  await take(site, 'forbidden', {
    path: '/o/north',
    looks: states,
    before: (page) => page.route(data, forbidden),
    show: (page) => page.locator('.editor .notice').first().waitFor(),
  });
  await take(site, 'disconnected', {
    path: '/o/north',
    before: (page) => page.route(/\/api\/v1\/stream/, (route) => route.abort()),
    show: (page) =>
      page
        .locator('.status-bar')
        .getByText(/^(Reconnecting|Neuer Verbindungsversuch|\[)/)
        .first()
        .waitFor(),
  });
}

async function agentIds({ server }: World): Promise<ReadonlyMap<string, string>> {
  const { agents } = (await server.api('/agents')) as { agents: { id: string; hostname: string }[] };
  return new Map(agents.map(({ hostname, id }) => [hostname, id]));
}
