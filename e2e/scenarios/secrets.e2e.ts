/** After a day on which every kind of secret was used, none of them stands in clear in the database or in a log. */
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseToken } from '@harp/broker/protocol';
import { createSealing, PKI_KEY, readSealedFile, SIGNING_KEY } from '@harp/broker/protocol/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { KeyCreated, PersonInvited, RecoveryCodes, TwoFactorSecret } from '../../console/src/api/schemas.ts';
import { appCode, bytesOf } from '../harness/authenticator.ts';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { decideOf, makeToken, requestThat } from '../harness/enrolments.ts';
import { type Agent, startWaiting, type WaitingPc } from '../harness/fleet.ts';
import { openDatabase } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const PASSWORD = 'a password that nobody guesses';
const NEXT_PASSWORD = 'another one that nobody guesses';

let world: World;
let dns: DnsServer;
let byDns: WaitingPc;
/** Of agents. */
const logs: string[] = [];
/** What a PC shows: in its own log, and nowhere else. */
let shownCode = '';
/** By what it is. */
const secrets = new Map<string, string | Buffer>();
const keep = <T extends string | Buffer>(what: string, secret: T): T => {
  secrets.set(what, secret);
  return secret;
};

beforeAll(async () => {
  world = await startWorld({ server: { env: { HARP_LOG: 'debug' } } });
  dns = await startDnsServer();
  keep('the Nextcloud password', world.cloud.password);
  await world.cloud.putGenerated('/Projects/first.txt', 1000, 1);
  await world.distribute('Projects', ['north']);
  await somebodyWorks();
  await pcsComeIn();
  await keysOfServer();
}, 180_000);
afterAll(async () => {
  await byDns?.stop();
  dns?.close();
  await world?.dispose();
});

/** A browser's session. @returns what calls the API with it */
async function person(path: string, body: object) {
  let cookie = '';
  const call = async (at: string, sent: object, method = 'POST'): Promise<unknown> => {
    const { url } = world.server;
    const answer = await fetch(`${url}/api/v1${at}`, {
      method,
      headers: { 'content-type': 'application/json', origin: url, cookie },
      body: JSON.stringify(sent),
    });
    expect(answer.ok, `${at}: ${await answer.clone().text()}`).toBe(true);
    const given = answer.headers.get('set-cookie')?.split(';', 1)[0];
    if (given !== undefined) {
      cookie = given;
      keep(`session ${secrets.size}`, given.split('=')[1] ?? '');
    }
    return answer.status === 204 ? undefined : answer.json();
  };
  await call(path, body);
  return call;
}

async function somebodyWorks(): Promise<void> {
  const code = keep('the code of the first start', world.server.setupCode ?? '');
  const ada = await person('/setup', { code, name: 'ada', password: keep('a password', PASSWORD) });
  await ada('/me/password', { current: PASSWORD, next: keep('the next password', NEXT_PASSWORD) }, 'PUT');
  const { secret } = TwoFactorSecret.parse(await ada('/me/two-factor', { password: NEXT_PASSWORD }));
  keep('the second factor', secret);
  keep('the second factor, as bytes', bytesOf(secret));
  const { recoveryCodes } = RecoveryCodes.parse(await ada('/me/two-factor', { code: appCode(secret) }, 'PUT'));
  for (const [place, one] of recoveryCodes.entries()) keep(`recovery code ${place}`, one);
  await person('/session', { name: 'ada', password: NEXT_PASSWORD, code: recoveryCodes[0] });
  const { key } = KeyCreated.parse(
    await ada('/me/keys', { name: 'mine', actions: ['fleet.read'], everywhere: true, expiresInSeconds: 3600 }),
  );
  keep('an API key', key);
  await fetch(`${world.server.url}/api/v1/offices`, { headers: { authorization: `Bearer ${key}` } });
  const { invitation } = PersonInvited.parse(await ada('/people', { name: 'bob' }));
  keep('an invitation', invitation);
  await person('/invitation', { invitation, password: keep('the password of another', 'what only bob knows') });
  // What was typed into the wrong field, or wrongly, is as secret.
  const wrong = keep('a wrong password', 'a password of another place');
  const refused = await fetch(`${world.server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: world.server.url },
    body: JSON.stringify({ name: 'ada', password: wrong }),
  });
  expect(refused.status).toBe(401);
  const { apiKey } = z
    .object({ apiKey: z.string() })
    .parse(JSON.parse(readFileSync(join(world.server.dataDir, 'cli.json'), 'utf8')));
  keep('the key of the command line', apiKey);
}

async function pcsComeIn(): Promise<void> {
  const { token } = await makeToken(world.server, { office: 'north', uses: 5 });
  keep('a token', token);
  keep('the secret in a token', parseToken(token).s);
  const [first] = (await world.addAgents('north', ['first'])) as [Agent];
  dns.point('_harp._tcp.office.example', { host: 'localhost', port: world.server.gatewayPort });
  const env = { HARP_SEARCH_DOMAIN: 'office.example', HARP_DNS_SERVERS: dns.address, HARP_LOG: 'debug' };
  byDns = startWaiting({ name: 'by-dns', mdns: false, peerHost: '127.0.0.1', env });
  const { code = '' } = await byDns.shows('enrolment.code_needed');
  const row = await requestThat(world.server, 'by-dns', ({ state }) => state === 'waiting');
  await decideOf(world.server, row, 'approve', { code });
  const second = await byDns.enrolled();
  for (const { name, stateDir } of [first, second])
    keyForms(`the key of ${name}`, readFileSync(join(stateDir, 'identity', 'agent.key'), 'utf8'));
  await world.delivered([first], 'Projects', ['first.txt']);
  logs.push(first.logFile, second.logFile);
  shownCode = code;
}

/** A private key as text, and its bytes. */
function keyForms(what: string, pem: string): void {
  keep(`${what}, as PEM`, pem.replace(/-----[A-Z ]+-----|\s/g, ''));
  const { d } = createPrivateKey(pem).export({ format: 'jwk' });
  keep(`${what}, as bytes`, Buffer.from(d ?? '', 'base64url'));
}

/** What lies sealed under HARP_DATA, and what it is sealed with. */
async function keysOfServer(): Promise<void> {
  const { dataDir } = world.server;
  const master = keep('the master key', readFileSync(join(dataDir, 'keys', 'master.key')));
  const sealing = createSealing(master);
  for (const file of readdirSync(join(dataDir, 'pki')).filter((name) => name.endsWith('.key')))
    keyForms(file, (await readSealedFile(join(dataDir, 'pki', file), PKI_KEY, sealing)) ?? '');
  keyForms('the signing key', (await readSealedFile(join(dataDir, 'keys', 'signing.pem'), SIGNING_KEY, sealing)) ?? '');
}

/** How a secret could stand somewhere: as it is, and as databases and programs write bytes. */
function formsOf(secret: string | Buffer): string[] {
  const bytes = Buffer.from(secret);
  const encoded = [bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
  return typeof secret === 'string' ? [secret, encodeURIComponent(secret), ...encoded] : encoded;
}

/** Whose forms occur in a text. */
const foundIn = (text: string) =>
  [...secrets].filter(([, secret]) => formsOf(secret).some((form) => text.includes(form))).map(([what]) => what);

/** Every row of every table, as text. */
async function dump(): Promise<Map<string, string>> {
  const database = await openDatabase(world.server);
  try {
    const tables = await database.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
    const texts = new Map<string, string>();
    for (const { name } of tables.rows as { name: string }[]) {
      const { rows } = await database.query(`SELECT each::text AS row FROM "${name}" AS each`);
      texts.set(name, (rows as { row: string }[]).map(({ row }) => row).join('\n'));
    }
    return texts;
  } finally {
    await database.end();
  }
}

test('there is something to be found: every kind of secret was used, and what is no secret is found', async () => {
  expect([...secrets].filter(([, secret]) => secret.length < 6)).toEqual([]);
  expect(secrets.size).toBeGreaterThan(35);
  const tables = await dump();
  expect(tables.get('User')).toContain('ada');
  expect(tables.get('AuditEntry')).toContain('user.invite');
  expect(tables.size).toBeGreaterThan(20);
});

test('no table has a secret in clear, nor the code that a PC showed', async () => {
  for (const [table, text] of await dump()) {
    expect({ table, found: foundIn(text) }).toEqual({ table, found: [] });
    expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
    expect(text.includes(shownCode), table).toBe(false);
  }
});

test('no log has a secret, with everything logged that can be', async () => {
  const { dataDir, logFile } = world.server;
  // `npm start` tells whoever sits there the code of the first start, which is worth nothing once it was used.
  const server = readFileSync(logFile, 'utf8').replaceAll(world.server.setupCode ?? '', '');
  expect(server.split('\n').length).toBeGreaterThan(30);
  const texts = new Map([['server', server]]);
  for (const file of ['postgres.log', ...logs])
    texts.set(file, readFileSync(file.startsWith('/') ? file : join(dataDir, file), 'utf8'));
  for (const [log, text] of texts) {
    expect({ log, found: foundIn(text) }).toEqual({ log, found: [] });
    expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
  }
  expect(server).not.toContain(shownCode);
  const channels = z
    .object({ channels: z.array(z.object({ id: z.string() })) })
    .parse(await world.server.api('/logs')).channels;
  for (const { id } of channels)
    expect({ id, found: foundIn(JSON.stringify(await world.server.api(`/logs/${encodeURIComponent(id)}`))) }).toEqual({
      id,
      found: [],
    });
});
