import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { type Enrolment, formatToken, isHarpError } from '@harp/broker/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../../test/fixtures/gateway.ts';
import { createTestCa } from '../../test/fixtures/pki.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { type StateLayout, stateLayout } from '../state/layout.ts';
import { systemClock } from '../system.ts';
import { enrol, enrolAt as enrolAtContact } from './enrol.ts';
import { readIdentity } from './identity-files.ts';

const host = { hostname: 'pc-7', platform: 'linux-x64', version: '0.1.0' };
const DAY_MS = 86_400_000;

async function gatewayFor(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  onTestFinished(() => gateway.close());
  return gateway;
}

const enrolAt = (layout: StateLayout, token: string) =>
  enrol(token, { layout, clock: systemClock, host }, AbortSignal.timeout(5_000));

const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'no error',
    (error: unknown) => (isHarpError(error) ? error.code : error),
  );

test('enrolment stores an identity that belongs together, readable by its owner only', async () => {
  const gateway = await gatewayFor();
  const layout = stateLayout(await tempFolder());
  const record = await enrolAt(layout, gateway.token);
  const stored = await readIdentity(layout);
  expect(stored?.record).toEqual(record);
  expect(record.office.name).toBe('Lyon');
  expect(record.signingKeys).toEqual([gateway.signingKey]);
  expect(gateway.enrolments).toMatchObject([{ ...host, secret: 'a'.repeat(43) }]);
  expect((await stat(layout.key)).mode & 0o777).toBe(0o600);
});

test('a second enrolment of the same state folder is refused and spends no token', async () => {
  const gateway = await gatewayFor();
  const layout = stateLayout(await tempFolder());
  await enrolAt(layout, gateway.token);
  expect(await codeOf(enrolAt(layout, gateway.token))).toBe('enrolment.already_enrolled');
  expect(gateway.enrolments).toHaveLength(1);
});

test('an enrolment that broke off goes on as the same agent', async () => {
  const layout = stateLayout(await tempFolder());
  const broken = await gatewayFor({ spoil: () => ({ half: 'an answer' }) });
  expect(await codeOf(enrolAt(layout, broken.token))).toBe('protocol.invalid_message');
  const key = await readFile(layout.key, 'utf8');
  const gateway = await gatewayFor();
  await enrolAt(layout, gateway.token);
  expect(await readFile(layout.key, 'utf8')).toBe(key);
});

test('an agent whose certificate ran out enrols again under its old id', async () => {
  const expired = { fromMs: Date.now() - 2 * DAY_MS, toMs: Date.now() - DAY_MS };
  const gateway = await gatewayFor({ agentLife: () => expired });
  const layout = stateLayout(await tempFolder());
  const first = await enrolAt(layout, gateway.token);
  const second = await enrolAt(layout, gateway.token);
  expect(second.agent).toBe(first.agent);
});

test('an agent that was away while its server’s root was replaced enrols again under its old id', async () => {
  const before = await gatewayFor();
  const layout = stateLayout(await tempFolder());
  const first = await enrolAt(layout, before.token);
  const after = await gatewayFor();
  // At another address it is another server, and this PC is somebody's already.
  expect(await codeOf(enrolAt(layout, after.token))).toBe('enrolment.already_enrolled');
  await writeFile(layout.enrolment, JSON.stringify({ ...first, gatewayUrl: after.url }));
  const second = await enrolAt(layout, after.token);
  expect(second.agent).toBe(first.agent);
  expect((await readIdentity(layout))?.tls.ca.trim()).toBe(after.ca.pem.trim());
});

test('the secret goes to nobody whose CA is not the one in the token', async () => {
  const gateway = await gatewayFor();
  const { fingerprint } = await createTestCa('another');
  const token = formatToken({ g: gateway.url, f: fingerprint, s: 'b'.repeat(43) });
  const layout = stateLayout(await tempFolder());
  await expect(enrolAt(layout, token)).rejects.toMatchObject({
    code: 'enrolment.ca_mismatch',
    facts: { issuer: 'Harp test CA' },
  });
  expect(gateway.enrolments).toEqual([]);
});

test('the right CA does not vouch for a server under another name', async () => {
  const gateway = await gatewayFor({ names: ['harp.example.org'] });
  const layout = stateLayout(await tempFolder());
  expect(await codeOf(enrolAt(layout, gateway.token))).toBe('enrolment.server_unverified');
  expect(gateway.enrolments).toEqual([]);
});

test.each([
  {
    what: 'a server certificate of tomorrow',
    options: { serverLife: { fromMs: Date.now() + DAY_MS, toMs: Date.now() + 9 * DAY_MS } },
  },
  { what: 'a server whose clock is an hour ahead', options: { clockSkewMs: 3_600_000 } },
  { what: 'a server whose clock is an hour behind', options: { clockSkewMs: -3_600_000 } },
])('$what is a matter of clocks, found before the token is spent', async ({ options }) => {
  const gateway = await gatewayFor(options);
  const layout = stateLayout(await tempFolder());
  expect(await codeOf(enrolAt(layout, gateway.token))).toBe('enrolment.clock_skew');
  expect(gateway.enrolments).toEqual([]);
});

test('a clock that makes a certificate look wrong is told with how much it is off', async () => {
  const day = { fromMs: Date.now() + DAY_MS, toMs: Date.now() + 9 * DAY_MS };
  const gateway = await gatewayFor({ serverLife: day, clockSkewMs: DAY_MS + 60 * 60_000 });
  await expect(enrolAt(stateLayout(await tempFolder()), gateway.token)).rejects.toMatchObject({
    code: 'enrolment.clock_skew',
    facts: { minutes: 25 * 60, side: 'behind' },
  });
  expect(gateway.enrolments).toEqual([]);
});

test.each(['enrolment.token_expired', 'enrolment.token_used_up', 'enrolment.token_unknown', 'enrolment.token_revoked'])(
  'the gateway’s refusal %s arrives as it is',
  async (code) => {
    const gateway = await gatewayFor({ refuse: { status: 401, code, message: 'no' } });
    const layout = stateLayout(await tempFolder());
    expect(await codeOf(enrolAt(layout, gateway.token))).toBe(code);
    expect(await readIdentity(layout)).toBeUndefined();
  },
);

test.each<{ what: string; spoil: (good: Enrolment, other: Enrolment) => unknown; code: string }>([
  {
    what: 'another agent’s id',
    spoil: (good) => ({ ...good, agent: 'a'.repeat(52) }),
    code: 'protocol.invalid_message',
  },
  { what: 'another CA', spoil: (good, other) => ({ ...good, ca: other.ca }), code: 'enrolment.ca_mismatch' },
  {
    what: 'a certificate of another key',
    spoil: (good, other) => ({ ...good, certificate: other.certificate }),
    code: 'agent.state_damaged',
  },
  { what: 'no signing key', spoil: (good) => ({ ...good, signingKeys: [] }), code: 'protocol.invalid_message' },
])('an answer with $what is not stored', async ({ spoil, code }) => {
  let other: Enrolment | undefined;
  const stranger = await gatewayFor({
    spoil: (enrolment) => {
      other = enrolment;
      return enrolment;
    },
  });
  await enrolAt(stateLayout(await tempFolder()), stranger.token);
  const gateway = await gatewayFor({ spoil: (good) => spoil(good, other!) });
  const layout = stateLayout(await tempFolder());
  expect(await codeOf(enrolAt(layout, gateway.token))).toBe(code);
  expect(await readIdentity(layout)).toBeUndefined();
});

test.each([
  {
    what: 'closes the connection',
    listen: () => createServer((socket) => socket.destroy()),
    code: 'gateway.unreachable',
  },
  {
    what: 'speaks plain HTTP',
    listen: () => createHttpServer((_, response) => response.end('sign in')),
    code: 'enrolment.intercepted',
  },
  {
    what: 'says something that is no TLS',
    listen: () =>
      createServer((socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end('220 mail\r\n'),
      ),
    code: 'enrolment.intercepted',
  },
])('whoever $what in place of the gateway is named', async ({ listen, code }) => {
  const server = listen();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const g = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const layout = stateLayout(await tempFolder());
  expect(await codeOf(enrolAt(layout, formatToken({ g, f: '0'.repeat(64), s: 'c'.repeat(43) })))).toBe(code);
});

test('a server that is not there is unreachable', async () => {
  const gateway = await startTestGateway();
  await gateway.close();
  expect(await codeOf(enrolAt(stateLayout(await tempFolder()), gateway.token))).toBe('gateway.unreachable');
});

test('a damaged state folder is named, not overwritten', async () => {
  const gateway = await gatewayFor();
  const layout = stateLayout(await tempFolder());
  await enrolAt(layout, gateway.token);
  await writeFile(layout.certificate, 'rubbish');
  expect(await codeOf(enrolAt(layout, gateway.token))).toBe('agent.state_damaged');
});

test.each(['neighbour', 'dns'] as const)(
  'a server that %s names and that lets this PC in without proving its code gets nothing and is believed nothing',
  async (via) => {
    const rogue = await gatewayFor();
    const layout = stateLayout(await tempFolder());
    const machine = { hardwareId: 'ab'.repeat(32), user: 'ada', addresses: ['10.0.0.7'] };
    const shown: unknown[] = [];
    const attempt = enrolAtContact(
      { via, url: rogue.url },
      { layout, clock: systemClock, host, machine: async () => machine, onWaiting: (state) => shown.push(state) },
      AbortSignal.timeout(5_000),
    );
    expect(await codeOf(attempt)).toBe('enrolment.code_mismatch');
    expect(await readIdentity(layout)).toBeUndefined();
    expect(await readdir(dirname(layout.key))).toEqual(['agent.key']);
    expect(rogue.enrolments).toMatchObject([{ via, machine: { addresses: ['10.0.0.7'] } }]);
    expect(JSON.stringify(rogue.enrolments)).not.toContain('ada');
    expect(rogue.enrolments[0]).not.toHaveProperty('secret');
    expect(shown).toEqual([]);
  },
);
