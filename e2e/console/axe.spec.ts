/** Every view in one of the themes, taking turns, and every part of the kit in all four, as axe sees it: not one violation. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, expect, FOLDER, press, run, test } from './desk.ts';
import { pcsWait } from './waiting-pcs.ts';

const themes = ['dark', 'light', 'hc-dark', 'hc-light'] as const;
type Theme = (typeof themes)[number];
/** Views are made of parts of the kit, in colors whose contrasts theme/contrast.test.ts works out, and a look takes a second of processor time. */
let turn = 0;

// Axe puts itself into the page, which the page's own policy rightly refuses. A color on its way to another one is neither.
test.use({ bypassCSP: true, contextOptions: { reducedMotion: 'reduce' } });
test.slow();

/**
 * Soft: one run names every view that has something wrong. Of a part of the kit everything is looked at in the first theme; another theme changes
 * colors only, so what depends on them is looked at in each. `within`: only what has not been looked at yet.
 */
async function clean(page: Page, view: string, within?: string): Promise<void> {
  await expect(page.locator('.loading:visible')).toHaveCount(0);
  await cleanAsItIs(page, view, within);
}

/** The same for what is about loading. */
async function cleanAsItIs(page: Page, view: string, within?: string, inThemes?: readonly Theme[]): Promise<void> {
  for (const theme of inThemes ?? [themes[turn++ % themes.length] ?? 'dark']) {
    await page.evaluate((name) => {
      document.documentElement.dataset.theme = name;
    }, theme);
    // One document without frames, in the page itself; where in it everything that is right stands need not be worked out.
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
    if (inThemes !== undefined && theme !== inThemes[0]) axe.withRules(['color-contrast', 'link-in-text-block']);
    if (within !== undefined) axe.include(within);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any, all, none }) =>
        [id, target.join(' '), ...[...any, ...all, ...none].map(({ message }) => message)].join(' | '),
      ),
    );
    expect.soft(found, `${view} in ${theme}`).toEqual([]);
  }
}

const EDITORS = '[data-part="editors"]';
const SIDE_BAR = '[data-part="sideBar"]';
const PANEL = '[data-part="panel"]';

/** Each tab inside of the editor in front. */
async function cleanTabs(page: Page, view: string): Promise<void> {
  const tabs = page.locator('.inner-tabs:visible').getByRole('tab');
  await expect(tabs.first()).toBeVisible();
  for (let place = 0; place < (await tabs.count()); place += 1) {
    const tab = tabs.nth(place);
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    await clean(page, `${view}: ${await tab.textContent()}`, EDITORS);
  }
}

test('the start, and an office', async ({ page, desk }) => {
  await desk.arrive();
  await expect(page.getByRole('treeitem').first()).toBeVisible();
  await clean(page, 'start');
  await desk.arrive({ path: '/o/north' });
  await cleanTabs(page, 'office');
});

test('a PC', async ({ page, desk, stage }) => {
  await desk.arrive({ path: `/a/${await agentId(page, stage.world.server.url, 'north-1')}` });
  await cleanTabs(page, 'PC');
});

test('the fleet as table and charts', async ({ page, desk }) => {
  await desk.arrive({ path: '/fleet' });
  await expect(page.getByRole('grid', { name: 'PCs of the fleet' })).toContainText('north-1');
  await clean(page, 'fleet table', EDITORS);
  await desk.arrive({ path: '/fleet/overview' });
  await expect(page.getByText('Which office is not sharing?')).toBeVisible();
  await clean(page, 'fleet overview', EDITORS);
});

test('a folder', async ({ page, desk, stage }) => {
  const id = await stage.world.folderId(FOLDER);
  await desk.arrive({ path: `/f/${id}` });
  await cleanTabs(page, 'folder');
});

test('a file', async ({ page, desk, stage }) => {
  const id = await stage.world.folderId(FOLDER);
  await desk.arrive({ path: `/f/${id}/file?path=plans%2Fbridge.dwg` });
  await cleanTabs(page, 'file');
});

test('Nextcloud and savings', async ({ page, desk }) => {
  await desk.arrive({ path: '/n/cloud' });
  await press(page, 'Control+k', '2');
  await expect(page.getByRole('tree', { name: 'Nextcloud folders and files' })).toBeVisible();
  await clean(page, 'Nextcloud', EDITORS);
  await press(page, 'Control+0');
  await page.keyboard.type(FOLDER);
  await press(page, 'ArrowRight');
  await expect(page.getByRole('treeitem', { name: /^notes\.txt/ })).toBeVisible();
  await clean(page, 'the Content tree', SIDE_BAR);
  await desk.arrive({ path: '/savings' });
  await expect(page.getByText('Crossed the WAN').first()).toBeVisible();
  await clean(page, 'savings', EDITORS);
  await page.getByRole('button', { name: 'View as table' }).first().click();
  await clean(page, 'savings as a table', EDITORS);
});

test('enrolment', async ({ page, desk, stage }) => {
  await pcsWait(stage.world.server, [
    { name: 'PC-1', office: 'north' },
    { name: 'PC-2', code: 'K7M2QX' },
  ]);
  await desk.arrive({ path: '/enrolment' });
  await run(page, 'Enrolment: Show Enrolment');
  await expect(page.getByRole('grid', { name: 'PCs that wait to be let in' })).toContainText('PC-1');
  await clean(page, 'enrolment');
  await desk.arrive({ path: '/enrolment/batch/new' });
  await expect(page.getByText(/^Whoever gets hold of this token/)).toBeVisible();
  await clean(page, 'new batch', EDITORS);
  await page.getByLabel('Name', { exact: true }).fill('axe');
  await page.getByRole('button', { name: 'Make the Token' }).click();
  await expect(page.getByRole('button', { name: 'Show Token' })).toBeVisible();
  await cleanTabs(page, 'batch');
  await desk.arrive({ path: '/enrolment/rules?rule=new' });
  await expect(page.getByText(/^Would let/)).toBeVisible();
  await clean(page, 'rules', EDITORS);
  await page.getByLabel('Name', { exact: true }).fill('axe');
  await page.getByRole('button', { name: 'Save Rule' }).click();
  await expect(page.getByRole('button', { name: 'Remove: axe' })).toBeVisible();
  await clean(page, 'a rule', EDITORS);
  await pcsWait(stage.world.server, []);
  await desk.arrive({ path: '/enrolment/blocked' });
  await expect(page.getByText('No PC is blocked.').first()).toBeVisible();
  await clean(page, 'blocked', EDITORS);
});

test('the audit log', async ({ page, desk }) => {
  await desk.arrive({ path: '/audit' });
  await expect(page.getByRole('grid', { name: 'Changes, newest first' })).toContainText('Office added');
  await run(page, 'Audit: Show Audit');
  await expect(page.getByRole('tree', { name: 'By object' }).getByRole('treeitem').first()).toBeVisible();
  await clean(page, 'audit');
  await run(page, 'Audit: Verify the Log in This Browser');
  await expect(page.getByRole('region', { name: 'Editor group' })).toContainText(
    /Everything that was checked is right|Every link of/,
  );
  await clean(page, 'audit, verified', EDITORS);
  await desk.arrive({ path: '/audit/1' });
  await expect(page.getByRole('heading', { level: 2, name: 'Before and after' })).toBeVisible();
  await clean(page, 'audit entry', EDITORS);
});

test('people, one’s own account, and ways to sign in', async ({ page, desk }) => {
  await desk.arrive({ path: '/people' });
  await expect(page.getByRole('grid', { name: 'People' })).toBeVisible();
  await clean(page, 'people', EDITORS);
  await desk.arrive({ path: '/people/sign-in' });
  await expect(page.getByText('There is no other provider.')).toBeVisible();
  await clean(page, 'ways to sign in', EDITORS);
  await desk.arrive({ path: '/account' });
  await expect(page.getByText(/^Passkeys work at/)).toBeVisible();
  await clean(page, 'account', EDITORS);
});

test('settings and shortcuts', async ({ page, desk }) => {
  await desk.arrive({ path: '/settings' });
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await clean(page, 'settings', EDITORS);
  await press(page, 'Control+k', 'v');
  await expect(page.getByRole('textbox', { name: 'Settings as JSON' })).toBeVisible();
  await clean(page, 'settings as JSON', EDITORS);
  await desk.arrive({ path: '/settings?scope=server' });
  await expect(page.getByText('Warn below').first()).toBeVisible();
  await clean(page, 'settings of the server', EDITORS);
  await desk.arrive({ path: '/keyboard-shortcuts' });
  const shortcuts = page.getByRole('grid', { name: 'Commands and their keys' });
  await expect(shortcuts).toBeVisible();
  await clean(page, 'keyboard shortcuts', EDITORS);
  await shortcuts.getByRole('row').nth(1).dblclick();
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
  await press(page, 'F1');
  await clean(page, 'a key that is recorded, and taken already', '.key-recorder');
});

test('palette, picks and menus', async ({ page, desk }) => {
  await desk.arrive({ path: '/nothing/has/this/address' });
  await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible();
  await clean(page, 'not found', EDITORS);
  const options = page.locator('.quick-input').getByRole('option');
  await press(page, 'F1');
  await expect(options.first()).toBeVisible();
  await clean(page, 'palette', '.quick-input');
  await press(page, 'Escape', 'Control+p');
  await page.keyboard.type('north');
  await expect(options.filter({ hasText: 'north-1' })).toBeVisible();
  await clean(page, 'Go to Anything', '.quick-input');
  await page.keyboard.type(' has no such thing');
  await expect(options).toHaveCount(0);
  await clean(page, 'Go to Anything without a result', '.quick-input');
  await press(page, 'Escape');
  await run(page, 'Fleet: Compare Two PCs');
  await expect(options.filter({ hasText: 'north-1' })).toBeVisible();
  await clean(page, 'a pick in two steps', '.quick-input');
  await press(page, 'Escape');
  for (const name of ['Manage', /^Account/]) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('menu')).toBeVisible();
    await clean(page, `menu ${name}`, '.context-menu');
    await press(page, 'Escape');
  }
  await page.getByRole('treeitem', { name: /^north-1/ }).click({ button: 'right' });
  await expect(page.getByRole('menu')).toBeVisible();
  await clean(page, 'menu of a row', '.context-menu');
});

test('two PCs compared, notifications and help', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, 'Fleet: Compare Two PCs');
  await choose(page, 'north-1');
  await choose(page, 'south-1');
  await expect(page.getByRole('heading', { level: 1, name: 'What is different?' })).toBeVisible();
  await clean(page, 'two PCs compared', EDITORS);
  await run(page, 'Notifications: Show Silenced Notifications Again');
  await expect(page.locator('.toast')).toBeVisible();
  await clean(page, 'a notification', '.toasts');
  await press(page, 'Control+k', 'Control+n');
  await expect(page.locator('.notification-centre').getByRole('listitem')).toHaveCount(1);
  await clean(page, 'all notifications', '.notification-centre');
  await press(page, 'Escape', 'Alt+F1');
  await expect(page.getByRole('dialog', { name: /^Accessibility Help/ })).toBeVisible();
  await clean(page, 'accessibility help', 'dialog');
});

test('every tab of the panel', async ({ page, desk }) => {
  await desk.arrive();
  for (const [name, ...keys] of [
    ['Problems', 'Control+Shift+m'],
    ['Output', 'Control+Shift+u'],
    ['Events', 'Control+k', 'e'],
    ['Transfers', 'Control+k', 't'],
    ['Jobs', 'Control+k', 'j'],
  ] as const) {
    await press(page, ...keys);
    const tab = page.locator('[data-part="panel"]').getByRole('tab', { name: new RegExp(`^${name}`) });
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    await clean(page, `panel: ${name}`, PANEL);
  }
  await run(page, 'Editor: Close All');
  await expect(page.getByRole('heading', { level: 1, name: 'No editor is open' })).toBeAttached();
  await clean(page, 'no editor', EDITORS);
});

test('before anybody is signed in', async ({ browser, stage }) => {
  const context = await browser.newContext({ bypassCSP: true, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto(stage.world.server.url);
  await expect(page.getByLabel('Password')).toBeVisible();
  await clean(page, 'sign-in');
  await context.close();
});

test('every part of the kit in every state', async ({ page, stage }) => {
  const workshop = new URL('/workshop', stage.world.server.url).href;
  await page.goto(workshop);
  const links = page.locator('a[href*="theme=dark&lang=en"]');
  await expect(links.first()).toBeVisible();
  const items = await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  expect(items.length).toBeGreaterThan(10);
  for (const item of items) {
    await page.goto(item);
    await expect(page.locator('main[data-item] h1')).toBeVisible();
    await cleanAsItIs(page, item.slice(workshop.length), undefined, themes);
  }
});

/** The id of a PC by its name. */
async function agentId(page: Page, url: string, hostname: string): Promise<string> {
  const answer = await page.request.get(`${url}/api/v1/agents`);
  const { agents } = (await answer.json()) as { agents: { id: string; hostname: string }[] };
  return agents.find((agent) => agent.hostname === hostname)?.id ?? '';
}
