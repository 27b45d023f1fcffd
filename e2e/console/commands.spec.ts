/** Every command that is registered, run by keyboard alone; each proves that it did what it says. */

import { commands, notInPalette } from '../../console/src/contrib/command-names.ts';
import { contentWays } from './commands/content-ways.ts';
import { enrolmentWays } from './commands/enrolment-ways.ts';
import { fleetWays, savingsWays } from './commands/fleet-ways.ts';
import { panelWays } from './commands/panel-ways.ts';
import { keyWays, settingWays } from './commands/preference-ways.ts';
import { editorWays, partWays } from './commands/shell-ways.ts';
import { byPalette, type Way } from './commands/way.ts';
import { ADMIN, expect, press, test } from './desk.ts';

const journeys: Record<string, readonly Way[]> = {
  'parts, panel and notifications': partWays,
  'editors and groups': editorWays,
  'the fleet': [...fleetWays, ...savingsWays],
  'folders and files': contentWays,
  'letting PCs in': enrolmentWays,
  'the tabs of the panel': panelWays,
  'settings, theme and language': settingWays,
  keys: keyWays,
};

// Two dozen commands each, one after the other.
test.slow();

for (const [about, ways] of Object.entries(journeys)) {
  test(`every command about ${about}`, async ({ page, desk, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await desk.arrive();
    await expect(page.getByRole('treeitem').first()).toBeVisible();
    // One run names every command that fell short.
    const failures: string[] = [];
    for (const { id, ready, run, proof } of ways) {
      await test
        .step(`${id}: ${commands[id]}`, async () => {
          await ready?.(page);
          if (run === undefined) await byPalette(page, id);
          else await run(page);
          await proof(page);
        })
        .catch((error: unknown) => failures.push(`${id}: ${String(error)}`));
    }
    expect(failures).toEqual([]);
  });
}

test('signing out, after signing in by keyboard', async ({ browser, stage }) => {
  // A session of its own: it ends here.
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto(stage.world.server.url);
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.type(ADMIN.name);
  await press(page, 'Tab');
  await page.keyboard.type(ADMIN.password);
  await press(page, 'Enter');
  await expect(page.getByRole('tree', { name: 'Offices and PCs' })).toBeVisible();
  await byPalette(page, 'session.signOut');
  await expect(page.getByLabel('Password')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Password')).toBeVisible();
  await context.close();
});

test('the palette offers what the list has, and no command of the list was left out above', async ({ page, desk }) => {
  const run = Object.values(journeys).flatMap((ways) => ways.map(({ id }) => id));
  expect([...run, 'session.signOut'].toSorted()).toEqual(Object.keys(commands).toSorted());
  await desk.arrive();
  await press(page, 'F1');
  const offered = Object.keys(commands).length - notInPalette.length;
  await expect(page.locator('.quick-input').getByRole('option').first()).toHaveAttribute(
    'aria-setsize',
    String(offered),
  );
});
