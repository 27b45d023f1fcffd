import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrokerHarness, startHarness, type TestAgent } from '../../test/harness.ts';
import { fingerprintOf } from '../enrolment/pki-files.ts';
import { AuthorityStatus, Enrolment, ErrorBody, gatewayPaths, Renewal, TrustAnswer } from '../protocol/index.ts';

let harp: BrokerHarness;
let office: string;
let agent: TestAgent;
beforeAll(async () => {
  harp = await startHarness();
  office = await harp.office();
  agent = await harp.enrol(office);
}, 60_000);
afterAll(() => harp[Symbol.asyncDispose]());

const codeOf = (answer: { json(): unknown }): string => ErrorBody.parse(answer.json()).error.code;
const asConsole = () => harp.broker.pki.service('console');
const connected = (client: MqttClient): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
const rotate = async (what: 'issuing' | 'root', force = false) =>
  harp.http(gatewayPaths.rotate, { agent: asConsole(), body: { what, force, operator: 'ruth@büro' } });
const tell = (who: TestAgent, roots: readonly string[]) =>
  harp.http(gatewayPaths.trust, { agent: who, body: { roots } });
const rowOf = (who: TestAgent) => harp.prisma.agent.findUniqueOrThrow({ where: { id: who.agent } });

describe('what agents trust', () => {
  test('is known from their enrolment on', async () => {
    const { present } = harp.broker.pki.roots;
    expect(await rowOf(agent)).toMatchObject({
      trustedRoots: [present],
      certificateRoot: present,
      certificateIssuer: fingerprintOf(harp.broker.pki.issuing),
    });
  });

  test('and what they show is noted, and answered with what they should trust', async () => {
    const other = 'f'.repeat(64);
    const answer = await tell(agent, [other]);
    expect(TrustAnswer.parse(answer.json())).toEqual({
      ca: harp.broker.pki.ca,
      mqttUrl: `mqtts://127.0.0.1:${harp.broker.mqttPort}`,
      renew: false,
    });
    expect(await rowOf(agent)).toMatchObject({
      trustedRoots: [other],
      certificateRoot: harp.broker.pki.roots.present,
      certificateIssuer: fingerprintOf(harp.broker.pki.issuing),
    });
  });

  test('is not asked of strangers, services and revoked agents', async () => {
    const revoked = await harp.enrol(office);
    await harp.prisma.agent.update({ where: { id: revoked.agent }, data: { revokedAt: new Date() } });
    await harp.fleetChanged();
    const body = { roots: [] };
    expect(codeOf(await harp.http(gatewayPaths.trust, { body }))).toBe('identity.certificate_required');
    expect(codeOf(await harp.http(gatewayPaths.trust, { body, agent: asConsole() }))).toBe(
      'identity.certificate_required',
    );
    expect(codeOf(await tell(revoked, []))).toBe('identity.revoked');
    expect(codeOf(await tell(agent, ['not a fingerprint']))).toBe('protocol.invalid_message');
  });
});

describe('the authority', () => {
  test.each([
    ['a stranger', () => undefined],
    ['an agent', () => agent],
    ['another service', () => harp.broker.pki.service('ingest')],
  ])('does not speak with %s', async (_, who) => {
    const as = who();
    const options = as === undefined ? {} : { agent: as };
    expect(codeOf(await harp.http(gatewayPaths.authority, options))).toBe('identity.certificate_required');
    const order = { ...options, body: { what: 'issuing', force: true } };
    expect(codeOf(await harp.http(gatewayPaths.rotate, order))).toBe('identity.certificate_required');
  });

  test('says who is where', async () => {
    await tell(agent, [harp.broker.pki.roots.present]);
    const status = AuthorityStatus.parse((await harp.http(gatewayPaths.authority, { agent: asConsole() })).json());
    expect(status).toMatchObject({
      roots: [{ fingerprint: harp.broker.pki.caFingerprint, state: 'present', trustedBy: 1, agentsBelow: 1 }],
      rootKeyHere: true,
      issuing: { fingerprint: fingerprintOf(harp.broker.pki.issuing), agents: 1 },
      agents: 1,
      waiting: null,
    });
  });

  test('gives itself another intermediate, and certificates of the one before go on', async () => {
    const before = fingerprintOf(harp.broker.pki.issuing);
    const status = AuthorityStatus.parse((await rotate('issuing')).json());
    expect(status.issuing.fingerprint).not.toBe(before);
    expect(status.issuing.agents).toBe(0);
    const client = harp.mqtt(agent);
    await connected(client);
    client.end(true);
    const renewed = await harp.http(gatewayPaths.renew, { agent, body: { csr: agent.csr } });
    const { certificate } = Renewal.parse(renewed.json());
    agent = { ...agent, certificate };
    await tell(agent, [harp.broker.pki.roots.present]);
    expect((await rowOf(agent)).certificateIssuer).toBe(status.issuing.fingerprint);
  });

  test('takes a new root only when nobody is behind, or by force; servers follow at once', async () => {
    const { pki } = harp.broker;
    const before = pki.roots.present;
    const introduced = AuthorityStatus.parse((await rotate('root')).json());
    expect(introduced.waiting).toMatchObject({ for: 'trust', agents: 1, some: [{ id: agent.agent }] });
    expect(codeOf(await rotate('root'))).toBe('ca.rotation_pending');
    expect(codeOf(await rotate('issuing'))).toBe('ca.rotation_pending');

    const learned = TrustAnswer.parse((await tell(agent, [before])).json());
    expect(learned.cross).toContain('BEGIN CERTIFICATE');
    await tell(agent, [before, pki.roots.next!]);
    const moved = AuthorityStatus.parse((await rotate('root', true)).json());
    expect(moved.roots.map(({ state }) => state).toSorted()).toEqual(['old', 'present']);
    expect(moved.waiting).toMatchObject({ for: 'renewal', agents: 1 });

    // Whoever trusts either root is let in, in both directions, and is told to renew.
    expect(TrustAnswer.parse((await tell(agent, [before])).json()).renew).toBe(true);
    const client = harp.mqtt(agent);
    await connected(client);
    client.end(true);
    const { csr } = agent;
    const { certificate } = Renewal.parse((await harp.http(gatewayPaths.renew, { agent, body: { csr } })).json());
    agent = { ...agent, certificate };
    expect(TrustAnswer.parse((await tell(agent, [...pki.rootCertificates.keys()])).json()).renew).toBe(false);

    const ended = AuthorityStatus.parse((await rotate('root', true)).json());
    expect(ended.roots).toMatchObject([{ state: 'present', agentsBelow: 1 }]);
    expect(ended.waiting).toBeNull();
    expect(pki.roots.present).not.toBe(before);
    const console = harp.mqtt('console');
    await connected(console);
    console.end(true);
    expect(Enrolment.parse((await harp.enrol(office)).enrolment).ca).toBe(pki.ca);
  });

  test('leaves each step for the audit log, with who asked for it', async () => {
    const rows = await harp.prisma.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    const changes = rows.map(
      ({ change }) => change as { action: string; before: Record<string, unknown>; after: Record<string, unknown> },
    );
    const rotations = changes.filter(({ action }) => action === 'authority.rotate');
    expect(rotations.map(({ after }) => [after.step, after.operator])).toEqual([
      ['new issuing CA', 'ruth@büro'],
      ['new root introduced', 'ruth@büro'],
      ['root in use', 'ruth@büro'],
      ['old root dropped', 'ruth@büro'],
    ]);
    expect(rotations.at(-1)?.after).toMatchObject({ root: harp.broker.pki.roots.present, oldRoot: null });
    expect(rotations.at(-1)?.before).toMatchObject({ oldRoot: rotations[0]?.before.root });
  });
});
