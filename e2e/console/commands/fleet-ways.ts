/** The commands of the fleet: its tree, table and filters, and what is done with offices and PCs. */
import type { Page } from '@playwright/test';
import { choose, editorTab, expect, heading, press, run } from '../desk.ts';
import { byMenu, clipboard, toRow, type Way } from './way.ts';

const tree = (page: Page) => page.getByRole('tree', { name: 'Offices and PCs' });
const firstRow = (page: Page) => tree(page).getByRole('treeitem').first();
const filter = (page: Page) =>
  page.locator('[data-part="sideBar"]').getByLabel('Filter offices and PCs', { exact: true });
const filtered = (query: string) => (page: Page) => expect(filter(page)).toHaveValue(query);
const saved = (page: Page) => page.getByRole('tree', { name: 'Saved Filters' });
const groups = (page: Page) => page.locator('.dv-groupview');
const at = (pattern: RegExp) => (page: Page) => expect(page).toHaveURL(pattern);

const inTree = (name: RegExp) => async (page: Page) => {
  await press(page, 'Control+0');
  await toRow(page, name);
};

export const fleetWays: readonly Way[] = [
  {
    id: 'harp.fleet.openOffice',
    async proof(page) {
      await choose(page, 'south');
      await expect(page).toHaveURL(/\/o\/south$/);
    },
  },
  {
    id: 'harp.fleet.openAgent',
    async proof(page) {
      await choose(page, 'north-2');
      await expect(heading(page, 'north-2')).toBeVisible();
    },
  },
  { id: 'harp.fleet.openTable', proof: at(/\/fleet$/) },
  { id: 'harp.fleet.openOverview', proof: at(/\/fleet\/overview/) },
  {
    id: 'harp.fleet.compare',
    async proof(page) {
      await choose(page, 'north-1');
      await choose(page, 'south-1');
      await expect(editorTab(page, /north-1 ↔ south-1/)).toBeVisible();
    },
  },
  { id: 'harp.fleet.open', run: byMenu('harp.fleet.open', inTree(/^south(?!-)/)), proof: at(/\/o\/south$/) },
  {
    id: 'harp.fleet.showOfficeTable',
    run: byMenu('harp.fleet.showOfficeTable', inTree(/^south(?!-)/)),
    proof: at(/\/fleet\?query=office%3Asouth/),
  },
  {
    id: 'harp.fleet.showThroughput',
    run: byMenu('harp.fleet.showThroughput', inTree(/^north(?!-)/)),
    proof: at(/\/o\/north\/throughput/),
  },
  {
    id: 'harp.fleet.openBeside',
    run: byMenu('harp.fleet.openBeside', inTree(/^north-1/)),
    async proof(page) {
      await expect(groups(page)).toHaveCount(2);
      await expect(heading(page, 'north-1')).toBeVisible();
      await run(page, 'Editor: Close All');
      await expect(groups(page)).toHaveCount(0);
    },
  },
  {
    id: 'harp.fleet.copyId',
    async ready(page) {
      await inTree(/^north-1/)(page);
      await press(page, 'Shift+ArrowDown');
      await expect(tree(page).locator('[aria-selected="true"]')).toHaveText([/^north-1/, /^north-2/]);
    },
    proof: clipboard(/^[a-z2-7]{52}\n[a-z2-7]{52}$/),
  },
  { id: 'harp.fleet.copyPermalink', proof: clipboard(/\/a\/[a-z2-7]{52}\n.*\/a\/[a-z2-7]{52}$/) },
  {
    id: 'harp.fleet.compareSelected',
    async proof(page) {
      await expect(page).toHaveURL(/\/compare\//);
      await expect(editorTab(page, /north-1 ↔ north-2/)).toBeVisible();
    },
  },
  {
    id: 'harp.fleet.groupBy',
    async proof(page) {
      await choose(page, 'Version');
      await expect(firstRow(page)).toContainText(/^\d/);
    },
  },
  { id: 'harp.fleet.groupBy.state', proof: (page) => expect(firstRow(page)).toContainText(/online|complete/) },
  { id: 'harp.fleet.groupBy.office', proof: (page) => expect(firstRow(page)).toContainText(/^north/) },
  { id: 'harp.fleet.groupBy.version', proof: (page) => expect(firstRow(page)).toContainText(/^\d/) },
  { id: 'harp.fleet.groupBy.region', proof: (page) => expect(firstRow(page)).toContainText(/^north|^No region/) },
  {
    id: 'harp.fleet.filter',
    async proof(page) {
      await expect(filter(page)).toBeFocused();
      await page.keyboard.type('south-');
      await expect(tree(page).getByRole('treeitem')).toHaveCount(2);
    },
  },
  {
    id: 'harp.fleet.saveFilter',
    async proof(page) {
      await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
      await page.keyboard.type('mine');
      await press(page, 'Enter');
      await expect(saved(page).getByRole('treeitem', { name: /mine/ })).toBeVisible();
    },
  },
  {
    id: 'harp.fleet.clearFilter',
    async proof(page) {
      await filtered('')(page);
      await expect(tree(page).getByRole('treeitem')).toHaveCount(5);
    },
  },
  { id: 'harp.fleet.showOffline', proof: filtered('state:offline') },
  { id: 'harp.fleet.showBlocked', proof: filtered('state:blocked') },
  { id: 'harp.fleet.showWithoutRegion', proof: filtered('region:none') },
  {
    id: 'harp.fleet.applyFilter',
    run: byMenu('harp.fleet.applyFilter', (page) => toSavedFilter(page)),
    proof: filtered('south-'),
  },
  {
    id: 'harp.fleet.deleteFilter',
    run: byMenu('harp.fleet.deleteFilter', (page) => toSavedFilter(page)),
    proof: (page) => expect(saved(page)).toHaveCount(0),
  },
  {
    id: 'harp.fleet.refresh',
    async ready(page) {
      await run(page, 'Fleet: Clear Filter');
      read = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/v1/agents');
    },
    proof: () => read ?? Promise.reject(new Error('nothing was waited for')),
  },
];

let read: Promise<unknown> | undefined;

/** Tab leads from the tree of offices to the saved filters below it. */
async function toSavedFilter(page: Page): Promise<void> {
  await press(page, 'Control+0');
  const row = saved(page).locator('[role="treeitem"]:focus');
  for (let step = 0; step < 12 && (await row.count()) === 0; step += 1) await press(page, 'Tab');
  await expect(row).toContainText('mine');
}

export const savingsWays: readonly Way[] = [
  { id: 'harp.savings.show', proof: at(/\/savings/) },
  {
    id: 'harp.savings.showOffice',
    async proof(page) {
      await choose(page, 'south');
      await expect(page.locator('.savings-choice').getByRole('combobox')).toHaveValue(/^off-/);
      await expect(page.getByRole('button', { name: /Open .?south/ })).toBeVisible();
    },
  },
];
