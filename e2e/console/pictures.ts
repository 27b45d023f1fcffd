/** How pictures of the console are taken: each view in every look, by a page that begins as on the first day. */
import type { Browser, BrowserContext, Page } from '@playwright/test';

export type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

/** A console and who is signed in to it; nobody before the first administrator is made. */
export interface Site {
  readonly url: string;
  readonly state: StorageState | undefined;
}

/** How a picture looks. Heights of 450 and widths of 720 are a window of 1440 by 900 at 200 %. */
export const looks = {
  dark: { settings: { 'workbench.theme': 'dark' }, width: 1440, height: 900 },
  light: { settings: { 'workbench.theme': 'light' }, width: 1440, height: 900 },
  'hc-dark': { settings: { 'workbench.theme': 'hc-dark' }, width: 1440, height: 900 },
  'hc-light': { settings: { 'workbench.theme': 'hc-light' }, width: 1440, height: 900 },
  '1024': { settings: { 'workbench.theme': 'dark' }, width: 1024, height: 768 },
  '768': { settings: { 'workbench.theme': 'dark' }, width: 768, height: 1024 },
  '320': { settings: { 'workbench.theme': 'dark' }, width: 320, height: 640 },
  zoomed: { settings: { 'workbench.theme': 'light' }, width: 720, height: 450 },
  german: { settings: { 'workbench.theme': 'dark', 'workbench.language': 'de' }, width: 1440, height: 900 },
  pseudo: { settings: { 'workbench.theme': 'light', 'workbench.language': 'pseudo' }, width: 1024, height: 768 },
} as const;
export type Look = keyof typeof looks;

/** What a picture shows and how it comes about. */
export interface View {
  path?: string;
  /** Default: all of them. */
  looks?: readonly Look[];
  /** Spoils or prepares the page before it is opened. */
  before?(page: Page): Promise<unknown>;
  /** Resolves when it is there. */
  show(page: Page): Promise<unknown>;
  /** True for a view that never comes to rest. */
  isRestless?: boolean;
}

export interface PicturesOptions {
  browser: Browser;
  folder: string;
  /** Whether a picture of this name is to be taken: `office-throughput-hc-dark`. */
  wants(name: string): boolean;
  /** A view that could not be shown; its picture is taken all the same. */
  onFailure(name: string, cause: unknown): void;
}

/** Takes a picture of a view in every look. */
export type InEveryLook = (site: Site, name: string, view: View) => Promise<void>;

export function createPictures({ browser, folder, wants, onFailure }: PicturesOptions): InEveryLook {
  // One for each console and look: what the browser has loaded once it need not load for every picture.
  const contexts = new Map<string, BrowserContext>();
  const contextOf = async ({ url, state }: Site, look: Look) => {
    const key = `${url} ${state === undefined} ${look}`;
    const present = contexts.get(key);
    if (present !== undefined) return present;
    const { settings, width, height } = looks[look];
    const theme = settings['workbench.theme'];
    const made = await browser.newContext({
      // Where nobody has chosen a theme it is the system's: signing in.
      colorScheme: theme.endsWith('light') ? 'light' : 'dark',
      contrast: theme.startsWith('hc') ? 'more' : 'no-preference',
      locale: look === 'german' ? 'de-DE' : 'en-GB',
      viewport: { width, height },
      ...(state === undefined ? {} : { storageState: state }),
    });
    // What the picture before has left there is no part of a first day.
    await made.addInitScript('localStorage.clear()');
    contexts.set(key, made);
    return made;
  };
  return async (site, name, view) => {
    for (const look of view.looks ?? (Object.keys(looks) as Look[])) {
      const picture = `${name}-${look}`;
      if (!wants(picture)) continue;
      const page = await (await contextOf(site, look)).newPage();
      try {
        if (site.state !== undefined) await beginAnew(page, site.url, looks[look].settings);
        await view.before?.(page);
        await page.goto(new URL(view.path ?? '/', site.url).href);
        await view.show(page);
        if (view.isRestless !== true) await atRest(page);
      } catch (cause) {
        onFailure(picture, cause);
      }
      await page.screenshot({ path: `${folder}/${picture}.png` });
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.close();
    }
  };
}

/** A workbench as on the first day, but for these settings. */
async function beginAnew(page: Page, url: string, settings: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries({ layout: {}, keybindings: [], filters: {}, settings })) {
    await page.request.put(`${url}/api/v1/me/state/${key}`, { data: { value }, headers: { origin: url } });
  }
}

/** How long a view may go on loading before its picture is taken as it is. */
const REST_MS = 5000;

/** Resolves when nothing says any more that it is loading, and what is there has been painted. */
async function atRest(page: Page): Promise<void> {
  await page
    .waitForFunction(() => document.querySelector('.loading, .chart-waiting') === null, undefined, { timeout: REST_MS })
    .catch(() => undefined);
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Resolves when the page says this. */
export const says = (words: string) => (page: Page) => page.getByText(words).first().waitFor();

/** Resolves when the heading of the editor in front is this. */
export const headed = (words: string) => (page: Page) =>
  page.getByRole('heading', { level: 1, name: words }).first().waitFor();

/** Runs a command of the palette, by its name in English, which every language understands. */
export async function run(page: Page, command: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('[role="combobox"]:focus').waitFor();
  await page.keyboard.type(command);
  await page.locator('[role="option"][aria-selected="true"]').waitFor();
  await page.keyboard.press('Enter');
}

/** Makes the first administrator of a server, and says who is signed in then. */
export async function signUp(browser: Browser, url: string, code: string): Promise<StorageState> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel('One-time code').fill(code);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.locator('.activity-bar').waitFor();
  const { cookies } = await context.storageState();
  await context.close();
  // Without those of the look: every picture has its own.
  return { cookies: cookies.filter(({ name }) => !name.startsWith('harp-')), origins: [] };
}
