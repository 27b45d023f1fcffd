/** Pictures of ten thousand PCs: what is long must scroll, what is wide must be cut, and numbers must have room. */
import type { LargeFleet } from '../harness/large-fleet.ts';
import { headed, type InEveryLook, run, type Site } from './pictures.ts';

export const LARGE = { agents: 10_000, offices: 40, files: 100_000 } as const;

export async function picturesOfTenThousand(take: InEveryLook, site: Site, { folderId }: LargeFleet): Promise<void> {
  await take(site, 'large-start', { show: (page) => page.locator('.ranked-row').first().waitFor() });
  await take(site, 'large-tree', {
    path: '/fleet',
    show: async (page) => {
      await page.getByRole('row').nth(5).waitFor();
      const row = page.getByRole('treeitem').first();
      if (!(await page.locator('.side-bar').isVisible())) await page.keyboard.press('Control+b');
      await row.focus();
      await page.keyboard.press('*');
    },
  });
  await take(site, 'large-fleet-table', { path: '/fleet', show: (page) => page.getByRole('row').nth(5).waitFor() });
  await take(site, 'large-fleet-overview', {
    path: '/fleet/overview',
    show: (page) => page.locator('.ranked-row').first().waitFor(),
  });
  for (const tab of ['', '/agents', '/transfers', '/throughput'])
    await take(site, `large-office${tab.replace('/', '-')}`, {
      path: `/o/office%2007${tab}`,
      show: headed('office 07'),
    });
  for (const tab of ['', '/coverage', '/time'])
    await take(site, `large-folder${tab.replace('/', '-')}`, { path: `/f/${folderId}${tab}`, show: headed('Archive') });
  await take(site, 'large-search', {
    path: '/fleet',
    show: async (page) => {
      await page.getByRole('row').nth(5).waitFor();
      await page.keyboard.press('Control+p');
      await page.keyboard.type('design-01');
      await page.getByRole('option').first().waitFor();
    },
  });
  await take(site, 'large-problems', {
    path: '/fleet',
    show: async (page) => {
      await page.getByRole('row').nth(5).waitFor();
      await run(page, 'Problems: Show Problems');
    },
  });
}
