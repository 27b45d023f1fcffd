/** Settings, themes, language, keys. */
import type { Page } from '@playwright/test';
import { type CommandId, commands } from '../../../console/src/contrib/command-names.ts';
import { choose, expect, focusByTab, heading, press, run } from '../desk.ts';
import { byMenu, clipboard, says, takeEntry, toRow, type Way } from './way.ts';

const setting = (page: Page, key: string) => page.locator(`[data-setting="${key}"]`);
const json = (page: Page) => page.getByRole('textbox', { name: 'Settings as JSON' });
const shortcuts = (page: Page) => page.getByRole('grid', { name: 'Commands and their keys' });
const search = (page: Page) => page.getByLabel('Search by command, key or condition');
const dialog = (page: Page) => page.getByRole('dialog');
const theme = (page: Page) => page.locator('html').getAttribute('data-theme');

/** The gear beside a setting opens its menu. */
const bySettingMenu = (id: CommandId) => async (page: Page) => {
  const gear = setting(page, 'workbench.density').getByRole('button');
  await focusByTab(page, () => gear.evaluate((button) => button === document.activeElement), 'editors');
  await press(page, 'Enter');
  await takeEntry(page, id);
};

/** The row of one command in the shortcut editor. */
const shortcutOf = (id: CommandId) => async (page: Page) => {
  await focusByTab(page, () => search(page).evaluate((field) => field === document.activeElement), 'editors');
  await press(page, 'Control+a');
  await page.keyboard.type(id);
  await expect(shortcuts(page)).toContainText(commands[id]);
  await focusByTab(page, () => shortcuts(page).evaluate((grid) => grid.contains(document.activeElement)));
  await toRow(page, commands[id]);
};
const tableRow = shortcutOf('harp.fleet.openTable');

async function recordKey(page: Page, key: string): Promise<void> {
  await expect(dialog(page).getByRole('textbox')).toBeFocused();
  await press(page, key, 'Enter');
  await expect(dialog(page)).toHaveCount(0);
}

export const settingWays: readonly Way[] = [
  { id: 'harp.account.open', proof: (page) => expect(heading(page, 'admin')).toBeVisible() },
  { id: 'harp.people.open', proof: (page) => expect(heading(page, 'People')).toBeVisible() },
  { id: 'harp.people.providers', proof: (page) => expect(heading(page, 'Ways to sign in')).toBeVisible() },
  { id: 'harp.settings.open', proof: (page) => expect(heading(page, 'Settings')).toBeVisible() },
  {
    id: 'harp.settings.copySetting',
    run: bySettingMenu('harp.settings.copySetting'),
    proof: clipboard(/^"workbench\.density": "comfortable"$/),
  },
  {
    id: 'harp.settings.copyLink',
    run: bySettingMenu('harp.settings.copyLink'),
    proof: clipboard(/\/settings\?q=%40id%3Aworkbench\.density$/),
  },
  {
    id: 'harp.settings.resetSetting',
    async ready(page) {
      const field = setting(page, 'workbench.density').getByRole('combobox');
      await focusByTab(page, () => field.evaluate((select) => select === document.activeElement), 'editors');
      const saved = page.waitForResponse(/\/me\/state\/settings$/);
      await page.keyboard.type('Compact');
      await expect(page.locator('html')).toHaveAttribute('data-density', 'compact');
      await saved;
    },
    run: bySettingMenu('harp.settings.resetSetting'),
    proof: (page) => expect(page.locator('html')).not.toHaveAttribute('data-density', 'compact'),
  },
  { id: 'harp.settings.toggleJson', proof: (page) => expect(json(page)).toBeVisible() },
  {
    id: 'harp.settings.save',
    async ready(page) {
      await focusByTab(page, () => json(page).evaluate((text) => text === document.activeElement), 'editors');
      await press(page, 'Control+a');
      await page.keyboard.insertText('{ "workbench.density": "compact" }');
      await expect(page.locator('.settings-draft')).toBeVisible();
    },
    async proof(page) {
      await expect(page.locator('.settings-draft')).toHaveCount(0);
      await expect(page.locator('html')).toHaveAttribute('data-density', 'compact');
    },
  },
  {
    id: 'harp.settings.openJson',
    ready: (page) => run(page, 'Editor: Close All'),
    proof: (page) => expect(json(page)).toBeVisible(),
  },
  {
    id: 'workbench.action.selectTheme',
    async proof(page) {
      await choose(page, 'Light Modern');
      await expect.poll(() => theme(page)).toBe('light');
    },
  },
  {
    id: 'workbench.action.configureLocale',
    async proof(page) {
      await choose(page, 'German');
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    },
  },
];

export const keyWays: readonly Way[] = [
  { id: 'workbench.action.openKeyboardShortcuts', proof: (page) => expect(shortcuts(page)).toBeVisible() },
  {
    id: 'harp.keyboard.change',
    run: byMenu('harp.keyboard.change', tableRow),
    async proof(page) {
      await recordKey(page, 'Control+Alt+y');
      await expect(shortcuts(page).getByRole('row')).toHaveCount(2);
      await expect(shortcuts(page)).toContainText(/Ctrl\W*Alt\W*Y/);
    },
  },
  {
    id: 'harp.keyboard.add',
    run: byMenu('harp.keyboard.add', tableRow),
    async proof(page) {
      await recordKey(page, 'Control+Alt+u');
      await expect(shortcuts(page).getByRole('row')).toHaveCount(3);
    },
  },
  {
    id: 'harp.keyboard.remove',
    run: byMenu('harp.keyboard.remove', tableRow),
    proof: (page) => expect(shortcuts(page).getByRole('row')).toHaveCount(2),
  },
  {
    id: 'harp.keyboard.copyId',
    run: byMenu('harp.keyboard.copyId', tableRow),
    proof: clipboard(/^harp\.fleet\.openTable$/),
  },
  {
    id: 'harp.keyboard.reset',
    run: byMenu('harp.keyboard.reset', tableRow),
    proof: (page) => expect(shortcuts(page)).not.toContainText(/Ctrl\W*Alt/),
  },
  {
    id: 'harp.keyboard.showSame',
    run: byMenu('harp.keyboard.showSame', shortcutOf('harp.output.show')),
    proof: (page) => expect(search(page)).toHaveValue('key:"ctrl+shift+u"'),
  },
  { id: 'harp.keyboard.resetAll', proof: says('No keyboard shortcut was changed') },
];
