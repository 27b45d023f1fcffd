/**
 * The workbench with a large fleet, as a browser sees it: production build, real server, real Chromium, 10 000 agents and a million files in the
 * database.
 *
 *   npm run bench:console -- [--agents 10000] [--files 1000000] [--seconds 60] [--rounds 5]
 */
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { launchOptions } from '../console/browser.ts';
import { type Server, startServer } from '../harness/fleet.ts';
import { addLargeFleet, addMoreAgents, type LargeFleet } from '../harness/large-fleet.ts';
import { measureLive } from './console-live.ts';
import {
  arrive,
  measureFirstLoad,
  measureOffice,
  measurePalette,
  measureSearch,
  measureTree,
  percentile,
} from './console-page.ts';
import { type Figure, figure, printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '10000' },
    files: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
  },
});
const agents = z.coerce.number().int().min(100).max(100_000).parse(values.agents);
const files = z.coerce.number().int().min(1000).max(10_000_000).parse(values.files);
const seconds = z.coerce.number().int().min(5).max(3600).parse(values.seconds);
const rounds = z.coerce.number().int().min(1).max(100).parse(values.rounds);

const OFFICES = 40;
/** What the quick input has to search at the end: twice the fleet of all other figures. */
const OBJECTS = agents * 2;
const API_ROUNDS = 20;
const ADMIN = { name: 'admin', password: 'a long enough password' };
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);

const server = await startServer({ ui: 'on' });
const browser = await chromium.launch(launchOptions);
let figures: Figure[] | undefined;
try {
  figures = await measure(server, browser);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await browser.close();
  await server.process.stop();
}
if (figures !== undefined) printReport('console', figures, { agents, files, seconds });
process.exit(figures === undefined ? 1 : 0);

async function measure(server: Server, browser: Browser): Promise<Figure[]> {
  const fleet = await addLargeFleet(server, { agents, offices: OFFICES, files }, say);
  const figures: Figure[] = [];
  const storageState = await signUp(browser, server);
  const add = (...more: Figure[]) => {
    for (const { name, value, unit, bar, ok } of more) {
      const verdict = bar === undefined ? '' : ` (bar ${bar}${ok === true ? '' : ', missed'})`;
      say(`${name}: ${value} ${unit}${verdict}`);
    }
    figures.push(...more);
  };

  add(...(await measureApi(server, fleet)));
  say(`${rounds} first visits`);
  add(...(await measureFirstLoad(browser, server.url, storageState, rounds)));
  const { page, close } = await arrive(browser, server.url, storageState);
  add(...(await measureTree(page, rounds, agents + OFFICES)));
  add(...(await measurePalette(page, rounds)));
  add(...(await measureOffice(page, rounds)));
  await close();

  say(`1 000 changes a second for ${seconds} s`);
  const live = await arrive(browser, server.url, storageState);
  add(...(await measureLive(browser, live.page, server, { agents, seconds })));
  await live.close();

  say(`${OBJECTS - agents} more agents`);
  await addMoreAgents(server, fleet, { from: agents + 1, to: OBJECTS, files });
  const many = await arrive(browser, server.url, storageState);
  await knowsAgent(many.page, OBJECTS);
  add(...(await measureSearch(many.page, rounds)));
  await many.close();
  return figures;
}

/** The first administrator's session, as a browser keeps it. */
async function signUp(browser: Browser, server: Server) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('One-time code').fill(server.setupCode ?? '');
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.locator('.activity-bar').waitFor();
  const { cookies } = await context.storageState();
  await context.close();
  return { cookies, origins: [] };
}

async function measureApi(server: Server, { folderId, officeIds }: LargeFleet): Promise<Figure[]> {
  const routes = {
    agents: '/agents?limit=1000',
    offices: '/offices',
    office: `/offices/${officeIds[6]}`,
    folders: '/folders',
    folder: `/folders/${folderId}`,
    files: `/folders/${folderId}/files?limit=200`,
    directory: `/folders/${folderId}/files?prefix=${encodeURIComponent('year 2003')}&limit=500`,
    transfers: '/transfers?limit=200',
    events: '/events?limit=200',
    traffic: '/traffic',
    problems: '/problems',
    search: '/search?q=document%200123&limit=50',
  };
  const figures: Figure[] = [];
  for (const [name, path] of Object.entries(routes)) {
    const times: number[] = [];
    for (let round = 0; round < API_ROUNDS; round++) {
      const startedAt = performance.now();
      await server.api(path);
      times.push(performance.now() - startedAt);
    }
    figures.push(figure(`api.${name}.p95`, percentile(times, 0.95), 'ms', 200));
  }
  return figures;
}

/** Waits until a page has read the agent of this number, the last one. */
async function knowsAgent(page: Page, number: number): Promise<void> {
  const digits = String(number).padStart(5, '0');
  await page.keyboard.press('Control+p');
  await page.locator('.quick-input input').fill(digits);
  await page.locator('.quick-input [role="option"]').filter({ hasText: digits }).first().waitFor({ timeout: 120_000 });
  await page.keyboard.press('Escape');
}
