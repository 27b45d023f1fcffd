/** Ways to sign in besides a password: a passkey by keyboard alone, an OpenID Connect provider, a Nextcloud; and one who thinks better of it. */
import type { BrowserContext, Page } from '@playwright/test';
import { startOidcProvider } from '../sign-in/oidc-provider.ts';
import { ADMIN, expect, focusByTab, run, test } from './desk.ts';

const PASSWORD = 'a password of my own';
const nobody = { storageState: { cookies: [], origins: [] } };
const tree = (page: Page) => page.getByRole('tree', { name: 'Offices and PCs' });
const account = 'Account: Password, Second Factor, Sessions, Keys';
const section = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** Passkeys and other providers are bound to the console's address, and a browser takes a name for one only. */
const addressOf = (url: string) => url.replace('127.0.0.1', 'localhost');

async function signIn(page: Page, url: string, name: string, password: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(tree(page)).toBeVisible();
}

/** A device with a fingerprint reader, and its owner's finger on it. */
async function withAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test('a passkey is added, and signs in, by keyboard alone', async ({ stage, desk, browser }) => {
  await desk.arrive();
  const url = addressOf(stage.world.server.url);
  const context = await browser.newContext(nobody);
  const page = await context.newPage();
  await withAuthenticator(context, page);
  await signIn(page, url, ADMIN.name, ADMIN.password);

  await run(page, account);
  const passkeys = section(page, 'Passkeys');
  const name = passkeys.getByLabel('Name of the device or key');
  await expect(name).toBeVisible();
  const isFocused = (locator: typeof name) => () => locator.evaluate((element) => element === document.activeElement);
  await focusByTab(page, isFocused(name), 'editors');
  await page.keyboard.type('my laptop');
  await page.keyboard.press('Tab');
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await expect(passkeys.getByRole('grid', { name: 'Passkeys' })).toContainText('my laptop');

  await context.clearCookies();
  await page.goto(url);
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await expect(button).toBeVisible();
  await focusByTab(page, isFocused(button));
  await page.keyboard.press('Enter');
  await expect(tree(page)).toBeVisible();

  await run(page, account);
  await section(page, 'Passkeys')
    .getByRole('row', { name: /my laptop/ })
    .getByRole('button', { name: 'Remove' })
    .click();
  await expect(section(page, 'Passkeys')).toContainText('No passkey was added');
  await context.clearCookies();
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.locator('.gate').getByRole('alert')).toContainText('not known here');
  await context.close();
});

test('at another address the page says why there are no passkeys', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, account);
  await expect(section(page, 'Passkeys')).toContainText(/Passkeys work at http:\/\/localhost:\d+ only/);
});

test('an owner adds two providers; one person links an account, one is let in by a group, one thinks better of it', async ({
  page,
  stage,
  desk,
  browser,
}) => {
  const { server, cloud } = stage.world;
  const url = addressOf(server.url);
  const oidc = await startOidcProvider([{ subject: 'sub-1', name: 'Ada Lovelace' }]);
  oidc.register(`${url}/sign-in/back/company`);
  const client = await cloud.control.call('registerOAuthClient', { redirectUri: `${url}/sign-in/back/cloud` });
  await cloud.control.call('addUser', {
    id: 'marie',
    password: 'her own secret',
    displayName: 'Marie of the cloud',
    groups: ['helpdesk'],
  });

  await desk.arrive();
  await run(page, 'People: Ways to Sign In');
  const add = section(page, 'Add a provider');
  await add.getByLabel('Name on the button').fill('Company');
  await add.getByLabel('Short name').fill('company');
  await add.getByLabel('Address', { exact: true }).fill(oidc.url);
  await add.getByLabel('Client id').fill(oidc.clientId);
  await add.getByLabel('Client secret').fill(oidc.clientSecret);
  await add.getByRole('button', { name: 'Add', exact: true }).click();
  const company = section(page, 'Company');
  await expect(company).toContainText(`${url}/sign-in/back/company`);
  await company.getByRole('button', { name: 'Check' }).click();
  await expect(company.getByRole('status')).toContainText('answers and is what it was entered as');
  await add.getByLabel('Name on the button').fill('Our cloud');
  await add.getByLabel('Short name').fill('cloud');
  await add.getByLabel('Kind').selectOption('nextcloud');
  await add.getByLabel('Address', { exact: true }).fill(cloud.url);
  await add.getByLabel('Client id').fill(client.id);
  await add.getByLabel('Client secret').fill(client.secret);
  await add.getByLabel('Group whose members are let in').fill('helpdesk');
  await add.getByLabel('Their role').selectOption('helpdesk');
  await add.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(section(page, 'Our cloud')).toContainText('everybody in helpdesk too, as helpdesk');
  await expect(page.getByText(client.secret)).toHaveCount(0);

  const invited = (await server.api('/people', {
    method: 'POST',
    body: { name: 'Ada', grants: [{ role: 'viewer', everywhere: true }] },
  })) as { invitation: string };
  const theirs = await browser.newContext(nobody);
  const ada = await theirs.newPage();
  await ada.goto(url);
  await ada.getByRole('button', { name: 'I have an invitation' }).click();
  await ada.getByRole('textbox', { name: 'Invitation' }).fill(invited.invitation);
  await ada.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
  await ada.getByRole('button', { name: 'Choose this password and sign in' }).click();
  await expect(tree(ada)).toBeVisible();
  await run(ada, account);
  const accounts = section(ada, 'Accounts elsewhere');
  await accounts.getByLabel('With').selectOption('company');
  await accounts.getByLabel('Present password').fill(PASSWORD);
  await accounts.getByRole('button', { name: 'Sign in there and link the account' }).click();
  await ada.getByRole('button', { name: 'Ada Lovelace' }).click();
  await expect(accounts.getByRole('grid', { name: 'Accounts elsewhere' })).toContainText('Ada Lovelace');

  await theirs.clearCookies();
  await ada.goto(url);
  await ada.getByRole('button', { name: 'Sign in with Company' }).click();
  await ada.getByRole('button', { name: 'Cancel' }).click();
  await expect(ada.locator('.gate').getByRole('alert')).toContainText('the sign-in was cancelled there');
  await ada.getByRole('button', { name: 'Go on' }).click();
  await ada.getByRole('button', { name: 'Sign in with Company' }).click();
  await ada.getByRole('button', { name: 'Ada Lovelace' }).click();
  await expect(tree(ada)).toBeVisible();
  // What opened the session stands nowhere any more.
  expect(ada.url()).not.toMatch(/code=|state=/);
  await theirs.close();

  const elsewhere = await browser.newContext(nobody);
  const marie = await elsewhere.newPage();
  await marie.goto(url);
  await marie.getByRole('button', { name: 'Sign in with Our cloud' }).click();
  await marie.getByLabel('Login').fill('marie');
  await marie.getByLabel('Password').fill('her own secret');
  await marie.getByRole('button', { name: 'Grant access' }).click();
  await expect(tree(marie)).toBeVisible();
  await run(marie, account);
  await expect(marie.getByRole('heading', { name: 'Marie of the cloud' })).toBeVisible();
  await elsewhere.close();

  // The next test finds the sign-in as it was.
  for (const id of ['company', 'cloud']) await server.api(`/sign-in-providers/${id}`, { method: 'DELETE' });
  await oidc[Symbol.asyncDispose]();
});
