/** Letting PCs in, by keyboard: who waits, the code of one that a neighbour sent, a batch with its token and its funnel, rules with what they match, who is kept out. */
import type { Page } from '@playwright/test';
import { sql } from '../harness/server-parts.ts';
import { choose, expect, focusByTab, heading, press, run, test } from './desk.ts';
import { pcsWait, rowOf } from './waiting-pcs.ts';

const list = (page: Page) => page.getByRole('grid', { name: 'PCs that wait to be let in' });
const rows = (page: Page) => list(page).getByRole('row').filter({ hasText: /PC-/ });
const toast = (page: Page, words: string | RegExp) => page.locator('.toast').filter({ hasText: words });
const badge = (page: Page) => page.locator('.activity-bar').getByRole('tab', { name: /^Enrolment/ });

/** The focus into the list, by Tab. */
async function intoList(page: Page): Promise<void> {
  await expect(rows(page).first()).toBeVisible();
  await focusByTab(page, () => list(page).evaluate((grid) => grid.contains(document.activeElement)), 'editors');
}

/** To a field by its label, by Tab, and fills it. */
async function fill(page: Page, label: string, words: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await focusByTab(page, () => field.evaluate((input) => input === document.activeElement));
  await press(page, 'Control+a');
  await page.keyboard.type(words);
}

test.afterEach(async ({ stage }) => pcsWait(stage.world.server, []));

test('PCs that wait are approved all at once, and come back by undo', async ({ page, desk, stage }) => {
  await pcsWait(stage.world.server, [
    { name: 'PC-1', office: 'north', minutesAgo: 3 },
    { name: 'PC-2', office: 'north', minutesAgo: 2, duplicateOf: stage.agents[0]?.id ?? '' },
    { name: 'PC-3', minutesAgo: 1 },
  ]);
  await desk.arrive();
  await expect(badge(page)).toContainText('3');
  await run(page, 'Enrolment: Show Enrolment');
  await expect(page.getByRole('tree', { name: 'Waiting' }).getByRole('treeitem')).toHaveCount(3);
  await run(page, 'Enrolment: Open PCs That Wait');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).nth(0)).toContainText('10.9.0.0/16 is');
  await expect(rows(page).nth(1)).toContainText('Same hardware as');
  await expect(rows(page).nth(2)).toContainText('Unassigned');
  await intoList(page);
  await press(page, 'Control+a', 'a');
  await expect(toast(page, '3 PCs are approved.')).toBeVisible();
  await expect(page.getByText('No PC waits to be let in.').first()).toBeVisible();
  expect(await rowOf(stage, 'PC-2')).toMatchObject({ state: 'approved', decidedBy: 'admin' });
  await run(page, 'Enrolment: Undo Last Decision');
  await expect(rows(page)).toHaveCount(3);
  await expect(badge(page)).toContainText('3');
});

test('a PC that a neighbour sent is let in by its code only', async ({ page, desk, stage }) => {
  await pcsWait(stage.world.server, [
    { name: 'PC-1', code: 'K7M2QX', minutesAgo: 2 },
    { name: 'PC-2', code: 'AAAAAA', minutesAgo: 1 },
  ]);
  await desk.arrive({ path: '/enrolment' });
  await intoList(page);
  await press(page, 'Control+a', 'a');
  await expect(toast(page, /^.*2 PCs were.* not approved/)).toBeVisible();
  await intoList(page);
  await press(page, 'Control+Home', 'Space', 'a');
  const code = page.locator('.quick-input input');
  await expect(code).toBeFocused();
  await page.keyboard.type('K7');
  await expect(page.locator('.quick-input')).toContainText('A code has six letters and digits');
  await page.keyboard.type('m 2qx');
  await press(page, 'Enter');
  await expect(toast(page, /PC-1.* is approved\./)).toBeVisible();
  const row = await rowOf(stage, 'PC-1');
  expect(row).toMatchObject({ state: 'approved' });
  expect(String(row.proofAnswer)).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(row)).not.toContain('K7M2QX');
  await expect(rows(page)).toHaveCount(1);
});

test('a PC is assigned, rejected, blocked, and may ask again after it was unblocked', async ({ page, desk, stage }) => {
  await pcsWait(stage.world.server, [{ name: 'PC-1' }, { name: 'PC-2' }, { name: 'PC-3', hardware: 'f'.repeat(64) }]);
  await desk.arrive({ path: '/enrolment?search=PC-1' });
  await intoList(page);
  await press(page, 'Control+a');
  await run(page, 'Enrolment: Assign Selected to Office…');
  await choose(page, 'south');
  await expect(rows(page)).toContainText('chosen by a person');
  await desk.arrive({ path: '/enrolment?search=PC-2' });
  await intoList(page);
  await press(page, 'Control+a', 'r');
  await expect(page.getByText('No PC matches')).toBeVisible();
  expect(await rowOf(stage, 'PC-2')).toMatchObject({ state: 'rejected' });
  await desk.arrive({ path: '/enrolment?search=PC-3' });
  await intoList(page);
  await press(page, 'Control+a');
  await run(page, 'Enrolment: Block Selected');
  await expect(toast(page, /PC-3.* is blocked/)).toBeVisible();
  await run(page, 'Enrolment: Open Blocked PCs');
  await expect(page.getByRole('grid', { name: 'PCs that may not enrol' })).toContainText('its hardware');
  await run(page, 'Agent: Unblock…');
  await choose(page, 'PC-3');
  await expect(page.locator('[data-part="editors"]').getByText('No PC is blocked.')).toBeVisible();
});

test('a batch: the form, the token once, the commands, the intake, and its end', async ({
  page,
  desk,
  stage,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await desk.arrive();
  await run(page, 'Enrolment: New Enrolment Batch…');
  await expect(heading(page, 'New enrolment batch')).toBeVisible();
  await expect(page.getByText(/^Whoever gets hold of this token/)).toBeVisible();
  await fill(page, 'Name', 'Lyon, second floor');
  await fill(page, 'PCs expected', '3');
  const networks = 'Only from these networks';
  await page.getByLabel(networks).focus();
  await page.keyboard.type('10.9.0.0');
  await expect(page.getByText(/^Not a network/)).toBeVisible();
  await page.keyboard.type('/16');
  await expect(page.getByText(/^Whoever gets hold of this token/)).toBeHidden();
  await press(page, 'Enter');

  await expect(heading(page, 'Batch Lyon, second floor')).toBeVisible();
  const editor = page.locator('[data-part="editors"]');
  await expect(editor.locator('.enrolment-secret')).toHaveText(/^harp1\.•+$/);
  await page.getByRole('button', { name: 'Copy Token' }).focus();
  await press(page, 'Enter');
  const token = await page.evaluate(() => navigator.clipboard.readText());
  expect(token).toMatch(/^harp1\.[\w-]{100,}$/);
  await expect(editor).not.toContainText(token);
  await page.getByRole('button', { name: 'Show Token' }).focus();
  await press(page, 'Enter');
  await expect(editor.locator('.enrolment-secret')).toHaveText(token);
  await expect(editor.locator('.enrolment-commands')).toContainText(`--token '${token}'`);
  await page.getByRole('tab', { name: 'File for images and GPO' }).focus();
  await press(page, 'Enter');
  const file = JSON.parse((await editor.locator('.enrolment-commands').textContent()) ?? '') as object;
  expect(file).toMatchObject({ gateway: expect.stringMatching(/^https:/), token });

  const [batch] = await sql(stage.world.server, 'SELECT "id" FROM "EnrolmentToken" WHERE "name" = $1', [
    'Lyon, second floor',
  ]);
  const id = String((batch as { id: string }).id);
  await pcsWait(stage.world.server, [
    { name: 'PC-1', token: id },
    { name: 'PC-2', token: id, state: 'refused', cause: 'enrolment.token_network' },
    { name: 'PC-3', token: id, state: 'approved' },
  ]);
  await expect(editor.getByText('1 of 3 approved')).toBeVisible();
  const stuck = page.getByRole('grid', { name: 'PCs that are stuck' });
  await expect(stuck).toContainText('The token may not be used from its network');
  await expect(stuck).toContainText('A person or a rule must let it in');

  // The token is gone with the page.
  await desk.arrive({ path: `/enrolment/batch/${id}` });
  await expect(editor.locator('.enrolment-commands')).toContainText("--token 'TOKEN'");
  expect(await page.content()).not.toContain(token);
  await page.getByRole('button', { name: 'Close Batch' }).focus();
  await press(page, 'Enter');
  await choose(page, 'Close Batch');
  await expect(toast(page, 'The batch is closed.')).toBeVisible();
  await expect(editor.locator('.enrolment-commands')).toHaveCount(0);
});

test('a rule shows what it would let in while it is written, keeps its place, and is resumed', async ({
  page,
  desk,
  stage,
}) => {
  await pcsWait(stage.world.server, [
    { name: 'PC-1', address: '10.9.0.1' },
    { name: 'PC-2', address: '10.8.0.1' },
    { name: 'PC-3', code: 'K7M2QX' },
  ]);
  await desk.arrive();
  await run(page, 'Enrolment: Open Auto-Approve Rules');
  await page.getByRole('button', { name: 'New Rule' }).focus();
  await press(page, 'Enter');
  await expect(page.getByText('Would let 2 in of 3 PCs that wait')).toBeVisible();
  await expect(page.getByText(/^This rule has no condition/)).toBeVisible();
  await fill(page, 'Name', 'laptops');
  await fill(page, 'Only from these networks', '10.9.0.0/16');
  await expect(page.getByText('Would let 1 in of 3 PCs that wait')).toBeVisible();
  await expect(page.getByText('1 not: another network')).toBeVisible();
  await expect(page.getByText('1 not: a person must compare a code')).toBeVisible();
  await fill(page, 'Host name fits', 'lap-*');
  await expect(page.getByText('Would let none in of 3 PCs that wait')).toBeVisible();
  await press(page, 'Enter');
  const rules = page.getByRole('list', { name: 'Auto-approve rules' }).getByRole('listitem');
  await expect(rules).toHaveText([/laptops.*lap-\*/]);
  await page.getByRole('button', { name: 'New Rule' }).focus();
  await press(page, 'Enter');
  await fill(page, 'Name', 'servers');
  await fill(page, 'Domain is', 'nowhere.lan');
  await press(page, 'Enter');
  await expect(rules).toHaveText([/laptops/, /servers/]);
  await page.getByRole('button', { name: 'Move Up: servers' }).focus();
  await press(page, 'Enter');
  await expect(rules).toHaveText([/servers/, /laptops/]);

  await sql(
    stage.world.server,
    `UPDATE "EnrolmentRule" SET "pausedAt" = now(), "pausedCause" = 'rate' WHERE "name" = $1`,
    ['laptops'],
  );
  await desk.arrive({ path: '/enrolment/rules' });
  await expect(rules.nth(1)).toContainText('Paused: more than 20 in a minute');
  await page.getByRole('button', { name: 'Resume' }).focus();
  await press(page, 'Enter');
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove: servers' }).focus();
  await press(page, 'Enter');
  await expect(rules).toHaveText([/laptops/]);
});

test('a PC is moved to another office, where it stays', async ({ page, desk, stage }) => {
  await desk.arrive();
  for (const [office, other] of [
    ['south', 'north'],
    ['north', 'south'],
  ] as const) {
    await run(page, 'Agent: Assign to Office…');
    await choose(page, 'north-2');
    await choose(page, office);
    await expect(toast(page, new RegExp(`north-2.* belongs to .*${office}`)).first()).toBeVisible();
    const [row] = await sql(
      stage.world.server,
      'SELECT o."name", a."officeBy" FROM "Agent" a JOIN "Office" o ON o."id" = a."officeId" WHERE a."hostname" = $1',
      ['north-2'],
    );
    expect(row, other).toMatchObject({ name: office, officeBy: 'person' });
  }
});

test.describe('what there is instead of rows', () => {
  test('a refusal, and a failure with its number', async ({ page, desk }) => {
    const answer = (status: number, code: string) =>
      page.route('**/api/v1/enrolments?*', (route) =>
        route.fulfill({
          status,
          json: { error: { code, message: 'the database is being moved', requestId: 'req-1' } },
        }),
      );
    await answer(403, 'api.forbidden');
    await desk.arrive({ path: '/enrolment' });
    await expect(page.locator('[data-part="editors"] .notice .codicon-lock')).toBeVisible();
    await answer(503, 'internal.unexpected');
    await desk.arrive({ path: '/enrolment' });
    await expect(page.locator('[data-part="editors"]').getByText('req-1').first()).toBeVisible();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.locator('[data-part="editors"]').getByRole('button', { name: 'Try again' }).first().click();
    await expect(page.getByText('No PC waits to be let in.').first()).toBeVisible();
  });

  test('names that PCs give themselves are shown as text', async ({ page, desk, stage }) => {
    await pcsWait(stage.world.server, [{ name: 'PC-<img src=x onerror=alert(1)>' }]);
    await desk.arrive({ path: '/enrolment' });
    await expect(rows(page)).toContainText('PC-<img src=x onerror=alert(1)>');
  });
});
