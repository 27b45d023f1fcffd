/** Who changed what: from the side bar to the list, an entry with both sides, the object it is about, and a check of all of it. */
import { expect, run, test } from './desk.ts';

const LIST = 'Changes, newest first';

test('from an object to its entries, to both sides of one, and to the object', async ({ page, desk }) => {
  await desk.arrive();
  await run(page, 'Audit: Show Audit');
  const objects = page.getByRole('tree', { name: 'By object' });
  await objects.getByRole('treeitem', { name: /^north, / }).dblclick();
  const list = page.getByRole('grid', { name: LIST });
  await expect(list).toContainText('Office added');
  await expect(list).not.toContainText('Folder added');
  await expect(page.getByRole('search', { name: 'Filter' })).toContainText(/Object:\s.?north/);
  await list.getByRole('row').filter({ hasText: 'Office added' }).dblclick();
  await expect(page.getByRole('heading', { level: 1, name: 'Office added: north' })).toBeVisible();
  const both = page.getByRole('region', { name: 'Before and after' });
  await expect(both.getByRole('columnheader', { name: 'Did not exist' })).toBeVisible();
  await expect(both.getByRole('row').filter({ hasText: '"subnets"' })).toContainText('only after');
  await page.getByRole('button', { name: /^Open .?north/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
});

test('filters stand in the address, and can be taken away', async ({ page, desk }) => {
  await desk.arrive({ path: '/audit?action=folder.create' });
  const list = page.getByRole('grid', { name: LIST });
  await expect(list).toContainText('Folder added');
  await expect(list).not.toContainText('Office added');
  await page.getByLabel('On the day (UTC)').fill('2001-01-01');
  await expect(page.getByText('No entry matches this filter.')).toBeVisible();
  await expect(page).toHaveURL(/\/audit\?action=folder\.create&day=2001-01-01/);
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await expect(list).toContainText('Office added');
});

test('a new entry comes by itself', async ({ page, desk, stage }) => {
  await desk.arrive({ path: '/audit?action=token.create' });
  const rows = page.getByRole('grid', { name: LIST }).getByRole('row').filter({ hasText: 'Token made' });
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  await stage.world.server.api('/tokens', { method: 'POST', body: { office: 'north' } });
  await expect(rows).toHaveCount(before + 1);
});

test('the log is verified in the browser, and a changed entry is named', async ({ page, desk }) => {
  await desk.arrive({ path: '/audit' });
  await page.getByRole('button', { name: 'Verify in This Browser' }).click();
  await expect(page.getByRole('region', { name: 'Editor group' })).toContainText(
    /Everything that was checked is right|Every link of/,
  );
  await page.route('**/api/v1/audit/chain?*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { entries: { body: string }[] };
    body.entries[1]!.body = body.entries[1]!.body.replace('"action":"', '"action":"x');
    await route.fulfill({ response: answer, json: body });
  });
  await page.getByRole('button', { name: 'Verify Again' }).click();
  await expect(page.getByText('The log is not right. Entry 2 was changed.')).toBeVisible();
});

test('whoever may not read it is told so', async ({ page, desk }) => {
  await page.route('**/api/v1/audit?*', (route) =>
    route.fulfill({
      status: 403,
      json: { error: { code: 'api.forbidden', message: 'the audit log is for administrators', requestId: 'r' } },
    }),
  );
  await desk.arrive({ path: '/audit' });
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  await expect(page.locator('.notice .codicon-lock')).toBeVisible();
});
