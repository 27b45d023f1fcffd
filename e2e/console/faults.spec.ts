/** What goes wrong on the way to the page, made to happen in the page: each time a decent screen, and the rest goes on. */
import type { Page, Route } from '@playwright/test';
import { notifyFleet, sql } from '../harness/server-parts.ts';
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

/** A promise that the test settles. */
function later(): { promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
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
  await goTo(page, 'south-1');
  await expect(page.getByRole('heading', { level: 1, name: 'south-1' })).toBeVisible();
  await page.context().clearCookies();
  // Whatever asks the server next learns it: here a tab of the panel that was not open yet.
  await press(page, 'Control+k', 't');
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'south-1' })).toBeVisible();
  await expect(page).toHaveURL(/\/a\//);
});

test('a session that ends is noticed by itself where nobody touches the page', async ({ page, desk }) => {
  await page.route(api('/stream'), (route) => route.fulfill(stream(':\n\n')));
  await desk.arrive({ path: '/o/south' });
  await expect(page.getByRole('heading', { level: 1, name: 'south' })).toBeVisible();
  // The server ends the stream of a session that has ended, and refuses another one.
  await page.route(api('/stream'), (route) => refuse(route, 401, 'api.unauthenticated'));
  await page.context().clearCookies();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
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
});

test('an event stream that is no event stream harms nothing', async ({ page, desk }) => {
  const nonsense = [
    // Whoever left the waiting to the browser would be back tomorrow.
    'retry: 86400000\n\n',
    'event: agents\ndata: {"changed": "no list"}\n\n',
    'event: agents\ndata: {"changed":[{"id":1}],"removed":[null]}\n\n',
    'event: change\ndata: not json at all\n\n',
    'event: change\nid: no place in any stream\ndata: {"keys": [null, {}]}\n\n',
    'event: __proto__\ndata: {}\n\n',
    ':\n\ndata\n\nretry: soon\n\nid: \u0000\n\n',
  ].join('');
  const answers: ((route: Route) => Promise<void>)[] = [
    (route) => route.fulfill(stream(nonsense)),
    // A proxy in front of a server that starts again: at this a browser gives up by itself.
    (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }),
    (route) => route.fulfill({ contentType: 'application/json', body: '{}' }),
  ];
  const rows = tree(page).getByRole('treeitem');
  await desk.arrive({ path: '/o/north' });
  const all = await rowsOfFleet(page);
  let asked = 0;
  await page.route(api('/stream'), (route) => {
    asked += 1;
    return (answers.shift() ?? ((last) => last.continue()))(route);
  });
  await desk.arrive({ path: '/o/north' });
  await expect(page.getByRole('heading', { level: 1, name: 'north' })).toBeVisible();
  await expect(rows).toHaveCount(all);
  await expect.poll(() => asked).toBe(4);
  await expect(page.locator('[data-part="status"]')).toContainText('Live');
  await expect(rows).toHaveCount(all);
});

/** How many rows the tree has, once the PCs are in it: tests before this one may have let some in. */
async function rowsOfFleet(page: Page): Promise<number> {
  await expect(
    tree(page)
      .getByRole('treeitem')
      .filter({ hasText: /north-2|south-1/ })
      .first(),
  ).toBeVisible();
  return tree(page).getByRole('treeitem').count();
}

/** Agents in a stream as the server says them: one event each. */
async function burstOf(page: Page, url: string, count: number): Promise<string> {
  const { agents } = (await (await page.request.get(`${url}/api/v1/agents`)).json()) as {
    agents: Record<string, unknown>[];
  };
  const [first] = agents;
  return Array.from({ length: count }, (_, place) => {
    const data = JSON.stringify({ changed: [{ ...first, hostname: `burst-${place}` }], removed: [] });
    return `id: 1-${place}\nevent: agents\ndata: ${data}\n\n`;
  }).join('');
}

test('ten thousand events at once leave the page answering', async ({ page, desk, stage }) => {
  const burst = await burstOf(page, stage.world.server.url, 10_000);
  let asked = 0;
  const released = later();
  await page.route(api('/stream'), async (route) => {
    asked += 1;
    if (asked > 1) return route.abort();
    await released.promise;
    await route.fulfill(stream(burst));
  });
  await desk.arrive();
  const all = await rowsOfFleet(page);
  const reads: string[] = [];
  page.on('request', (request) => reads.push(request.url()));
  released.resolve();
  // Each is read and checked by itself, which takes a busy machine its time.
  await expect(tree(page)).toContainText('burst-9999', { timeout: 45_000 });
  await press(page, 'F1');
  await expect(page.locator('.quick-input').getByRole('combobox')).toBeFocused();
  await press(page, 'Escape');
  await expect(tree(page).getByRole('treeitem')).toHaveCount(all);
  // Rows that came are not asked for again: a burst does not become another one for the server.
  expect(reads.filter((read) => api('/agents').test(read))).toEqual([]);
});

test('what the stream says while the list is being read is not lost', async ({ page, desk, stage }) => {
  const burst = await burstOf(page, stage.world.server.url, 100);
  const [streamed, listed] = [later(), later()];
  let asked = 0;
  await page.route(api('/stream'), async (route) => {
    asked += 1;
    if (asked > 1) {
      streamed.resolve();
      return route.abort();
    }
    await listed.promise;
    await route.fulfill(stream(burst));
  });
  await page.route(api('/agents'), async (route) => {
    const answer = await route.fetch();
    listed.resolve();
    // It has been read, and comes after everything that was said since.
    await streamed.promise;
    await route.fulfill({ response: answer });
  });
  await desk.arrive();
  await expect(tree(page)).toContainText('burst-99');
  expect(await rowsOfFleet(page)).toBeGreaterThan(3);
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

test('a folder with 200 000 files in one directory', async ({ page, desk, stage }) => {
  const FILES = 200_000;
  const { server } = stage.world;
  const ids = ['nxc-hugehugehugehuge', 'fld-hugehugehugehuge'];
  await sql(
    server,
    `INSERT INTO "Nextcloud" ("id", "name", "url", "userName", "passwordSealed", "errorCode", "errorDetail")
     VALUES ($1, 'vault', 'https://cloud.invalid', 'harp', '', 'nextcloud.unreachable', 'it is made up')`,
    [ids[0]],
  );
  await sql(
    server,
    `INSERT INTO "Folder" ("id", "name", "nextcloudId", "path", "seq", "link", "fileCount", "byteCount", "indexedAt")
     VALUES ($1, 'Huge', $2, '/Huge', $3::int, repeat('0', 64), $3::int, $3::bigint * 20000, now())`,
    [ids[1], ids[0], FILES],
  );
  await sql(
    server,
    `INSERT INTO "FileVersion" ("folderId", "path", "fileId", "etag", "size", "mtimeMs", "manifestId", "chunkId", "seq")
     SELECT $1, 'document ' || lpad(n::text, 6, '0') || '.pdf', n::text, md5(n::text), 20000, 1700000000000, md5(n::text) || md5('m' || n), NULL, n
     FROM generate_series(1, $2::int) n`,
    [ids[1], FILES],
  );
  await notifyFleet(server);
  const content = page.getByRole('tree', { name: 'Nextcloud folders and files' });
  const focused = content.locator('[role="treeitem"]:focus');
  await desk.arrive({ path: `/f/${ids[1]}` });
  await expect(page.getByRole('heading', { level: 1, name: 'Huge' })).toBeVisible();
  await expect(page.locator('[data-part="editors"]')).toContainText('200,000');
  await press(page, 'Control+k', '2');
  await expect(content).toContainText('Huge');
  await press(page, 'Control+0', 'Home');
  await expect(focused).toContainText('cloud');
  await page.keyboard.type('Huge');
  await expect(focused).toContainText('Huge');
  await press(page, 'ArrowRight');
  await expect(content).toContainText('document 000001.pdf');
  for (const shown of ['500 shown', '1,000 shown', '1,500 shown']) {
    await press(page, 'End');
    await expect(focused).toContainText(shown);
    await press(page, 'Enter');
    // The first of what was fetched has the focus of the row that made place for it.
    await expect(focused).toContainText('document');
  }
  // What is seen is drawn, not what is there.
  expect(await content.getByRole('treeitem').count()).toBeLessThanOrEqual(60);
  await goTo(page, '#document 123456', 'document 123456.pdf');
  await expect(page.getByRole('heading', { level: 1, name: 'document 123456.pdf' })).toBeVisible();
  await sql(server, 'DELETE FROM "FileVersion" WHERE "folderId" = $1', [ids[1]]);
  await sql(server, 'DELETE FROM "Folder" WHERE "id" = $1', [ids[1]]);
  await sql(server, 'DELETE FROM "Nextcloud" WHERE "id" = $1', [ids[0]]);
  await notifyFleet(server);
});

test('nothing on the page moves by itself while it comes to life, and its policy is never offended', async ({
  page,
  desk,
}) => {
  const offences: string[] = [];
  await page.exposeFunction('reportOffence', (offence: string) => void offences.push(offence));
  await page.addInitScript(() => {
    const harp = window as unknown as { shifts: string[]; reportOffence(offence: string): void };
    harp.shifts = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
      harp.reportOffence(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`),
    );
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[]) {
        if (entry.hadRecentInput) continue;
        const moved = entry.sources.map(({ node, previousRect: from, currentRect: to }) => {
          const name = node instanceof Element ? node.className : node?.nodeName;
          return `${name} ${from.x},${from.y} ${from.width}×${from.height} -> ${to.x},${to.y} ${to.width}×${to.height}`;
        });
        harp.shifts.push(`${entry.value.toFixed(4)} ${moved.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const path of ['/', '/o/north', '/fleet', '/fleet/overview', '/settings']) {
    await desk.arrive({ path });
    await expect(tree(page).getByRole('treeitem').first()).toBeVisible();
    await expect(page.locator('[data-part="editors"]').getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.locator('.loading:visible')).toHaveCount(0);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
    const sum = shifts.reduce((all, shift) => all + Number(shift.split(' ', 1)[0]), 0);
    expect(sum, `${path}: ${shifts.join('; ')}`).toBeLessThan(0.02);
  }
  expect(offences).toEqual([]);
  const answer = await page.request.get(page.url());
  const policy = answer.headers()['content-security-policy'] ?? '';
  const scripts = policy.split('; ').find((part) => part.startsWith('script-src ')) ?? '';
  expect(scripts).toMatch(/'nonce-[\w-]{22}'/);
  expect(scripts).not.toMatch(/unsafe-(inline|eval)/);
  const other = (await page.request.get(page.url())).headers()['content-security-policy'];
  expect(other).not.toBe(policy);
});

/** What the browser tells of things that moved (Layout Instability API; not among TypeScript's types). */
interface Shift {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly {
    readonly node: Node | null;
    readonly previousRect: DOMRectReadOnly;
    readonly currentRect: DOMRectReadOnly;
  }[];
}
