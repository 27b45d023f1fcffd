/** What a mouse does to the line between two groups is a command; and one key says what all keys do where the focus is. */
import { expect, goTo, press, run, test } from './desk.ts';

test('a group of editors grows and shrinks by command', async ({ page, desk }) => {
  await desk.arrive();
  await goTo(page, 'north', /^north(?!-)/);
  await press(page, 'Control+\\');
  const groups = page.locator('.dv-groupview');
  await expect(groups).toHaveCount(2);
  const width = async () => (await groups.last().boundingBox())?.width ?? 0;
  const before = await width();
  await run(page, 'Editor: Increase Editor Group Size');
  await expect.poll(width).toBeGreaterThan(before + 40);
  await run(page, 'Editor: Decrease Editor Group Size');
  await expect.poll(width).toBeCloseTo(before, -1);
});

test('Alt+F1 says which keys work where the focus is, and gives the focus back', async ({ page, desk }) => {
  await desk.arrive();
  const row = page.getByRole('treeitem', { name: /^north(?!-)/ });
  await row.focus();
  await press(page, 'Alt+F1');
  const help = page.getByRole('dialog', { name: 'Accessibility Help: Side bar' });
  await expect(help).toContainText('In this tree');
  await expect(help).toContainText('View: Toggle Side Bar');
  // Behind it nothing happens.
  await press(page, 'Control+b');
  await expect(page.locator('.side-bar')).toBeVisible();
  await press(page, 'Escape');
  await expect(help).toHaveCount(0);
  await expect(row).toBeFocused();

  await press(page, 'F6');
  await press(page, 'Alt+F1');
  await expect(page.getByRole('dialog', { name: 'Accessibility Help: Editor' })).toBeVisible();
});
