/** Pictures of who is let in: PCs that wait, batches, rules, blocked PCs, people and their ways to sign in, and the log of all that. */
import type { Page } from '@playwright/test';
import type { Server } from '../harness/fleet.ts';
import { sql } from '../harness/server-parts.ts';
import type { World } from '../harness/world.ts';
import { type InEveryLook, type Site, says } from './pictures.ts';
import { pcsWait } from './waiting-pcs.ts';

const editor = (page: Page) => page.locator('[data-part="editors"]');
/** Resolves when the editor says this, in whatever language. */
const holds = (words: string) => (page: Page) => editor(page).getByText(words).first().waitFor();

/** Every editor of enrolment, people and account. `nobody`: a browser in which nobody is signed in. */
export async function picturesOfIdentity(
  take: InEveryLook,
  { site, nobody }: { site: Site; nobody: Site },
  { server }: World,
): Promise<void> {
  await take(site, 'enrolment-waiting-empty', {
    path: '/enrolment',
    show: (page) => editor(page).locator('.notice').first().waitFor(),
  });
  await take(site, 'enrolment-new-batch', {
    path: '/enrolment/batch/new',
    show: (page) => editor(page).locator('.enrolment-form').waitFor(),
  });
  const batch = await addRows(server);
  await take(site, 'enrolment-waiting', { path: '/enrolment', show: holds('reception-2') });
  await take(site, 'enrolment-chosen', {
    path: '/enrolment',
    show: async (page) => {
      await holds('reception-2')(page);
      await editor(page).getByRole('row').filter({ hasText: 'reception-2' }).click();
      await page.keyboard.press('Control+a');
    },
  });
  await take(site, 'enrolment-batch', { path: `/enrolment/batch/${batch}`, show: holds('lab-3') });
  await take(site, 'enrolment-rules', { path: '/enrolment/rules', show: holds('Tills of the north') });
  await take(site, 'enrolment-blocked', { path: '/enrolment/blocked', show: holds('kiosk-9') });
  await take(site, 'people', { path: '/people', show: holds('Marie') });
  await take(site, 'people-sign-in', { path: '/people/sign-in', show: holds('Company') });
  await take(site, 'account', { path: '/account', show: holds('Yubikey') });
  await take(site, 'account-end', {
    path: '/account',
    show: async (page) => {
      await holds('Yubikey')(page);
      await editor(page).locator('section').last().scrollIntoViewIfNeeded();
    },
  });
  await take(site, 'audit', { path: '/audit', show: (page) => editor(page).getByRole('row').nth(3).waitFor() });
  await take(nobody, 'sign-in-ways', { show: says('Company') });
}

/** Ten thousand PCs that ask at once. */
export async function picturesOfAStorm(take: InEveryLook, site: Site, server: Server): Promise<void> {
  await sql(
    server,
    `INSERT INTO "EnrolmentRequest" ("id", "agentId", "csr", "hostname", "platform", "version", "addresses", "seenAddress", "via", "state",
       "cause", "officeId", "officeBy", "ticketHash", "createdAt", "lastSeenAt")
     SELECT 'enr-' || lpad(n::text, 16, 'a'), lpad(n::text, 52, 'a'), 'none', 'till-' || lpad(n::text, 5, '0'), 'win32', '0.1.0', ARRAY['10.9.0.7'],
       '10.9.0.7', 'file', 'waiting', 'enrolment.approval_needed', 'off-unassigned', 'none', 'x', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
     FROM generate_series(1, 10000) n`,
  );
  await take(site, 'large-enrolment', { path: '/enrolment', show: holds('till-') });
}

/** Rows as the gateway and people would leave them; returns the id of a batch. */
async function addRows(server: Server): Promise<string> {
  const { id } = (await server.api('/tokens', {
    method: 'POST',
    body: { name: 'Lab, second floor', expected: 40, uses: 40 },
  })) as { id: string };
  await pcsWait(server, [
    { name: 'reception-2', code: 'K7M2QX', office: 'north', address: '10.1.4.22', minutesAgo: 3 },
    { name: 'design-old', cause: 'enrolment.duplicate', duplicateOf: 'design', minutesAgo: 12 },
    { name: 'a-very-long-host-name-that-a-vendor-chose-0042', office: 'south', minutesAgo: 55 },
    { name: 'kiosk-1', cause: 'enrolment.rule_paused', minutesAgo: 240 },
    { name: 'lab-1', token: id, state: 'enrolled' },
    { name: 'lab-2', token: id, state: 'approved' },
    { name: 'lab-3', token: id, state: 'refused', cause: 'enrolment.token_network' },
    { name: 'lab-4', token: id },
  ]);
  await sql(
    server,
    `INSERT INTO "EnrolmentRule" ("id", "position", "name", "cidrs", "hostname", "cap", "used", "pausedAt", "pausedCause") VALUES
       ('rul-a', 0, 'Tills of the north', ARRAY['10.1.0.0/16'], 'till-*', 60, 12, NULL, NULL),
       ('rul-b', 1, 'Lab PCs by domain', ARRAY[]::text[], 'lab-??', 40, 40, now() AT TIME ZONE 'UTC', 'cap')`,
  );
  await sql(
    server,
    `INSERT INTO "EnrolmentBlock" ("id", "kind", "value", "hostname", "reason", "createdBy") VALUES
       ('blk-a', 'key', 'aaaa', 'kiosk-9', 'revoked', 'admin'), ('blk-b', 'hardware', 'bbbb', 'kiosk-9', 'revoked', 'admin'),
       ('blk-c', 'key', 'cccc', 'unknown-laptop', 'enrolment', 'admin')`,
  );
  for (const [name, role] of [
    ['Marie', 'helpdesk'],
    ['Jean-Baptiste Grenouille de la Fontaine', 'manager'],
    ['Ruth', 'viewer'],
  ] as const)
    await server.api('/people', { method: 'POST', body: { name, grants: [{ role, everywhere: true }] } });
  await sql(
    server,
    `INSERT INTO "SignInProvider" ("id", "name", "kind", "url", "clientId", "secretSealed") VALUES
       ('company', 'Company', 'oidc', 'https://id.example.org', 'harp', 'none'),
       ('cloud', 'Our Nextcloud', 'nextcloud', 'https://cloud.example.org', 'harp', 'none')`,
  );
  await sql(
    server,
    `INSERT INTO "Passkey" ("id", "credentialId", "userId", "name", "publicKey", "counter", "transports")
     SELECT 'pky-' || k.n, 'cred-' || k.n, "User"."id", k.called, '\\x00', 0, ARRAY['usb'] FROM "User", (VALUES (1, 'Yubikey'), (2, 'my laptop')) AS k(n, called)
     WHERE "User"."name" = 'admin'`,
  );
  await sql(
    server,
    `INSERT INTO "LinkedAccount" ("id", "providerId", "subject", "userId", "label")
     SELECT 'lnk-a', 'company', 'sub-1', "id", 'ada@example.org' FROM "User" WHERE "name" = 'admin'`,
  );
  return id;
}
