/** Every way through the workbench by keyboard alone: nothing in here touches a mouse. */
import type { Page } from '@playwright/test';
import { choose, editorTab, expect, FOLDER, focusByTab, focusedPart, goTo, heading, press, run, test } from './desk.ts';

const focused = (page: Page) => page.locator(':focus');
const panelTab = (page: Page, name: RegExp) => page.locator('[data-part="panel"]').getByRole('tab', { name });
const theme = (page: Page) => page.locator('html').getAttribute('data-theme');

/** The choice of a tab inside an editor: into the strip, along it, and in. */
async function openInnerTab(page: Page, name: string): Promise<void> {
  const tab = page.locator('.inner-tabs:visible').getByRole('tab', { name });
  const strip = page.locator('.inner-tabs:visible').getByRole('tab');
  const stop = strip.and(page.locator('[tabindex="0"]'));
  await focusByTab(page, () => stop.evaluate((element) => element === document.activeElement), 'editors');
  await page.keyboard.press('Home');
  const labels = await strip.allTextContents();
  for (let step = labels.findIndex((label) => label.startsWith(name)); step > 0; step -= 1)
    await page.keyboard.press('ArrowRight');
  await expect(tab).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(tab).toHaveAttribute('aria-selected', 'true');
}

test('the palette runs a command by its name', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, 'Fleet: Open Table');
  await expect(page).toHaveURL(/\/fleet$/);
  await expect(page.getByRole('grid', { name: 'PCs of the fleet' })).toBeVisible();
  await press(page, 'Control+Shift+p');
  await choose(page, 'WAN Saved: Show WAN Saved');
  await expect(page).toHaveURL(/\/savings/);
});

test('Go to Anything finds an office, a PC and a file', async ({ page, desk, stage }) => {
  await desk.arrive();
  await goTo(page, 'south', /^south/);
  await expect(heading(page, 'south')).toBeVisible();
  await expect(page).toHaveURL(/\/o\/south$/);
  await goTo(page, 'north-2');
  await expect(heading(page, 'north-2')).toBeVisible();
  await goTo(page, 'bridge', 'bridge.dwg');
  await expect(heading(page, 'bridge.dwg')).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/f/${await stage.world.folderId(FOLDER)}/file\\?path=plans`));
});

test('F6 goes round the parts and back', async ({ page, desk }) => {
  await desk.arrive();
  await expect(page.getByRole('treeitem').first()).toBeVisible();
  const parts: (string | undefined)[] = [];
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('F6');
    parts.push(await focusedPart(page));
  }
  expect(new Set(parts)).toEqual(new Set(['title', 'activity', 'sideBar', 'editors', 'panel', 'status']));
  await page.keyboard.press('Shift+F6');
  expect(await focusedPart(page)).toBe(parts.at(-2));
});

test('tabs open, stay, close, come back and split', async ({ page, desk }) => {
  await desk.arrive();
  await goTo(page, 'north', /^north(?!-)/);
  await expect(heading(page, 'north')).toBeVisible();
  await press(page, 'Control+k', 'Enter');
  await goTo(page, 'south', /^south(?!-)/);
  await expect(heading(page, 'south')).toBeVisible();
  await expect(editorTab(page, 'north')).toBeVisible();
  await press(page, 'Control+k', 'Enter');

  await press(page, 'Alt+[');
  await expect(heading(page, 'north')).toBeVisible();
  await expect(page).toHaveURL(/\/o\/north$/);
  await press(page, 'Alt+]');
  await expect(page).toHaveURL(/\/o\/south$/);

  await press(page, 'Alt+w');
  await expect(editorTab(page, /^south/)).toHaveCount(0);
  await press(page, 'Alt+Shift+t');
  await expect(heading(page, 'south')).toBeVisible();

  const groups = page.locator('.dv-groupview');
  await expect(groups).toHaveCount(1);
  await press(page, 'Control+\\');
  await expect(groups).toHaveCount(2);
  await press(page, 'Control+k', 'Control+ArrowLeft');
  await expect(groups.first()).toHaveClass(/dv-active-group/);
  await press(page, 'Control+k', 'Control+ArrowRight');
  await expect(groups.last()).toHaveClass(/dv-active-group/);
});

test('back and forward follow the editors, and the address with them', async ({ page, desk }) => {
  await desk.arrive();
  await goTo(page, 'north', /^north(?!-)/);
  await expect(page).toHaveURL(/\/o\/north$/);
  await goTo(page, 'south', /^south(?!-)/);
  await expect(page).toHaveURL(/\/o\/south$/);
  await run(page, 'Fleet: Open Table');
  await expect(page).toHaveURL(/\/fleet$/);
  await press(page, 'Alt+ArrowLeft');
  await expect(page).toHaveURL(/\/o\/south$/);
  await press(page, 'Alt+ArrowLeft');
  await expect(page).toHaveURL(/\/o\/north$/);
  await expect(heading(page, 'north')).toBeVisible();
  await press(page, 'Alt+ArrowRight');
  await expect(page).toHaveURL(/\/o\/south$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/o\/north$/);
});

test('each tab of the panel has its key; bars come and go', async ({ page, desk }) => {
  await desk.arrive();
  const keys: [RegExp, ...string[]][] = [
    [/^Problems/, 'Control+Shift+m'],
    [/^Output/, 'Control+Shift+u'],
    [/^Events/, 'Control+k', 'e'],
    [/^Transfers/, 'Control+k', 't'],
    [/^Jobs/, 'Control+k', 'j'],
  ];
  for (const [name, ...chord] of keys) {
    await press(page, ...chord);
    await expect(panelTab(page, name)).toHaveAttribute('aria-selected', 'true');
  }
  const panel = page.getByRole('region', { name: 'Panel', exact: true });
  await press(page, 'Control+j');
  await expect(panel).toHaveCount(0);
  await press(page, 'Control+j');
  await expect(panel).toBeVisible();
  const tree = page.getByRole('tree', { name: 'Offices and PCs' });
  await expect(tree).toBeVisible();
  await press(page, 'Control+b');
  await expect(tree).toBeHidden();
  await press(page, 'Control+b');
  await expect(tree).toBeVisible();
});

test('a theme is looked at, chosen and kept', async ({ page, desk }) => {
  await desk.arrive();
  await press(page, 'Control+k', 'Control+t');
  await choose(page, 'High Contrast Light');
  await expect.poll(() => theme(page)).toBe('hc-light');
  await page.reload();
  await expect(page.getByRole('tree', { name: 'Offices and PCs' })).toBeVisible();
  expect(await theme(page)).toBe('hc-light');
});

test('the language becomes German', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, 'Preferences: Display Language');
  await choose(page, 'German');
  await expect(page.getByRole('tree', { name: 'Standorte und PCs' })).toBeVisible();
  await expect(panelTab(page, /^Übertragungen/)).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test('a setting is found and changed', async ({ page, desk }) => {
  await desk.arrive();
  await press(page, 'Control+,');
  await expect(heading(page, 'Settings')).toBeVisible();
  const search = page.getByLabel('Search settings', { exact: true });
  await focusByTab(page, () => search.evaluate((field) => field === document.activeElement));
  await page.keyboard.type('density');
  const density = page.locator('[data-setting="workbench.density"]').getByRole('combobox');
  await expect(density).toBeVisible();
  await focusByTab(page, () => density.evaluate((field) => field === document.activeElement));
  await page.keyboard.type('Compact');
  await expect(page.locator('html')).toHaveAttribute('data-density', 'compact');
  await expect(page.locator('[data-setting="workbench.density"]')).toContainText('Modified');
});

test('a key is changed and works', async ({ page, desk }) => {
  await desk.arrive();
  await press(page, 'Control+k', 'Control+s');
  const search = page.getByLabel('Search by command, key or condition');
  await expect(search).toBeVisible();
  await focusByTab(page, () => search.evaluate((field) => field === document.activeElement));
  await page.keyboard.type('Fleet: Open Table');
  const grid = page.getByRole('grid', { name: 'Commands and their keys' });
  await expect(grid.getByRole('row')).toHaveCount(2);
  await focusByTab(page, () => grid.evaluate((element) => element.contains(document.activeElement)));
  await press(page, 'ArrowDown', 'Enter');
  const dialog = page.getByRole('dialog', { name: /Open Table/ });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await press(page, 'Control+Alt+y');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(grid).toContainText('User');
  await press(page, 'Control+Alt+y');
  await expect(page).toHaveURL(/\/fleet$/);
});

test('the table of the fleet, and two PCs beside each other', async ({ page, desk }) => {
  await desk.arrive({ path: '/fleet' });
  const grid = page.getByRole('grid', { name: 'PCs of the fleet' });
  await expect(grid.getByRole('row').filter({ hasText: 'north-1' })).toBeVisible();
  await run(page, 'View: Focus Editor');
  await focusByTab(page, () => grid.evaluate((element) => element.contains(document.activeElement)));
  await press(page, 'Control+End', 'Home', 'Enter');
  await expect(page).toHaveURL(/\/a\//);
  await run(page, 'Fleet: Compare Two PCs…');
  await choose(page, 'north-1');
  await choose(page, 'south-1');
  await expect(heading(page, 'What is different?')).toBeVisible();
  await expect(page).toHaveURL(/\/compare\//);
  await expect(editorTab(page, /north-1 ↔ south-1/)).toBeVisible();
});

test('a folder in all its tabs, and its chain verified in the browser to the end', async ({ page, desk, stage }) => {
  const id = await stage.world.folderId(FOLDER);
  await desk.arrive();
  await goTo(page, `#${FOLDER}`, FOLDER);
  await expect(heading(page, FOLDER)).toBeVisible();
  await openInnerTab(page, 'Coverage');
  await expect(page).toHaveURL(new RegExp(`/f/${id}/coverage`));
  await expect(page.getByText('Which PCs have this folder?')).toBeVisible();
  await openInnerTab(page, 'Time to office');
  await expect(page.getByText('How long until an office has the last change?')).toBeVisible();
  await openInnerTab(page, 'Chain');
  await expect(page.getByText('Is everything delivered genuine?')).toBeVisible();
  await run(page, 'Content: Verify in This Browser');
  const verdict = page.locator('.content-verdict');
  await expect(verdict).toContainText('Everything that was checked is right');
  await expect(page.getByText(/^The signature of the head, entry/)).toBeVisible();
  await expect(page.getByText(/entries: their form, their order and every link/)).toBeVisible();
});

test('a file in all its tabs', async ({ page, desk }) => {
  await desk.arrive();
  await goTo(page, '#bridge', 'bridge.dwg');
  await expect(heading(page, 'bridge.dwg')).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Versions of this file' })).toBeVisible();
  await openInnerTab(page, 'Chunks');
  await expect(page).toHaveURL(/tab=chunks/);
  await openInnerTab(page, 'Delivery');
  await expect(page.getByRole('grid', { name: 'Delivery to every PC' })).toContainText('north-1');
  await openInnerTab(page, 'Chain');
  await expect(page.getByRole('button', { name: 'Verify in This Browser' })).toBeVisible();
});

test('the server verifies a chain as a job, from start to done', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, 'Jobs: Verify a Folder');
  await choose(page, FOLDER);
  await expect(panelTab(page, /^Jobs/)).toHaveAttribute('aria-selected', 'true');
  const row = page
    .getByRole('grid', { name: 'Jobs, running ones first' })
    .getByRole('row')
    .filter({ hasText: new RegExp(`Verify .?${FOLDER}`) })
    .first();
  await expect(row).toContainText('done');
  await expect(row).toContainText('everything verified');
  await expect(
    page
      .getByRole('log')
      .or(page.getByText(`Log of “Verify ${FOLDER}”`))
      .first(),
  ).toBeVisible();
});

test('output shows the log of the server and, live, of a PC', async ({ page, desk, stage }) => {
  await desk.arrive();
  await press(page, 'Control+Shift+u');
  await expect(page.getByLabel(/Lines of .?Server/)).toBeVisible();
  await run(page, 'Output: Show the Log of a PC');
  await choose(page, 'north-1');
  const lines = page.getByLabel(/Lines of .?north-1/);
  await expect(lines).toBeVisible();
  const before = await lines.textContent();
  // Something new to say: another file for this office.
  await stage.world.cloud.putGenerated(`/${FOLDER}/news.txt`, 900, 7);
  await stage.world.delivered(stage.agents, FOLDER, ['news.txt']);
  await expect.poll(() => lines.textContent()).not.toBe(before);
});

test('a permalink opens the same editor elsewhere', async ({ page, desk, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await desk.arrive();
  await goTo(page, 'north', /^north(?!-)/);
  await expect(heading(page, 'north')).toBeVisible();
  await openInnerTab(page, 'PCs');
  await expect(page).toHaveURL(/\/o\/north\/agents/);
  await press(page, 'Control+k', 'p');
  await expect(page.getByText('The address is in the clipboard.').first()).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await context.newPage();
  await other.goto(link);
  await expect(heading(other, 'north')).toBeVisible();
  await expect(other.locator('.inner-tabs:visible').getByRole('tab', { name: 'PCs' })).toHaveAttribute(
    'aria-selected',
    'true',
  );
});

test('the layout survives a reload, and can be as on the first day again', async ({ page, desk }) => {
  await desk.arrive();
  await goTo(page, 'north', /^north(?!-)/);
  await press(page, 'Control+k', 'Enter');
  await run(page, 'Fleet: Open Table');
  await press(page, 'Control+j', 'Control+b');
  const tree = page.getByRole('tree', { name: 'Offices and PCs' });
  await expect(tree).toBeHidden();
  await page.reload();
  await expect(editorTab(page, 'north')).toBeVisible();
  await expect(editorTab(page, 'Fleet')).toBeVisible();
  await expect(tree).toBeHidden();
  await expect(page.getByRole('region', { name: 'Panel', exact: true })).toHaveCount(0);
  await run(page, 'View: Reset Layout');
  await expect(tree).toBeVisible();
  await expect(page.getByRole('region', { name: 'Panel', exact: true })).toBeVisible();
  await expect(focused(page)).toHaveCount(1);
});
