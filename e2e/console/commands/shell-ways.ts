/** The commands of the shell: parts, panel, editors, quick input, notifications. */
import type { Page } from '@playwright/test';
import { choose, editorTab, expect, focusedPart, goTo, heading, press, run } from '../desk.ts';
import { clipboard, keys, says, type Way } from './way.ts';

const tree = (page: Page) => page.getByRole('tree', { name: 'Offices and PCs' });
const panel = (page: Page) => page.getByRole('region', { name: 'Panel', exact: true });
const panelTab = (page: Page, name: RegExp) => page.locator('[data-part="panel"]').getByRole('tab', { name });
const tabs = (page: Page) => page.locator('.dv-tabs-container').getByRole('tab');
const groups = (page: Page) => page.locator('.dv-groupview');
const centre = (page: Page) => page.locator('.notification-centre');
const field = (page: Page) => page.locator('[role="combobox"]:focus');
const isIn = (part: string) => (page: Page) => expect.poll(() => focusedPart(page)).toBe(part);

/** How wide the group in front was before. */
let widthBefore = 0;
const activeWidth = (page: Page) => page.locator('.dv-active-group').evaluate((group) => group.clientWidth);
async function measure(page: Page): Promise<void> {
  widthBefore = await activeWidth(page);
}
const expectWider = (page: Page, sign: 1 | -1) =>
  expect.poll(async () => Math.sign((await activeWidth(page)) - widthBefore)).toBe(sign);

export const partWays: readonly Way[] = [
  {
    id: 'workbench.action.toggleSideBar',
    async proof(page) {
      await expect(tree(page)).toBeHidden();
      await press(page, 'Control+b');
      await expect(tree(page)).toBeVisible();
    },
  },
  {
    id: 'workbench.action.togglePanel',
    async proof(page) {
      await expect(panel(page)).toHaveCount(0);
      await press(page, 'Control+j');
      await expect(panel(page)).toBeVisible();
    },
  },
  {
    id: 'workbench.action.toggleMaximizedPanel',
    async proof(page) {
      await expect(page.locator('[data-part="editors"]')).toBeHidden();
      await run(page, 'View: Toggle Maximized Panel');
      await expect(page.locator('[data-part="editors"]')).toBeVisible();
    },
  },
  {
    id: 'workbench.action.closePanel',
    async proof(page) {
      await expect(panel(page)).toHaveCount(0);
      await press(page, 'Control+j');
    },
  },
  { id: 'workbench.action.focusActivityBar', proof: isIn('activity') },
  { id: 'workbench.action.focusNextPart', proof: isIn('sideBar') },
  { id: 'workbench.action.focusPreviousPart', proof: isIn('activity') },
  { id: 'workbench.action.focusSideBar', proof: isIn('sideBar') },
  { id: 'workbench.action.focusEditor', proof: isIn('editors') },
  { id: 'workbench.action.focusPanel', proof: isIn('panel') },
  { id: 'workbench.action.focusStatusBar', proof: isIn('status') },
  {
    id: 'workbench.action.nextPanel',
    ready: keys('Control+Shift+m'),
    proof: (page) => expect(panelTab(page, /^Events/)).toHaveAttribute('aria-selected', 'true'),
  },
  {
    id: 'workbench.action.previousPanel',
    proof: (page) => expect(panelTab(page, /^Problems/)).toHaveAttribute('aria-selected', 'true'),
  },
  {
    id: 'workbench.action.showViewAt',
    run: keys('Control+k', '2'),
    proof: (page) => expect(page.getByRole('tree', { name: 'Nextcloud folders and files' })).toBeVisible(),
  },
  { id: 'harp.fleet.show', proof: (page) => expect(tree(page)).toBeVisible() },
  {
    id: 'workbench.action.resetLayout',
    ready: keys('Control+b', 'Control+j'),
    async proof(page) {
      await expect(tree(page)).toBeVisible();
      await expect(panel(page)).toBeVisible();
      await says('as it was on the first day')(page);
    },
  },
  {
    id: 'notifications.showList',
    async proof(page) {
      await expect(centre(page)).toBeFocused();
      await expect(centre(page).getByRole('listitem')).toHaveText([/as it was on the first day/]);
    },
  },
  { id: 'notifications.hideList', proof: (page) => expect(centre(page)).toHaveCount(0) },
  {
    id: 'notifications.clearAll',
    async proof(page) {
      await press(page, 'Control+k', 'Control+n');
      await expect(centre(page).getByRole('listitem')).toHaveCount(0);
      await press(page, 'Escape');
      await expect(centre(page)).toHaveCount(0);
    },
  },
  { id: 'notifications.showSilenced', proof: says('No notification was silenced') },
  {
    id: 'editor.action.accessibilityHelp',
    async ready(page) {
      await run(page, 'View: Focus Side Bar');
      await isIn('sideBar')(page);
    },
    async proof(page) {
      const help = page.getByRole('dialog', { name: /^Accessibility Help: Side bar/ });
      await expect(help).toBeVisible();
      await press(page, 'Escape');
      await expect(help).toHaveCount(0);
      await isIn('sideBar')(page);
    },
  },
  {
    id: 'workbench.action.showCommands',
    async proof(page) {
      await expect(field(page)).toHaveValue('>');
      await press(page, 'Escape');
    },
  },
  {
    id: 'workbench.action.quickOpen',
    async proof(page) {
      await expect(field(page)).toHaveValue('');
      await press(page, 'Escape');
      await expect(field(page)).toHaveCount(0);
    },
  },
];

export const editorWays: readonly Way[] = [
  {
    id: 'workbench.action.keepEditor',
    ready: (page) => goTo(page, 'north', /^north(?!-)/),
    async proof(page) {
      await goTo(page, 'south', /^south(?!-)/);
      await expect(heading(page, 'south')).toBeVisible();
      await expect(editorTab(page, 'north')).toBeVisible();
    },
  },
  { id: 'workbench.action.back', proof: (page) => expect(page).toHaveURL(/\/o\/north$/) },
  { id: 'workbench.action.forward', proof: (page) => expect(page).toHaveURL(/\/o\/south$/) },
  { id: 'workbench.action.previousEditor', proof: (page) => expect(page).toHaveURL(/\/o\/north$/) },
  { id: 'workbench.action.nextEditor', proof: (page) => expect(page).toHaveURL(/\/o\/south$/) },
  {
    id: 'workbench.action.copyPermalink',
    async proof(page) {
      await says('The address is in the clipboard.')(page);
      await clipboard(/\/o\/south$/)(page);
    },
  },
  {
    id: 'workbench.action.showOpenEditors',
    async proof(page) {
      await choose(page, 'north');
      await expect(page).toHaveURL(/\/o\/north$/);
    },
  },
  {
    id: 'workbench.action.closeEditor',
    async proof(page) {
      await expect(editorTab(page, 'north')).toHaveCount(0);
      await expect(editorTab(page, 'south')).toBeVisible();
    },
  },
  { id: 'workbench.action.reopenClosedEditor', proof: (page) => expect(page).toHaveURL(/\/o\/north$/) },
  { id: 'workbench.action.splitEditor', proof: (page) => expect(groups(page)).toHaveCount(2) },
  { id: 'workbench.action.increaseEditorGroupSize', ready: measure, proof: (page) => expectWider(page, 1) },
  { id: 'workbench.action.decreaseEditorGroupSize', ready: measure, proof: (page) => expectWider(page, -1) },
  {
    id: 'workbench.action.focusLeftGroup',
    proof: (page) => expect(groups(page).first()).toHaveClass(/dv-active-group/),
  },
  {
    id: 'workbench.action.focusRightGroup',
    proof: (page) => expect(groups(page).last()).toHaveClass(/dv-active-group/),
  },
  {
    // The only editor of the right group takes its group with it.
    id: 'workbench.action.moveEditorToLeftGroup',
    proof: (page) => expect(groups(page)).toHaveCount(1),
  },
  {
    id: 'workbench.action.moveEditorToRightGroup',
    async proof(page) {
      await expect(groups(page)).toHaveCount(2);
      await press(page, 'Control+k', 'ArrowLeft');
      await expect(groups(page)).toHaveCount(1);
    },
  },
  {
    id: 'workbench.action.closeEditorsToTheRight',
    async ready(page) {
      await run(page, 'Editor: Close All');
      for (const name of ['north', 'south', 'north-1']) {
        await goTo(page, name, new RegExp(`^${name}(?!-)`));
        await expect(heading(page, name)).toBeVisible();
        await press(page, 'Control+k', 'Enter');
      }
      await press(page, 'Alt+[');
      await expect(heading(page, 'south')).toBeVisible();
    },
    async proof(page) {
      await expect(tabs(page)).toHaveCount(2);
      await expect(editorTab(page, 'north-1')).toHaveCount(0);
    },
  },
  {
    id: 'workbench.action.closeOtherEditors',
    async proof(page) {
      await expect(tabs(page)).toHaveCount(1);
      await expect(editorTab(page, 'south')).toBeVisible();
    },
  },
  { id: 'workbench.action.closeAllEditors', proof: (page) => expect(tabs(page)).toHaveCount(0) },
];
