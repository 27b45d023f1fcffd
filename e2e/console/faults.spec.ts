/** What goes wrong on the way to the page, made to happen in the page: each time a decent screen, and the rest goes on. */
import type { Page, Route } from '@playwright/test';
import { ADMIN, expect, FOLDER, goTo, press, run, test } from './desk.ts';

const api = (path: string) => new RegExp(`/api/v1${path}(\\?.*)?$`);
const tree = (page: Page) => page.getByRole('tree', { name: 'Offices and PCs' });

function refuse(route: Route, status: number, code: string): Promise<void> {
  return route.fulfill({
    status,
    contentType: 'application/json',
    body: JSON.stringify({ error: { code, message: 'Something unexpected happened.', requestId: 'req-fault-1' } }),
  });
}

/** An event stream that says `body` and ends. */
const stream = (body: string) => ({ status: 200, contentType: 'text/event-stream', body });

test('the API is down: the view says so, and how to find it; the others go on', async ({ page, desk, stage }) => {
  const id = await stage.world.folderId(FOLDER);
  await page.route(api('/folders'), (route) => refuse(route, 500, 'internal.unexpected'));
  await desk.arrive({ path: `/f/${id}` });
  const notice = page.locator('[data-part="editors"] .notice[role="alert"]');
  await expect(notice).toBeVisible();
  await expect(notice).toContainText('req-fault-1');
  await expect(tree(page).getByRole('treeitem').filter({ hasText: 'north' }).first()).toBeVisible();
  await page.unroute(api('/folders'));
  await notice.getByRole('button', { name: 'Try Again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: FOLDER })).toBeVisible();
});

test('nothing answers at all: what is there stays, aged, and comes back by itself', async ({ page, desk }) => {
  let asked = 0;
  await page.route(api('/stream'), (route) => {
    asked += 1;
    // The link comes up and breaks.
    return asked === 1 ? route.fulfill(stream('retry: 500\n\n')) : route.abort('connectionrefused');
  });
  await desk.arrive();
  await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
  await page.route('**/api/v1/**', (route) => route.abort('connectionrefused'));
  const status = page.locator('[data-part="status"]');
  await expect(status).toContainText(/Reconnecting|Stale since/);
  await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
  await goTo(page, 'north', /^north(?!-)/);
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
  await page.unrouteAll();
  await expect(status).toContainText('Live', { timeout: 60_000 });
});

test('a session that ends leads to the sign-in, and back to where it was', async ({ page, desk }) => {
  await desk.arrive({ path: '/o/south' });
  await expect(page.getByRole('heading', { level: 1, name: 'south' })).toBeVisible();
  await page.context().clearCookies();
  // Whatever asks the server next learns it.
  await goTo(page, 'south-1');
  await expect(page.getByLabel('Password')).toBeVisible();
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'south-1' })).toBeVisible();
  await expect(page).toHaveURL(/\/a\//);
});

test('a slow API looks slow and not empty', async ({ page, desk }) => {
  const SLOW_MS = 5000;
  let slow = true;
  await page.route('**/api/v1/**', async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (slow && route.request().method() === 'GET' && !/\/(session|stream|me\/)/.test(path)) {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    }
    await route.continue().catch(() => undefined);
  });
  const arrived = desk.arrive({ path: '/o/north' });
  await expect(page.locator('.loading .skeleton').first()).toBeVisible();
  // Whatever says "there is nothing" before the answer is there would be a lie.
  const lies = page.getByText(/No offices yet|no PC|Nothing|No events|No job|has enrolled|\b0 of 0\b|There is no/i);
  await expect(lies).toHaveCount(0);
  await arrived;
  await expect(page.locator('.loading:visible').first()).toBeVisible();
  await expect(lies).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible({ timeout: 30_000 });
  await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
  slow = false;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('an event stream that is no event stream harms nothing', async ({ page, desk }) => {
  const nonsense = [
    'event: agents\ndata: {"changed": "no list"}\n\n',
    'event: agents\ndata: {"changed":[{"id":1}],"removed":[null]}\n\n',
    'event: change\ndata: not json at all\n\n',
    'event: __proto__\ndata: {}\n\n',
    ':\n\ndata\n\nretry: soon\n\nid: \u0000\n\n',
  ].join('');
  let asked = 0;
  await page.route(api('/stream'), (route) => {
    asked += 1;
    return asked === 1 ? route.fulfill(stream(nonsense)) : route.continue();
  });
  await desk.arrive({ path: '/o/north' });
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
  await expect(tree(page).getByRole('treeitem')).toHaveCount(5);
  await expect.poll(() => asked, { timeout: 60_000 }).toBeGreaterThan(1);
  await expect(page.locator('[data-part="status"]')).toContainText('Live', { timeout: 60_000 });
});

test('ten thousand events at once leave the page answering', async ({ page, desk, stage }) => {
  const { url } = stage.world.server;
  const { agents } = (await (await page.request.get(`${url}/api/v1/agents`)).json()) as {
    agents: Record<string, unknown>[];
  };
  const [first] = agents;
  const burst = Array.from({ length: 10_000 }, (_, place) => {
    const data = JSON.stringify({ changed: [{ ...first, hostname: `burst-${place}` }], removed: [] });
    return `id: 1-${place}\nevent: agents\ndata: ${data}\n\n`;
  }).join('');
  let asked = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(api('/stream'), async (route) => {
    asked += 1;
    if (asked > 1) return route.abort();
    await released;
    await route.fulfill(stream(burst));
  });
  await desk.arrive();
  // On a page that has read its list: while one is being read, what the stream says is read once more.
  await expect(tree(page).getByRole('treeitem')).toHaveCount(5);
  release();
  await expect(tree(page)).toContainText('burst-9999');
  await press(page, 'F1');
  await expect(page.getByRole('combobox')).toBeFocused();
  await press(page, 'Escape');
  await expect(tree(page).getByRole('treeitem')).toHaveCount(5);
});

const hostile = {
  markup: '<img src=x onerror="document.title=\'owned\'">',
  reversed: 'pc-\u202Egpj.exe\u2066\u200F',
  long: 'x'.repeat(5000),
};
for (const [kind, hostname] of Object.entries(hostile)) {
  test(`a PC with a hostile name (${kind}) is text, and no wider than its place`, async ({ page, desk, stage }) => {
    const { url } = stage.world.server;
    const listed = (await (await page.request.get(`${url}/api/v1/agents`)).json()) as {
      agents: { id: string; hostname: string }[];
    };
    const victim = listed.agents.find((agent) => agent.hostname === 'north-1');
    const renamed = (body: string) => body.replaceAll('"north-1"', JSON.stringify(hostname));
    await page.route(/\/api\/v1\/(agents|search|events|transfers|problems)/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: renamed(await answer.text()) });
    });
    await page.route(api('/stream'), (route) => route.fulfill(stream(':\n\n')));
    await desk.arrive({ path: `/a/${victim?.id}` });
    const heading = page.locator('[data-part="editors"]').getByRole('heading', { level: 1 });
    await expect(heading).toContainText(hostname.slice(0, 3));
    await run(page, 'Fleet: Open Table');
    await expect(page.getByRole('grid', { name: 'PCs of the fleet' })).toContainText(hostname.slice(0, 3));
    await press(page, 'Control+p');
    await page.keyboard.type('north-2');
    await expect(page.getByRole('option').first()).toBeVisible();
    await press(page, 'Escape');
    expect(await page.title()).not.toBe('owned');
    expect(await page.locator('img').count()).toBe(0);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}

for (const days of [-1, 1]) {
  test(`a browser's clock that is off by ${days} day`, async ({ page, desk }) => {
    await page.clock.install({ time: Date.now() + days * 86_400_000 });
    await desk.arrive({ path: '/o/north' });
    await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
    const node = tree(page)
      .getByRole('treeitem')
      .filter({ hasText: /^north/ })
      .first();
    await expect(node).toContainText('2/2');
    await expect(page.locator('[data-part="status"]')).not.toContainText(/Stale|Data .* old/);
    await expect(page.getByText(/in 24 hours|in 1 day|yesterday|1 day ago|24 hours ago|tomorrow/i)).toHaveCount(0);
  });
}
