/** The commands of enrolment, and those about agents that it brings. */
import type { Page, Route } from '@playwright/test';
import { choose, expect, focusByTab, heading, press } from '../desk.ts';
import { says, type Way } from './way.ts';

const now = Date.now();
const pc = {
  id: 'enr-aaaaaaaaaaaaaaaa',
  agentId: 'a'.repeat(52),
  hostname: 'PC-9',
  platform: 'linux',
  version: '0.1.0',
  ...{ hardwareId: null, serial: null, userName: null, domain: null, addresses: [], seenAddress: '10.9.0.9' },
  ...{ via: 'file', tokenId: null, tokenName: null, state: 'waiting', cause: 'enrolment.approval_needed' },
  ...{ officeId: null, officeName: null, officeBy: 'none', officeWhy: null, ruleId: null, tags: [], duplicateOf: null },
  ...{ needsCode: false, decidedBy: null, decidedAtMs: null, effectiveAtMs: null, createdAtMs: now, lastSeenAtMs: now },
};

/** One PC waits, and whatever is decided of it is answered here: what a decision does is enrolment.spec.ts's. */
async function oneWaits(page: Page): Promise<void> {
  await page.route('**/api/v1/enrolments?*', (route: Route) =>
    route.fulfill({ json: { enrolments: [pc], total: 1, nextCursor: null } }),
  );
  await page.route('**/api/v1/enrolments/decide', (route) =>
    route.fulfill({ json: { decided: [pc.id], skipped: [], effectiveAtMs: Date.now() + 10_000 } }),
  );
  await page.route('**/api/v1/enrolments/undo', (route) => route.fulfill({ json: { undone: [pc.id], late: [] } }));
}

const list = (page: Page) => page.getByRole('grid', { name: 'PCs that wait to be let in' });

/** The PC is selected in the list, which has the focus. */
async function selectIt(page: Page): Promise<void> {
  await focusByTab(page, () => list(page).evaluate((grid) => grid.contains(document.activeElement)), 'editors');
  await press(page, 'Control+a');
  await expect(page.getByText('1 selected')).toBeVisible();
}

export const enrolmentWays: readonly Way[] = [
  {
    id: 'harp.enrolment.show',
    proof: (page) => expect(page.locator('[data-part="sideBar"]').getByText('Batches').first()).toBeVisible(),
  },
  { id: 'harp.enrolment.newBatch', proof: (page) => expect(heading(page, 'New enrolment batch')).toBeVisible() },
  { id: 'harp.enrolment.openRules', proof: (page) => expect(heading(page, 'Auto-approve rules')).toBeVisible() },
  { id: 'harp.enrolment.openBlocked', proof: (page) => expect(heading(page, 'Blocked')).toBeVisible() },
  {
    id: 'harp.enrolment.openWaiting',
    ready: oneWaits,
    proof: (page) => expect(heading(page, 'PCs that wait')).toBeVisible(),
  },
  {
    id: 'harp.enrolment.approve',
    ready: selectIt,
    run: (page) => press(page, 'a'),
    proof: says(/PC-9.* is approved/),
  },
  { id: 'harp.enrolment.undo', proof: says(/1 PC waits again/) },
  {
    id: 'harp.enrolment.reject',
    ready: selectIt,
    run: (page) => press(page, 'r'),
    proof: says(/PC-9.* is rejected/),
  },
  { id: 'harp.enrolment.block', ready: selectIt, proof: says(/PC-9.* is blocked/) },
  {
    id: 'harp.enrolment.assign',
    ready: selectIt,
    async proof(page) {
      await choose(page, 'south');
      await says(/PC-9.* goes to .*south/)(page);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    },
  },
  {
    id: 'harp.agent.assign',
    run: (page) => press(page, 'Control+k', 'o'),
    async proof(page) {
      await choose(page, 'north-1');
      await choose(page, 'north');
      await says(/north-1.* belongs to .*north/)(page);
    },
  },
  {
    id: 'harp.agent.revoke',
    async proof(page) {
      await choose(page, 'north-1');
      await choose(page, 'Leave it as it is');
      await expect(page.locator('.quick-input')).toHaveCount(0);
    },
  },
  { id: 'harp.agent.unblock', proof: says('No PC is blocked.') },
];
