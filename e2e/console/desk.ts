/** A desk at the workbench: an administrator who is signed in, with a workbench as on the first day in every test, and hands for the keyboard. */
import type { Page } from '@playwright/test';
import { ADMIN, test as base, expect } from './fixtures.ts';

export { ADMIN, expect, FOLDER } from './fixtures.ts';

type StorageState = Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;

/** How the console is opened: with which settings, at which address. */
export interface Arrival {
  path?: string;
  settings?: Record<string, unknown>;
}

interface Desk {
  /** Opens the console as on the first day and waits until it can be used. */
  arrive(arrival?: Arrival): Promise<void>;
  /** What went wrong in the page without being caught; a test may not leave anything in it. */
  readonly pageErrors: string[];
}

export const test = base.extend<{ desk: Desk }, { signedIn: StorageState }>({
  signedIn: [
    async ({ stage, browser }, use) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(stage.world.server.url);
      await page.getByLabel('One-time code').fill(stage.world.server.setupCode ?? '');
      await page.getByLabel('Name').fill(ADMIN.name);
      await page.getByLabel('Password').fill(ADMIN.password);
      await page.getByRole('button', { name: 'Create administrator' }).click();
      await expect(page.getByRole('tree', { name: 'Offices and PCs' })).toBeVisible();
      const { cookies } = await context.storageState();
      await context.close();
      await use({ cookies: cookies.filter(({ name }) => !name.startsWith('harp-')), origins: [] });
    },
    { scope: 'worker' },
  ],
  storageState: async ({ signedIn }, use) => use(signedIn),
  desk: async ({ page, stage }, use) => {
    const pageErrors: string[] = [];
    page.on('pageerror', (error) => pageErrors.push(String(error)));
    const { url } = stage.world.server;
    await use({
      pageErrors,
      async arrive({ path = '/', settings = {} } = {}) {
        if (page.url().startsWith(url)) {
          // The workbench that is open keeps what was arranged last when it is left: it must be gone before that is taken back.
          await page.goto(`${url}/api/v1/health`);
          await page.evaluate(() => localStorage.clear());
        }
        for (const [key, value] of Object.entries({ layout: {}, keybindings: [], filters: {}, settings })) {
          const stored = await page.request.put(`${url}/api/v1/me/state/${key}`, {
            data: { value },
            headers: { origin: url },
          });
          expect(stored.ok(), await stored.text()).toBe(true);
        }
        await page.goto(new URL(path, url).href);
        await expect(page.getByRole('contentinfo').or(page.locator('[data-part="status"]')).first()).toBeVisible();
      },
    });
    // What is still being answered by a test's own hands is of no interest any more.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(pageErrors).toEqual([]);
  },
});

/** Presses keys one after the other: a chord is two of them. */
export async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Types into the quick input that is open, and takes the entry that comes first, once it is the one that is meant. */
export async function choose(page: Page, words: string, entry: string | RegExp = words): Promise<void> {
  // Nothing is typed in it yet: it is not the one before, which is on its way out.
  await expect(page.locator('[role="combobox"]:focus')).toHaveValue(/^[>#@:]?$/);
  await page.keyboard.type(words);
  const active = page.locator('.quick-input [role="option"][aria-selected="true"]');
  await expect(active).toContainText(entry);
  await page.keyboard.press('Enter');
}

/** Runs a command as somebody does who knows its name only. */
export async function run(page: Page, command: string): Promise<void> {
  await page.keyboard.press('F1');
  await choose(page, command);
}

/** Goes to an object by its name. */
export async function goTo(page: Page, words: string, entry: string | RegExp = words): Promise<void> {
  await page.keyboard.press('Control+p');
  await choose(page, words, entry);
}

/** Goes on with Tab until it is there; `part`: from that part of the workbench on. */
export async function focusByTab(page: Page, isThere: () => Promise<boolean>, part?: FocusCommand): Promise<void> {
  if (part !== undefined) await run(page, focusCommands[part]);
  for (let step = 0; step < 60; step += 1) {
    if (await isThere()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab never came there');
}

const focusCommands = { editors: 'View: Focus Editor', panel: 'View: Focus Panel' } as const;
type FocusCommand = keyof typeof focusCommands;

/** The part of the workbench that has the focus. */
export function focusedPart(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-part]')?.dataset.part);
}

/** The heading of an editor: what it is about. */
export function heading(page: Page, name: string) {
  return page.getByRole('heading', { level: 1, name });
}

/** The tab of an editor, by its title. */
export function editorTab(page: Page, title: string | RegExp) {
  return page.locator('[data-part="editors"]').getByRole('tab', { name: title });
}
