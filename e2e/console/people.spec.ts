/** People and their access: invited, with a role in one office, a password of their own, a second factor, a session that is ended from afar. */
import type { Page } from '@playwright/test';
import { appCode } from '../harness/authenticator.ts';
import { choose, expect, run, test } from './desk.ts';

const PASSWORD = 'a password of my own';
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const tree = (page: Page) => page.getByRole('tree', { name: 'Offices and PCs' });

test('somebody is invited for one office, chooses a password and a second factor, and sees that office only', async ({
  page,
  desk,
  stage,
  browser,
}) => {
  const { url } = stage.world.server;
  await desk.arrive({ path: '/people' });
  await page.getByLabel('Name', { exact: true }).fill('Marie');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await choose(page, 'helpdesk');
  await choose(page, 'Office north');
  const invitation = ((await page.getByText(/^harpinvite_/).textContent()) ?? '').trim();
  await expect(page.getByRole('grid', { name: 'People' })).toContainText('helpdesk: 1 office');

  const theirs = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const marie = await theirs.newPage();
  await marie.goto(url);
  await marie.getByRole('button', { name: 'I have an invitation' }).click();
  await marie.getByRole('textbox', { name: 'Invitation' }).fill(invitation);
  await marie.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
  await marie.getByRole('button', { name: 'Choose this password and sign in' }).click();
  await expect(tree(marie)).toContainText('north');
  await expect(tree(marie)).not.toContainText('south');

  await run(marie, 'Account: Password, Second Factor, Sessions, Keys');
  await expect(heading(marie, 'Second factor')).toBeVisible();
  const secondFactor = marie.locator('section').filter({ has: heading(marie, 'Second factor') });
  await secondFactor.getByLabel('Present password').fill(PASSWORD);
  await secondFactor.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const secret = ((await secondFactor.locator('code').textContent()) ?? '').trim();
  await secondFactor.getByLabel('Code').fill(appCode(secret));
  await secondFactor.getByRole('button', { name: 'Turn on' }).click();
  await expect(secondFactor).toContainText('10 recovery codes are left');

  const elsewhere = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const second = await elsewhere.newPage();
  await second.goto(url);
  await second.getByRole('textbox', { name: 'Name' }).fill('Marie');
  await second.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await second.getByRole('button', { name: 'Sign in' }).click();
  // The code of the next half minute: a telephone may be ahead, and that of the present one was used to turn it on.
  await second.getByLabel(/Code of the authenticator app/).fill(appCode(secret, 1));
  await second.getByRole('button', { name: 'Sign in' }).click();
  await expect(tree(second)).toContainText('north');

  await marie.reload();
  const sessions = marie.getByRole('grid', { name: 'Sessions' });
  await sessions.getByRole('button', { name: 'Sign out there' }).click();
  await expect(sessions.getByRole('button', { name: 'Sign out there' })).toHaveCount(0);
  expect((await second.request.get(`${url}/api/v1/offices`)).status()).toBe(401);

  await run(marie, 'Account: Password, Second Factor, Sessions, Keys');
  const keys = marie.locator('section').filter({ has: heading(marie, 'API keys') });
  await keys.getByLabel('Name').fill('report');
  await keys.getByLabel('fleet.read').check();
  await keys.getByRole('button', { name: 'Make an API key' }).click();
  const key = ((await keys.getByText(/^harpkey_/).textContent()) ?? '').trim();
  const headers = { authorization: `Bearer ${key}` };
  const offices = await fetch(`${url}/api/v1/offices`, { headers });
  expect(((await offices.json()) as { offices: { name: string }[] }).offices.map(({ name }) => name)).toEqual([
    'north',
  ]);
  expect((await fetch(`${url}/api/v1/folders`, { headers })).status).toBe(403);

  expect(desk.pageErrors).toEqual([]);
  for (const context of [theirs, elsewhere]) await context.close();
});
