/** How a test runs a command by keyboard, and sees that it ran. */
import type { Page } from '@playwright/test';
import { type CommandId, commands } from '../../../console/src/contrib/command-names.ts';
import { expect, press } from '../desk.ts';

/** One command: what must be so before, how it is run, and what is so after. */
export interface Way {
  readonly id: CommandId;
  /** Brings the page to where the command makes sense. */
  ready?(page: Page): Promise<unknown>;
  /** Runs it; default: the palette, by its whole name. */
  run?(page: Page): Promise<unknown>;
  /** Holds only when the command did what it says. */
  proof(page: Page): Promise<unknown>;
}

/** By its keys. */
export const keys =
  (...chord: readonly string[]) =>
  (page: Page) =>
    press(page, ...chord);

/** By its whole name in the palette, which must then be the first row. */
export async function byPalette(page: Page, id: CommandId): Promise<void> {
  await press(page, 'F1');
  await expect(page.locator('[role="combobox"]:focus')).toHaveValue('>');
  // All at once: keyboard.spec.ts types letter by letter.
  await page.keyboard.insertText(commands[id]);
  const active = page.locator('.quick-input [role="option"][aria-selected="true"]');
  await expect(active.locator('.quick-input-label')).toHaveText(commands[id]);
  await expect(active).toHaveAttribute('aria-disabled', 'false');
  await press(page, 'Enter');
}

/** From a context menu: `open` puts the focus on what the menu is about; Shift+F10 opens it, arrows lead to the entry. */
export const byMenu =
  (id: CommandId, focus?: (page: Page) => Promise<unknown>) =>
  async (page: Page): Promise<void> => {
    await focus?.(page);
    await press(page, 'Shift+F10');
    await takeEntry(page, id);
  };

/** Goes through the menu that is open to the command's entry, and takes it. */
export async function takeEntry(page: Page, id: CommandId): Promise<void> {
  const menu = page.getByRole('menu');
  await expect(menu.getByRole('menuitem').first()).toBeFocused();
  const titles = await menu.getByRole('menuitem').locator('.context-menu-title').allTextContents();
  const at = titles.indexOf(commands[id].slice(commands[id].indexOf(': ') + 2));
  expect(at, `${commands[id]} among ${titles.join(', ')}`).toBeGreaterThanOrEqual(0);
  for (let step = 0; step < at; step += 1) await press(page, 'ArrowDown');
  await press(page, 'Enter');
}

/** Moves the focus of the tree or table in front to the row that says `name`, by arrows. */
export async function toRow(page: Page, name: string | RegExp): Promise<void> {
  const row = page.locator('[role="treeitem"]:focus, [role="row"]:focus-within').filter({ hasText: name });
  await press(page, 'Home');
  for (let step = 0; step < 60; step += 1) {
    if ((await row.count()) > 0) return;
    await press(page, 'ArrowDown');
  }
  throw new Error(`arrows never came to ${name}`);
}

/** The first notification says so. */
export const says = (words: string | RegExp) => (page: Page) =>
  expect(page.locator('.toast').filter({ hasText: words })).toBeVisible();

/** The clipboard holds it. */
export const clipboard = (words: string | RegExp) => (page: Page) =>
  expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(words);
