/** What one page of the workbench takes: its first load, its tree, its quick input, an editor. Times are the page's own, from the key to the frame after. */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { type Figure, figure } from './report.ts';

type StorageState = BrowserContextOptions['storageState'];

/** A page of a browser that has nothing in its cache, with the fleet on it. */
export async function arrive(browser: Browser, url: string, storageState: StorageState) {
  const { page, close } = await emptyPage(browser, storageState);
  await page.goto(url);
  await page.getByRole('treeitem').first().waitFor();
  await page.waitForLoadState('networkidle');
  return { page, close };
}

async function emptyPage(browser: Browser, storageState: StorageState) {
  const context = await browser.newContext({
    ...(storageState === undefined ? {} : { storageState }),
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
  });
  // The loader of this file names functions by a helper that pages do not have.
  await context.addInitScript('globalThis.__name = (named) => named');
  await context.addInitScript(markFlushes);
  return { page: await context.newPage(), close: () => context.close() };
}

/** In the page: a mark in the time line for every flush of agents, before the page hears of it. */
function markFlushes(): void {
  globalThis.EventSource = class extends EventSource {
    constructor(url: string | URL, init?: EventSourceInit) {
      super(url, init);
      this.addEventListener('agents', () => performance.mark('bench:flush'));
    }
  };
}

/** First visits with an empty cache, signed in. Scripts are what the browser was sent, at gzip's best; the median visit counts. */
export async function measureFirstLoad(
  browser: Browser,
  url: string,
  storageState: StorageState,
  rounds: number,
): Promise<Figure[]> {
  const visits: Awaited<ReturnType<typeof visit>>[] = [];
  for (let round = 0; round < rounds; round++) visits.push(await visit(browser, url, storageState));
  const of = (pick: (each: (typeof visits)[number]) => number) => percentile(visits.map(pick), 0.5);
  return [
    figure('initialJs', Math.max(...visits.map(({ initialKb }) => initialKb)), 'kB gzip', 320),
    figure(
      'chartsInInitialJs',
      visits.reduce((sum, { initialCharts }) => sum + initialCharts, 0),
      'scripts',
      0,
    ),
    figure(
      'firstScreenJs',
      of(({ allKb }) => allKb),
      'kB gzip',
    ),
    figure(
      'shellInteractive',
      of(({ interactiveMs }) => interactiveMs),
      'ms',
      1500,
    ),
    figure(
      'fleetShown',
      of(({ fleetMs }) => fleetMs),
      'ms',
    ),
  ];
}

/** What only charts bring: a script with any of these holds a chart library. */
const chartSigns = /recharts-|uplot|u-over/;

async function visit(browser: Browser, url: string, storageState: StorageState) {
  const { page, close } = await emptyPage(browser, storageState);
  const bodies = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') bodies.set(response.url(), response.body());
  });
  await page.goto(url, { waitUntil: 'commit' });
  const { thereMs, interactiveMs } = await page.evaluate(
    () =>
      new Promise<{ thereMs: number; interactiveMs: number }>((resolve) => {
        // The bars, a view's place, and the editors' part with the docking library's element in it.
        const parts = ['.activity-bar [role="tab"]', '.side-bar', '.editors .dock', '.status-bar'];
        const isThere = () => parts.every((part) => document.querySelector(part) !== null);
        const finish = () => {
          const thereMs = performance.now();
          requestAnimationFrame(() => resolve({ thereMs, interactiveMs: performance.now() }));
        };
        if (isThere()) return finish();
        const observer = new MutationObserver(() => {
          if (!isThere()) return;
          observer.disconnect();
          finish();
        });
        observer.observe(document, { childList: true, subtree: true });
      }),
  );
  // It takes keys: the palette opens.
  await page.keyboard.press('F1');
  await page.locator('.quick-input [role="option"]').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('treeitem').first().waitFor();
  const fleetMs = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  // What had come when the shell was there: it needs that, and what it asks for from then on it does not.
  const early = await page.evaluate(
    (until) =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming && entry.responseEnd <= until)
        .map(({ name }) => name),
    thereMs,
  );
  const scripts = await Promise.all(
    [...bodies].map(async ([name, body]) => ({ name, body: await body, isEarly: early.includes(name) })),
  );
  await close();
  const kilobytes = (of: typeof scripts) =>
    of.reduce((sum, { body }) => sum + gzipSync(body, { level: 9 }).length, 0) / 1000;
  const initial = scripts.filter(({ isEarly }) => isEarly);
  return {
    interactiveMs,
    fleetMs,
    initialKb: kilobytes(initial),
    initialCharts: initial.filter(({ body }) => chartSigns.test(body.toString())).length,
    allKb: kilobytes(scripts),
  };
}

/** The tree of the whole fleet, everything expanded: shown anew, and scrolled by a page and more in every frame. */
export async function measureTree(page: Page, rounds: number, leastRows: number): Promise<Figure[]> {
  const row = '.side-bar [role="treeitem"]';
  const mounts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.keyboard.press('Control+b');
    await page.locator('.side-bar').waitFor({ state: 'detached' });
    mounts.push(await fromKeyTo(page, { selector: row }, () => page.keyboard.press('Control+b')));
  }
  const scrolls: Awaited<ReturnType<typeof scrollTree>>[] = [];
  for (let round = 0; round < rounds; round++) scrolls.push(await scrollTree(page));
  const rows = Math.round((scrolls[0]?.height ?? 0) / 24);
  if (rows < leastRows) throw new Error(`the tree has ${rows} rows of ${leastRows}: not everything is expanded`);
  return [
    figure('treeRows', rows, 'rows'),
    figure('treeMount', percentile(mounts, 0.5), 'ms', 300),
    figure('treeRowsInDom', Math.max(...scrolls.map(({ rowsMost }) => rowsMost)), 'rows', 60),
    figure(
      'treeFrameMedian',
      percentile(
        scrolls.map(({ median }) => median),
        0.5,
      ),
      'ms',
    ),
    figure('treeFrameWorst', Math.max(...scrolls.map(({ worst }) => worst)), 'ms', 50),
  ];
}

function scrollTree(page: Page) {
  return page.evaluate(
    () =>
      new Promise<{ worst: number; median: number; height: number; rowsMost: number }>((resolve, reject) => {
        const scroller = document.querySelector('.side-bar .tree');
        if (scroller === null) return reject(new Error('there is no tree'));
        scroller.scrollTop = 0;
        const FRAMES = 180;
        const frames: number[] = [];
        let last: number | undefined;
        let rowsMost = 0;
        const step = (now: number) => {
          if (last !== undefined) frames.push(now - last);
          last = now;
          rowsMost = Math.max(rowsMost, scroller.querySelectorAll('[role="treeitem"]').length);
          scroller.scrollTop += 900;
          if (frames.length < FRAMES) requestAnimationFrame(step);
          else {
            const sorted = frames.toSorted((a, b) => a - b);
            resolve({
              worst: sorted.at(-1) ?? 0,
              median: sorted[FRAMES / 2] ?? 0,
              height: scroller.scrollHeight,
              rowsMost,
            });
          }
        };
        // What the jump to the top made is drawn before the first step.
        requestAnimationFrame(() => requestAnimationFrame(step));
      }),
  );
}

/** From the palette's key to its commands. */
export async function measurePalette(page: Page, rounds: number): Promise<Figure[]> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    times.push(await fromKeyTo(page, { selector: '.quick-input [role="option"]' }, () => page.keyboard.press('F1')));
    await page.keyboard.press('Escape');
    await page.locator('.quick-input').waitFor({ state: 'detached' });
  }
  const [first = 0, ...others] = times;
  return [figure('paletteOpenFirst', first, 'ms'), figure('paletteOpen', percentile(others, 0.5), 'ms', 50)];
}

/** From a typed text to the first row that fits it, over all that the page knows. */
export async function measureSearch(page: Page, rounds: number): Promise<Figure[]> {
  await page.keyboard.press('Control+p');
  await page.locator('.quick-input [role="option"]').first().waitFor();
  const times: number[] = [];
  const queries = ['design-01231', 'workshop-0', 'sal 19', '10.7.3', 'office 12'];
  for (let round = 0; round < rounds; round++) {
    for (const query of queries) times.push(await searchFor(page, query));
  }
  await page.keyboard.press('Escape');
  return [figure('searchMedian', percentile(times, 0.5), 'ms'), figure('searchWorst', Math.max(...times), 'ms', 100)];
}

function searchFor(page: Page, query: string): Promise<number> {
  return page.evaluate(async (typed) => {
    const input = document.querySelector<HTMLInputElement>('.quick-input input');
    const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    if (input === null || setValue === undefined) throw new Error('there is no field to type in');
    const type = (text: string) => {
      setValue.call(input, text);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const firstRow = () => document.querySelector('.quick-input [role="option"]')?.textContent ?? '';
    const word = typed.split(/[ -]/)[0] ?? '';
    // Something that is nowhere, until nothing is shown: what is found next is new.
    type('\u2205');
    while (firstRow() !== '') await frame();
    const startedAt = performance.now();
    type(typed);
    while (!firstRow().includes(word)) {
      if (performance.now() - startedAt > 10_000) throw new Error(`nothing was found for “${typed}”`);
      await frame();
    }
    return performance.now() - startedAt;
  }, query);
}

/** From the key that chooses an office to its figures: with nothing of the editor loaded, and once more after it was closed. */
export async function measureOffice(page: Page, rounds: number): Promise<Figure[]> {
  const name = 'office 07';
  const open = async () => {
    await page.keyboard.press('Control+p');
    await page.locator('.quick-input input').fill(name);
    await page.locator('.quick-input [role="option"][aria-selected="true"]').filter({ hasText: name }).waitFor();
    return fromKeyTo(page, { selector: '.editor', words: [name, 'Archive'], inside: '.fleet-kpi' }, () =>
      page.keyboard.press('Enter'),
    );
  };
  const coldMs = await open();
  const cached: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.waitForLoadState('networkidle');
    await page.keyboard.press('Alt+w');
    await page.locator('.editor .fleet-kpi').waitFor({ state: 'detached' });
    cached.push(await open());
  }
  return [figure('officeCold', coldMs, 'ms', 1000), figure('officeCached', percentile(cached, 0.5), 'ms', 300)];
}

interface Shown {
  selector: string;
  /** What its text has in it. */
  words?: readonly string[];
  /** What is inside of it. */
  inside?: string;
}

/** Milliseconds from the next key to the frame after which such an element is seen. */
async function fromKeyTo(page: Page, shown: Shown, press: () => Promise<void>): Promise<number> {
  await page.evaluate(({ selector, words = [], inside = '*' }) => {
    const shared = globalThis as { benchShown?: Promise<number> };
    shared.benchShown = new Promise((resolve) => {
      const look = (startedAt: number) => {
        const isShown = [...document.querySelectorAll(selector)].some(
          (element) =>
            element.querySelector(inside) !== null && words.every((word) => element.textContent?.includes(word)),
        );
        if (isShown) requestAnimationFrame(() => resolve(performance.now() - startedAt));
        else requestAnimationFrame(() => look(startedAt));
      };
      addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => look(timeStamp)), {
        capture: true,
        once: true,
      });
    });
  }, shown);
  await press();
  return page.evaluate(() => (globalThis as { benchShown?: Promise<number> }).benchShown ?? Number.NaN);
}

/** The value that `share` of a sample does not exceed. */
export function percentile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
