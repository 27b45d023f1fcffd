/**
 * The workbench with a large fleet, as a browser sees it: production build, real server, real Chromium, 10 000 agents and a million files in the
 * database.
 *
 *   npm run bench:console -- [--agents 10000] [--files 1000000] [--seconds 60]
 */
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type CDPSession, chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { launchOptions } from '../console/browser.ts';
import { startServer } from '../harness/fleet.ts';
import { addLargeFleet, agentIdSql } from '../harness/large-fleet.ts';
import { sql } from '../harness/server-parts.ts';
import { type Figure, figure, printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '10000' },
    files: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
  },
});
const agents = z.coerce.number().int().min(100).max(100_000).parse(values.agents);
const files = z.coerce.number().int().min(1000).max(10_000_000).parse(values.files);
const seconds = z.coerce.number().int().min(5).max(3600).parse(values.seconds);
const OFFICES = 40;
const ADMIN = { name: 'admin', password: 'a long enough password' };
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);
const figures: Figure[] = [];

const server = await startServer({ ui: 'on' });
const browser = await chromium.launch(launchOptions);
let exitCode = 0;
try {
  say(`filling the database with ${agents} agents and ${files} files`);
  const filledFrom = performance.now();
  const { folderId, officeIds } = await addLargeFleet(server, { agents, offices: OFFICES, files });
  say(`filled in ${Math.round((performance.now() - filledFrom) / 1000)} s`);
  const signedIn = await signUp();
  await measureApi(folderId, officeIds[6]!);
  const page = await measureStart(signedIn);
  await measureTree(page);
  await measureSearch(page);
  await measureOffice(page);
  await measureLive(page);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  exitCode = 1;
} finally {
  await browser.close();
  await server.process.stop();
}
if (exitCode === 0) printReport('console', figures, { agents, files, seconds });
process.exit(exitCode);

/** The first administrator's session, as a browser keeps it. */
async function signUp() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('One-time code').fill(server.setupCode ?? '');
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.locator('.activity-bar').waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

async function measureApi(folderId: string, officeId: string): Promise<void> {
  const routes = {
    agents: '/agents?limit=1000',
    offices: '/offices',
    office: `/offices/${officeId}`,
    folders: '/folders',
    folder: `/folders/${folderId}`,
    files: `/folders/${folderId}/files?limit=200`,
    transfers: '/transfers?limit=200',
    events: '/events?limit=200',
    traffic: '/traffic',
    problems: '/problems',
    search: '/search?q=document%200123&limit=50',
  };
  for (const [name, path] of Object.entries(routes)) {
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const startedAt = performance.now();
      await server.api(path);
      times.push(performance.now() - startedAt);
    }
    figures.push(figure(`api.${name}.p95`, percentile(times, 0.95), 'ms', 200));
  }
}

/** A cold start: empty cache, signed in. */
async function measureStart(storageState: Awaited<ReturnType<typeof signUp>>): Promise<Page> {
  const context = await browser.newContext({ storageState, viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  // The loader of this file names functions by a helper that pages do not have.
  await context.addInitScript('globalThis.__name = (named) => named');
  const page = await context.newPage();
  const scripts: { atMs: number; gzipBytes: number }[] = [];
  const startedAt = performance.now();
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return;
    const atMs = performance.now() - startedAt;
    void response.body().then((body) => scripts.push({ atMs, gzipBytes: gzipSync(body, { level: 9 }).length }));
  });
  await page.goto(server.url, { waitUntil: 'commit' });
  const interactiveMs = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () =>
          document.querySelector('.activity-bar [role="tab"]') === null
            ? requestAnimationFrame(look)
            : requestAnimationFrame(() => resolve(performance.now()));
        look();
      }),
  );
  const interactiveAtMs = performance.now() - startedAt;
  await page.getByRole('treeitem').first().waitFor();
  const rowsMs = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  const kilobytes = (of: typeof scripts) => of.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0) / 1000;
  figures.push(
    figure('initialJs', kilobytes(scripts.filter(({ atMs }) => atMs <= interactiveAtMs)), 'kB gzip', 320),
    figure('allJsOfFirstScreen', kilobytes(scripts), 'kB gzip'),
    figure('shellInteractive', interactiveMs, 'ms', 1500),
    figure('fleetShown', rowsMs, 'ms'),
  );
  return page;
}

async function measureTree(page: Page): Promise<void> {
  const tree = page.getByRole('tree', { name: 'Offices and PCs' });
  await tree.getByRole('treeitem').first().focus();
  await page.keyboard.press('*');
  await page.waitForTimeout(1000);
  await page.keyboard.press('Control+b');
  await tree.waitFor({ state: 'hidden' });
  const mountMs = await fromKeyTo(page, '.side-bar [role="treeitem"]', () => page.keyboard.press('Control+b'));
  const rows = await page.locator('.side-bar [role="treeitem"]').count();
  const scroll = await page.evaluate(
    () =>
      new Promise<{ worst: number; height: number; rowsMost: number }>((resolve) => {
        const scroller = document.querySelector('.side-bar .tree');
        if (scroller === null) return resolve({ worst: -1, height: 0, rowsMost: 0 });
        let last = performance.now();
        let worst = 0;
        let rowsMost = 0;
        let frames = 0;
        const step = () => {
          const now = performance.now();
          if (frames > 1) worst = Math.max(worst, now - last);
          last = now;
          rowsMost = Math.max(rowsMost, scroller.querySelectorAll('[role="treeitem"]').length);
          scroller.scrollTop += 900;
          if (++frames < 180) requestAnimationFrame(step);
          else resolve({ worst, height: scroller.scrollHeight, rowsMost });
        };
        requestAnimationFrame(step);
      }),
  );
  say(`the expanded tree is ${scroll.height} pixels high`);
  figures.push(
    figure('treeRowsTotal', Math.round(scroll.height / 24), 'rows'),
    figure('treeMount', mountMs, 'ms', 300),
    figure('treeRowsInDom', Math.max(rows, scroll.rowsMost), 'rows', 60),
    figure('treeWorstFrame', scroll.worst, 'ms', 50),
  );
}

async function measureSearch(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input [role="option"]').first().waitFor();
  await page.keyboard.press('Escape');
  const openMs = await fromKeyTo(page, '.quick-input [role="option"]', () => page.keyboard.press('F1'));
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+p');
  await page.locator('.quick-input input').waitFor();
  const times: number[] = [];
  for (const text of ['design-01234', 'workshop-0', '10.7.3', 'office 12']) {
    await page.locator('.quick-input input').fill('');
    await page.waitForTimeout(300);
    const name = text.split(/[ -]/)[0]!;
    times.push(
      await page.evaluate(
        ({ typed, expected }) =>
          new Promise<number>((resolve) => {
            const input = document.querySelector<HTMLInputElement>('.quick-input input')!;
            const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
            const startedAt = performance.now();
            set.call(input, typed);
            input.dispatchEvent(new Event('input', { bubbles: true }));
            const look = () => {
              const first = document.querySelector('.quick-input [role="option"]')?.textContent ?? '';
              if (first.includes(expected) || performance.now() - startedAt > 5000)
                resolve(performance.now() - startedAt);
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }),
        { typed: text, expected: name },
      ),
    );
  }
  await page.keyboard.press('Escape');
  figures.push(figure('paletteOpen', openMs, 'ms', 50), figure('searchWorst', Math.max(...times), 'ms', 100));
}

async function measureOffice(page: Page): Promise<void> {
  const open = async () => {
    await page.keyboard.press('Control+p');
    await page.locator('.quick-input input').fill('office 07');
    await page.locator('.quick-input [role="option"]').filter({ hasText: 'office 07' }).first().waitFor();
    return fromKeyTo(page, 'h1', () => page.keyboard.press('Enter'), 'office 07');
  };
  const coldMs = await open();
  await page.waitForLoadState('networkidle');
  await page.keyboard.press('Alt+w');
  const cachedMs = await open();
  figures.push(figure('officeCold', coldMs, 'ms', 1000), figure('officeCached', cachedMs, 'ms', 300));
}

/** Changes 1 000 agents a second in the database, as the broker does, and looks at what that costs the page. */
async function measureLive(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.evaluate(() => performance.clearMeasures());
  await page.waitForTimeout(2000);
  const before = await metrics(session);
  say(`1 000 changes a second for ${seconds} s`);
  const endsAt = performance.now() + seconds * 1000;
  let changes = 0;
  while (performance.now() < endsAt) {
    const turnEndsAt = performance.now() + 250;
    const first = changes % agents;
    const numbers = Array.from({ length: 250 }, (_, index) => 1 + ((first + index) % agents));
    await sql(
      server,
      `WITH changed AS (
         UPDATE "Agent" SET "lastSeenAt" = now(), "online" = NOT "online" WHERE "id" IN (SELECT ${agentIdSql('n')} FROM unnest($1::int[]) n) RETURNING "id"
       ), numbered AS (SELECT "id", row_number() OVER () AS n FROM changed)
       SELECT pg_notify('harp_agents', string_agg("id", ' ')) FROM numbered GROUP BY n / 100`,
      [numbers],
    );
    changes += numbers.length;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, turnEndsAt - performance.now())));
  }
  const flushes = await page.evaluate(() => performance.getEntriesByName('harp:flush').map(({ duration }) => duration));
  await page.waitForTimeout(2000);
  const after = await metrics(session);
  figures.push(
    figure('changesPerSecond', changes / seconds, '1/s', 1000, 'higher'),
    figure('flushes', flushes.length, 'flushes'),
    figure('flushP95', percentile(flushes, 0.95), 'ms', 10),
    figure('flushWorst', Math.max(0, ...flushes), 'ms'),
    figure('mainThreadPerSecond', (1000 * (after.taskSeconds - before.taskSeconds)) / (seconds + 2), 'ms'),
    figure('heapGrowth', (after.heapBytes - before.heapBytes) / 1e6, 'MB', 5),
  );
}

async function metrics(session: CDPSession) {
  await session.send('HeapProfiler.collectGarbage');
  const all = new Map((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  return { heapBytes: all.get('JSHeapUsedSize') ?? 0, taskSeconds: all.get('TaskDuration') ?? 0 };
}

/** Milliseconds from the next key to the frame after an element (with that text) is there. */
async function fromKeyTo(page: Page, selector: string, press: () => Promise<void>, text = ''): Promise<number> {
  const shown = page.evaluate(
    ({ wanted, words }) =>
      new Promise<number>((resolve) => {
        let startedAt: number | undefined;
        addEventListener('keydown', (event) => (startedAt ??= event.timeStamp), { capture: true });
        const look = () => {
          const found = [...document.querySelectorAll(wanted)].some((element) => element.textContent?.includes(words));
          if (startedAt !== undefined && found) requestAnimationFrame(() => resolve(performance.now() - startedAt!));
          else requestAnimationFrame(look);
        };
        look();
      }),
    { wanted: selector, words: text },
  );
  await press();
  return shown;
}

function percentile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
