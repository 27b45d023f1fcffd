/** The console as a person uses it: first administrator, sign-in, fleet, folder, transfers; by mouse, by keyboard alone, and read aloud. */
import type { Page } from '@playwright/test';
import { ADMIN, expect, FOLDER, test } from './fixtures.ts';

test.describe.configure({ mode: 'serial' });

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await showFleet(page);
}

/** The workbench comes back as its user left it, so a test says which view it wants. */
async function showFleet(page: Page): Promise<void> {
  await page.locator('.activity-bar').waitFor();
  await page.keyboard.press('Control+Shift+E');
  await expect(page.getByRole('tree', { name: 'Offices and PCs' })).toBeVisible();
}

const panelTab = (page: Page, name: string) => page.getByRole('tablist', { name: 'Panel' }).getByRole('tab', { name });

test('the first administrator needs the code the server printed', async ({ page, stage }) => {
  await page.goto(stage.world.server.url);
  await page.getByLabel('One-time code').fill('WRON-GCOD');
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /code/i })).toBeVisible();
  await page.getByLabel('One-time code').fill(stage.world.server.setupCode ?? '');
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('tree', { name: 'Offices and PCs' })).toBeVisible();
});

test('a wrong password says so and lets nobody in', async ({ page, stage }) => {
  await page.goto(stage.world.server.url);
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /./ })).toBeVisible();
  await expect(page.getByRole('tree')).toHaveCount(0);
});

test('the fleet shows both offices and their PCs, live', async ({ page, stage }) => {
  await signIn(page, stage.world.server.url);
  const tree = page.getByRole('tree', { name: 'Offices and PCs' });
  await expect(tree.getByRole('treeitem')).toHaveCount(2 + stage.agents.length);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  const north = tree
    .getByRole('treeitem')
    .filter({ hasText: /^north/ })
    .first();
  await expect(north).toContainText('2/2');
  await stage.agents[1]?.process.stop();
  await expect(north).toContainText('1/2');
});

test('an office and a folder open as editors with true figures', async ({ page, stage }) => {
  await signIn(page, stage.world.server.url);
  await page
    .getByRole('treeitem')
    .filter({ hasText: /^south/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'south' })).toBeVisible();
  await expect(page.getByRole('link', { name: FOLDER }).or(page.getByRole('button', { name: FOLDER }))).toBeVisible();
  await page.getByRole('tab', { name: 'Content', exact: true }).click();
  await page
    .getByRole('treeitem')
    .filter({ hasText: new RegExp(`^${FOLDER}`) })
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: FOLDER })).toBeVisible();
});

test('transfers name each file with its LAN and WAN bytes; a hostile name is text', async ({ page, stage }) => {
  let alerted = false;
  page.on('dialog', (dialog) => {
    alerted = true;
    void dialog.dismiss();
  });
  await signIn(page, stage.world.server.url);
  await panelTab(page, 'Transfers').click();
  const panel = page.locator('#panel-body');
  const row = panel.getByRole('row').filter({ hasText: 'plans/bridge.dwg' }).filter({ hasText: 'north' });
  await expect(row).toContainText('5.0 MB');
  await expect(panel.getByRole('row').filter({ hasText: '<img src=x onerror=alert(1)>.txt' }).first()).toBeVisible();
  expect(alerted).toBe(false);
});

test('the WAN saved chart shows what was delivered, as a chart and as a table', async ({ page, stage }) => {
  await signIn(page, `${stage.world.server.url}/savings`);
  const editor = page.locator('main');
  await expect(editor.getByText(/crossed the wan/i).first()).toBeVisible();
  await expect(editor.locator('svg.recharts-surface').first()).toBeVisible();
  await editor.getByRole('button', { name: 'View as Table' }).first().click();
  await expect(editor.getByRole('columnheader', { name: 'over the WAN' }).first()).toBeVisible();
});

test('a newcomer learns in three clicks how much WAN was saved in office north today', async ({ page, stage }) => {
  const { url } = stage.world.server;
  await signIn(page, url);
  // A newcomer's workbench is as on the first day.
  await page.goto(`${url}/api/v1/health`);
  await page.evaluate(() => localStorage.clear());
  const forgotten = await page.request.put(`${url}/api/v1/me/state/layout`, {
    data: { value: {} },
    headers: { origin: url },
  });
  expect(forgotten.ok()).toBe(true);
  await page.goto(url);
  await page.evaluate(() => {
    document.body.dataset.clicks = '0';
    document.addEventListener('click', () => {
      document.body.dataset.clicks = String(Number(document.body.dataset.clicks) + 1);
    });
  });
  const editor = page.locator('[data-part="editors"]');
  await expect(editor.getByRole('heading', { level: 1, name: 'WAN saved' })).toBeVisible();
  await expect(editor.getByRole('button', { name: 'Today' })).toHaveAttribute('aria-pressed', 'true');
  await editor
    .getByRole('button', { name: /^north/ })
    .first()
    .click();
  // Two PCs got five megabytes each, and the line carried them once.
  await expect(editor.getByText(/north.?: 5\.0\sMB of 10\.0\sMB did not cross the WAN\./)).toBeVisible();
  expect(Number(await page.locator('body').getAttribute('data-clicks'))).toBeLessThanOrEqual(3);
});

test('everything can be reached by keyboard alone', async ({ page, stage }) => {
  await page.goto(stage.world.server.url);
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.type(ADMIN.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await showFleet(page);
  for (let part = 0; part < 8 && (await page.locator('[role="treeitem"]:focus').count()) === 0; part++) {
    await page.keyboard.press('F6');
  }
  await expect(page.locator('[role="treeitem"]:focus')).toHaveCount(1);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
  await page.keyboard.press('Control+j');
  await expect(panelTab(page, 'Transfers')).toBeHidden();
  await page.keyboard.press('Control+j');
  await expect(panelTab(page, 'Transfers')).toBeVisible();
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('tree')).toBeHidden();
});

test('a page loads nothing from elsewhere and runs under its content security policy', async ({ page, stage }) => {
  const foreign: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(stage.world.server.url) && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && /content security policy/i.test(message.text())) complaints.push(message.text());
  });
  await signIn(page, stage.world.server.url);
  await expect(page.getByRole('treeitem').first()).toBeVisible();
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});
