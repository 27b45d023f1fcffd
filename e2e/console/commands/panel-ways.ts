/** The commands of the panel's tabs. */
import type { Page, Route } from '@playwright/test';
import { choose, expect, FOLDER, focusByTab, press, run } from '../desk.ts';
import { byPalette, says, type Way } from './way.ts';

const tab = (page: Page, name: RegExp) => page.locator('[data-part="panel"]').getByRole('tab', { name });
const shows = (name: RegExp) => (page: Page) => expect(tab(page, name)).toHaveAttribute('aria-selected', 'true');
const panel = (page: Page) => page.locator('[data-part="panel"]');
const pressed = (name: string, value: 'true' | 'false') => (page: Page) =>
  expect(panel(page).getByRole('button', { name })).toHaveAttribute('aria-pressed', value);
const lines = (page: Page, channel: string) => page.getByLabel(new RegExp(`^Lines of .?${channel}`));

export const panelWays: readonly Way[] = [
  { id: 'harp.events.show', proof: shows(/^Events/) },
  {
    id: 'harp.events.togglePause',
    async proof(page) {
      await pressed('Continue', 'true')(page);
      await run(page, 'Events: Pause or Continue the List');
      await pressed('Pause', 'false')(page);
    },
  },
  {
    id: 'harp.events.clearFilter',
    async ready(page) {
      const field = panel(page).getByLabel('Filter events', { exact: true });
      await focusByTab(page, () => field.evaluate((input) => input === document.activeElement), 'panel');
      await page.keyboard.type('nothing-has-this');
      await expect(panel(page).getByText(/^None of the .* matches/)).toBeVisible();
    },
    proof: (page) => expect(panel(page).getByLabel('Filter events', { exact: true })).toHaveValue(''),
  },
  { id: 'harp.transfers.show', proof: shows(/^Transfers/) },
  {
    id: 'harp.transfers.groupBy.office',
    proof: (page) => expect(page.getByRole('grid', { name: 'Deliveries by office' })).toContainText('north'),
  },
  {
    id: 'harp.transfers.groupBy.folder',
    proof: (page) => expect(page.getByRole('grid', { name: 'Deliveries by folder' })).toContainText(FOLDER),
  },
  {
    id: 'harp.transfers.groupBy.none',
    proof: (page) => expect(page.getByRole('grid', { name: 'Files delivered, newest first' })).toBeVisible(),
  },
  { id: 'harp.jobs.show', proof: shows(/^Jobs/) },
  {
    id: 'harp.jobs.verify',
    async proof(page) {
      await choose(page, FOLDER);
      await expect(
        page
          .getByRole('grid', { name: 'Jobs, running ones first' })
          .getByRole('row')
          .filter({ hasText: 'done' })
          .first(),
      ).toContainText(FOLDER);
    },
  },
  { id: 'harp.problems.show', proof: shows(/^Problems/) },
  { id: 'harp.audit.show', proof: (page) => expect(page.getByRole('tree', { name: 'By day' })).toBeVisible() },
  {
    id: 'harp.audit.open',
    proof: (page) => expect(page.getByRole('grid', { name: 'Changes, newest first' })).toContainText('Folder added'),
  },
  {
    id: 'harp.audit.verify',
    proof: (page) =>
      expect(page.getByRole('region', { name: 'Editor group' })).toContainText(
        /Everything that was checked is right|Every link of/,
      ),
  },
  {
    id: 'harp.audit.export',
    async run(page) {
      const saved = page.waitForEvent('download');
      await byPalette(page, 'harp.audit.export');
      expect((await saved).suggestedFilename()).toBe('harp-audit.jsonl');
    },
    async proof() {},
  },
  { id: 'harp.problems.next', ready: withTwoProblems, proof: problemAt('north-1') },
  { id: 'harp.problems.previous', proof: problemAt('south-1') },
  {
    id: 'harp.output.show',
    async proof(page) {
      await shows(/^Output/)(page);
      await expect(lines(page, 'Server')).toBeVisible();
    },
  },
  { id: 'harp.output.copy', proof: says('in the clipboard') },
  { id: 'harp.output.toggleFollow', proof: pressed('Follow the newest line', 'false') },
  {
    id: 'harp.output.togglePause',
    async proof(page) {
      await pressed('Continue', 'true')(page);
      await run(page, 'Output: Pause or Continue Output');
      await pressed('Pause', 'false')(page);
    },
  },
  {
    id: 'harp.output.pickChannel',
    async proof(page) {
      await choose(page, 'Broker');
      await expect(panel(page).getByLabel('Channel')).toHaveValue('broker');
    },
  },
  {
    id: 'harp.output.showAgent',
    async proof(page) {
      await choose(page, 'north-1');
      await expect(lines(page, 'north-1')).toBeVisible();
    },
  },
  {
    id: 'harp.output.clear',
    proof: (page) => expect(panel(page).getByText('Cleared. New lines appear here.')).toBeVisible(),
  },
  {
    // A failure's notice leads to its lines in the server's log.
    id: 'harp.output.find',
    async ready(page) {
      await page.route(/\/api\/v1\/versions\b/, refuse);
      await run(page, 'Fleet: Open Overview');
      await expect(page.getByText('req-find-me')).toBeVisible();
    },
    async run(page) {
      const link = page.getByRole('button', { name: 'Show in Output' });
      await run(page, 'View: Focus Editor');
      await focusByTab(page, () => link.evaluate((button) => button === document.activeElement), 'editors');
      await press(page, 'Enter');
    },
    async proof(page) {
      await shows(/^Output/)(page);
      await expect(panel(page).getByLabel('Filter lines', { exact: true })).toHaveValue('req-find-me');
      await page.unrouteAll();
    },
  },
];

function refuse(route: Route): Promise<void> {
  return route.fulfill({
    status: 500,
    json: { error: { code: 'internal.unexpected', message: 'Something unexpected.', requestId: 'req-find-me' } },
  });
}

/** Two problems, of two PCs: a healthy fleet has none to go to. */
async function withTwoProblems(page: Page): Promise<void> {
  const { origin } = new URL(page.url());
  const { agents } = (await (await page.request.get(`${origin}/api/v1/agents`)).json()) as {
    agents: { id: string; hostname: string }[];
  };
  const problems = ['north-1', 'south-1'].map((name) => ({
    id: `problem-${name}`,
    severity: 'error',
    code: 'agent.disk_full',
    params: {},
    related: null,
    subject: { kind: 'agent', id: agents.find(({ hostname }) => hostname === name)?.id, name },
    sinceMs: 1_700_000_000_000,
  }));
  await page.route(/\/api\/v1\/problems\b/, (route) =>
    route.fulfill({ json: { problems, errors: 2, warnings: 0, infos: 0 } }),
  );
}

function problemAt(name: string) {
  return (page: Page) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}
