/** The commands about instances, folders and files. */
import type { Page } from '@playwright/test';
import { editorTab, expect, FOLDER, goTo, heading, press, run } from '../desk.ts';
import { byMenu, clipboard, says, toRow, type Way } from './way.ts';

const tree = (page: Page) => page.getByRole('tree', { name: 'Nextcloud folders and files' });
const inTree = (name: RegExp) => async (page: Page) => {
  await press(page, 'Control+k', '2');
  await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
  await press(page, 'Control+0');
  await expect(tree(page).locator('[role="treeitem"]:focus')).toBeVisible();
  await toRow(page, name);
};
const folderRow = inTree(new RegExp(`^${FOLDER}`));

export const contentWays: readonly Way[] = [
  {
    id: 'harp.content.open',
    run: byMenu('harp.content.open', folderRow),
    proof: (page) => expect(heading(page, FOLDER)).toBeVisible(),
  },
  {
    id: 'harp.content.openBeside',
    run: byMenu('harp.content.openBeside', inTree(/^cloud/)),
    async proof(page) {
      await expect(page.locator('.dv-groupview')).toHaveCount(2);
      await expect(page).toHaveURL(/\/n\//);
      await press(page, 'Alt+w');
      await expect(page.locator('.dv-groupview')).toHaveCount(1);
    },
  },
  {
    id: 'harp.content.reveal',
    async ready(page) {
      await goTo(page, '#bridge', 'bridge.dwg');
      await expect(heading(page, 'bridge.dwg')).toBeVisible();
    },
    proof: (page) => expect(tree(page).getByRole('treeitem', { name: /^bridge\.dwg/ })).toBeVisible(),
  },
  {
    id: 'harp.content.copyPath',
    ready: (page) => run(page, 'View: Focus Editor'),
    proof: clipboard(/^plans\/bridge\.dwg$/),
  },
  { id: 'harp.content.copyName', proof: clipboard(/^bridge\.dwg$/) },
  { id: 'harp.content.copyId', proof: clipboard(/^fld/) },
  { id: 'harp.content.verifyOnServer', proof: says(`The server verifies`) },
  {
    id: 'harp.content.reindex',
    // One notification is shown at a time.
    ready: (page) => run(page, 'Notifications: Clear All Notifications'),
    proof: says('The indexer looks for changes now.'),
  },
  {
    id: 'harp.content.verify',
    async proof(page) {
      await expect(page.locator('.content-verdict')).toContainText('Everything that was checked is right');
      await expect(editorTab(page, 'bridge.dwg')).toBeVisible();
    },
  },
];
