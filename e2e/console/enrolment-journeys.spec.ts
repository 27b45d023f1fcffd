/** PCs that are let in from the console, end to end: real agents run what the pages tell to run, show codes, wait for rules, and are revoked. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startDnsServer } from '../harness/dns-server.ts';
import { requestThat, rootOf } from '../harness/enrolments.ts';
import { type Agent, root, runAgent, startWaiting, temporaryFolder } from '../harness/fleet.ts';
import { runToEnd, until } from '../harness/process.ts';
import { choose, expect, FOLDER, focusByTab, heading, press, run, test } from './desk.ts';

const list = (page: Page) => page.getByRole('grid', { name: 'PCs that wait to be let in' });
const row = (page: Page, name: string) => list(page).getByRole('row').filter({ hasText: name });
const toast = (page: Page, words: string | RegExp) => page.locator('.toast').filter({ hasText: words });
const commands = (page: Page) => page.locator('[data-part="editors"] .enrolment-commands');
// PCs wait ten seconds after each approval, and ten more before they show another code.
test.describe.configure({ timeout: 180_000 });

const quiet = { mdns: false, peerHost: '127.0.0.1' } as const;

/** To something that takes the focus, by Tab. */
const reach = (page: Page, target: ReturnType<Page['getByLabel']>) =>
  focusByTab(page, () => target.evaluate((element) => element === document.activeElement));

async function fill(page: Page, label: string, words: string): Promise<void> {
  await reach(page, page.getByLabel(label, { exact: true }));
  await press(page, 'Control+a');
  await page.keyboard.type(words);
}

async function pushButton(page: Page, name: string): Promise<void> {
  await reach(page, page.getByRole('button', { name, exact: true }));
  await press(page, 'Enter');
}

/** Selects one PC of the list, and leaves the focus in the list. */
async function select(page: Page, name: string): Promise<void> {
  await expect(row(page, name)).toBeVisible();
  await run(page, 'View: Focus Editor');
  await fill(page, 'Search host name, serial, user, domain or address', name);
  await expect(
    list(page)
      .getByRole('row')
      .filter({ hasText: /pc-|lap-|kiosk-/ }),
  ).toHaveCount(1);
  await focusByTab(page, () => list(page).evaluate((grid) => grid.contains(document.activeElement)));
  await press(page, 'Control+a');
}

/** What a shell of a PC does with the command that the page shows; `sudo` and installed programs are this checkout's. */
function shell(command: string, name: string, folder: string) {
  const agent = join(root, 'agent/bin/harp-agent.mjs');
  const script = `sudo() { "$@"; }; harp-agent() { "${process.execPath}" "${agent}" "$@"; }\n${command.replaceAll('/var/lib/harp', join(folder, 'state'))}`;
  return runToEnd('/bin/bash', ['-c', script], { env: { HARP_HOSTNAME: name, HARP_HARDWARE_ID: folder } });
}

/** Takes a PC out of the fleet that all browser tests share. */
async function revoke(page: Page, name: string): Promise<void> {
  await run(page, 'Agent: Revoke…');
  await choose(page, name);
  await choose(page, 'Revoke', /^Revoke$/);
  await expect(toast(page, new RegExp(`${name}.* is revoked and blocked`))).toBeVisible();
}

test('a batch: what the page tells to run on PCs enrols them, the intake counts them, and closed it lets nobody in', async ({
  page,
  desk,
  stage,
}) => {
  const { world } = stage;
  const agents: Agent[] = [];
  try {
    await desk.arrive();
    await run(page, 'Enrolment: New Enrolment Batch…');
    await expect(heading(page, 'New enrolment batch')).toBeVisible();
    await fill(page, 'Name', 'Journey');
    await reach(page, page.getByLabel(/^Office for PCs/));
    await page.keyboard.type('nor');
    await fill(page, 'PCs expected', '2');
    await fill(page, 'Only from these networks', '127.0.0.0/8');
    await press(page, 'Enter');
    await expect(heading(page, 'Batch Journey')).toBeVisible();
    await expect(page.getByText('0 of 2 approved')).toBeVisible();

    await pushButton(page, 'Show Token');
    const [enrol] = ((await commands(page).textContent()) ?? '').split('\n');
    const first = temporaryFolder('batch-1');
    const done = await shell(enrol ?? '', 'batch-1', first);
    expect(done.code, done.stderr).toBe(0);
    await expect(page.getByText('1 of 2 approved')).toBeVisible();
    agents.push(await runAgent({ name: 'batch-1', token: '', folder: first, ...quiet }));

    const tab = page.getByRole('tab', { name: 'File for images and GPO' });
    await tab.focus();
    await press(page, 'Enter');
    const second = temporaryFolder('batch-2');
    mkdirSync(join(second, 'state'));
    writeFileSync(join(second, 'state/enrol.json'), (await commands(page).textContent()) ?? '');
    agents.push(await startWaiting({ name: 'batch-2', folder: second, ...quiet }).enrolled());
    await expect(page.getByText('2 of 2 approved')).toBeVisible();
    await world.delivered(agents, FOLDER, ['plans/bridge.dwg']);
    // Over a fast line PCs that have just come may have taken everything before they knew a neighbour: the last step is not theirs to promise.
    await expect(page.getByRole('row', { name: /^Policy applied/ })).toContainText('2', { timeout: 45_000 });

    await pushButton(page, 'Close Batch');
    await choose(page, 'Close Batch');
    await expect(toast(page, 'The batch is closed.')).toBeVisible();
    const late = await shell(enrol ?? '', 'batch-3', temporaryFolder('batch-3'));
    expect(late.code).not.toBe(0);
    expect(late.stderr).toContain('enrolment.token_revoked');
    await expect(page.getByRole('grid', { name: 'PCs that are stuck' })).toContainText('batch-3');
    await expect(page.getByRole('grid', { name: 'PCs that are stuck' })).toContainText('The batch is closed');
  } finally {
    for (const { name } of agents) await revoke(page, name);
    await Promise.all(agents.map((agent) => agent.process.stop()));
  }
});

test('a PC that DNS sent: its code is read there and typed here, it gets its office and files, is revoked, and may ask again', async ({
  page,
  desk,
  stage,
}) => {
  const { server, delivered } = stage.world;
  const dns = await startDnsServer();
  dns.point('_harp._tcp.office.example', { host: 'localhost', port: server.gatewayPort });
  const env = { HARP_SEARCH_DOMAIN: 'office.example', HARP_DNS_SERVERS: dns.address };
  const pc = startWaiting({ name: 'pc-dns', ...quiet, env });
  try {
    const { code = '' } = await pc.shows('enrolment.code_needed');
    await desk.arrive({ path: '/enrolment' });
    await expect(row(page, 'pc-dns')).toContainText('A person must type the code it shows');
    await expect(row(page, 'pc-dns')).toContainText('Unassigned');
    await select(page, 'pc-dns');
    await run(page, 'Enrolment: Assign Selected to Office…');
    await choose(page, 'north');
    await expect(row(page, 'pc-dns')).toContainText('chosen by a person');

    const wrong = code === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
    await select(page, 'pc-dns');
    await press(page, 'a');
    await expect(page.locator('.quick-input input')).toBeFocused();
    await page.keyboard.type(wrong);
    await press(page, 'Enter');
    await expect(row(page, 'pc-dns')).toContainText('Wrong code, or somebody in between', { timeout: 30_000 });

    const next = await until('the PC shows another code', async () => {
      const now = await pc.shown();
      return now?.code !== undefined && now.code !== code ? now.code : undefined;
    });
    await select(page, 'pc-dns');
    await press(page, 'a');
    await expect(page.locator('.quick-input input')).toBeFocused();
    await page.keyboard.type(next);
    await press(page, 'Enter');
    await expect(toast(page, /pc-dns.* is approved\./)).toBeVisible();
    const agent = await pc.enrolled();
    await delivered([agent], FOLDER, ['plans/bridge.dwg']);

    await revoke(page, 'pc-dns');
    await run(page, 'Enrolment: Open Blocked PCs');
    await expect(page.getByRole('grid', { name: 'PCs that may not enrol' })).toContainText('pc-dns');
    await run(page, 'Agent: Unblock…');
    await choose(page, 'pc-dns');
    const blocked = page.getByRole('grid', { name: 'PCs that may not enrol' }).getByRole('row');
    await expect(blocked.filter({ hasText: 'pc-dns' })).toHaveCount(0);
  } finally {
    await pc.stop();
    dns.close();
  }
});

test('a rule lets in what it showed it would; a PC that was rejected by mistake is taken back', async ({
  page,
  desk,
  stage,
}) => {
  const { server } = stage.world;
  const fingerprint = await rootOf(server);
  const waiting = ['lap-1', 'kiosk-1'].map((name) => {
    const folder = temporaryFolder(name);
    mkdirSync(join(folder, 'state'));
    const file = { gateway: `https://127.0.0.1:${server.gatewayPort}`, fingerprint };
    writeFileSync(join(folder, 'state/enrol.json'), JSON.stringify(file));
    return startWaiting({ name, folder, ...quiet });
  });
  const agents: Agent[] = [];
  try {
    await desk.arrive({ path: '/enrolment' });
    await expect(row(page, 'lap-1')).toBeVisible();
    await expect(row(page, 'kiosk-1')).toContainText('A person or a rule must let it in');

    await select(page, 'kiosk-1');
    await press(page, 'r');
    await expect(toast(page, /kiosk-1.* is rejected/)).toBeVisible();
    await run(page, 'Enrolment: Undo Last Decision');
    await expect(row(page, 'kiosk-1')).toBeVisible();

    await run(page, 'Enrolment: Open Auto-Approve Rules');
    await pushButton(page, 'New Rule');
    await fill(page, 'Name', 'laptops');
    await fill(page, 'Host name fits', 'lap-*');
    await expect(page.getByText('Would let 1 in of 2 PCs that wait')).toBeVisible();
    await expect(page.getByText('1 not: another host name')).toBeVisible();
    await press(page, 'Enter');
    agents.push(await waiting[0]!.enrolled());
    await requestThat(server, 'lap-1', ({ state }) => state === 'enrolled');
    await expect(page.getByRole('list', { name: 'Auto-approve rules' })).toContainText('1 let in');

    await run(page, 'Enrolment: Open PCs That Wait');
    await select(page, 'kiosk-1');
    await press(page, 'a');
    await expect(toast(page, /kiosk-1.* is approved\./)).toBeVisible();
    agents.push(await waiting[1]!.enrolled());
    await expect(page.getByText(/^No PC matches .*kiosk-1/)).toBeVisible();
  } finally {
    await run(page, 'Enrolment: Open Auto-Approve Rules');
    await pushButton(page, 'Remove: laptops');
    for (const { name } of agents) await revoke(page, name);
    await Promise.all(waiting.map((pc) => pc.stop()));
  }
});
