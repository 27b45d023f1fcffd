/** Asking to be let in, over HTTPS, with the console played by the database. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testKey } from '../../test/csr.ts';
import { type BrokerHarness, startHarness } from '../../test/harness.ts';
import { openCsr } from '../enrolment/csr.ts';
import {
  answerProof,
  Enrolment,
  ErrorBody,
  gatewayPaths,
  PROTOCOL_VERSION,
  startProof,
  UNASSIGNED_OFFICE,
  Waiting,
} from '../protocol/index.ts';

let harp: BrokerHarness;
let office: string;
beforeAll(async () => {
  harp = await startHarness();
  office = await harp.office();
}, 60_000);
afterAll(() => harp[Symbol.asyncDispose]());
beforeEach(async () => {
  await harp.prisma.enrolmentRule.deleteMany();
  await harp.prisma.office.update({ where: { id: office }, data: { subnets: [] } });
  await harp.prisma.auditOutbox.deleteMany();
});

const codeOf = (answer: { json(): unknown }): string => ErrorBody.parse(answer.json()).error.code;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const said = (csr: string, more: object) => ({
  protocol: PROTOCOL_VERSION,
  csr,
  hostname: 'pc-1',
  platform: 'linux',
  version: '0.1.0',
  ...more,
});
const ask = (body: object) => harp.http(gatewayPaths.enrol, { body });
const askAs = async (more: object) => {
  const { csr } = await testKey();
  return { csr, answer: await ask(said(csr, more)) };
};
const askAgain = ({ request, ticket }: Waiting, more: object = {}) =>
  harp.http(gatewayPaths.enrolWait, { body: { request, ticket, ...more } });
const rowOf = (waiting: Waiting) => harp.prisma.enrolmentRequest.findUniqueOrThrow({ where: { id: waiting.request } });
const decide = async (waiting: Waiting, data: object) => {
  await harp.prisma.enrolmentRequest.update({
    where: { id: waiting.request },
    data: { decidedAt: new Date(), decidedBy: 'ada', effectiveAt: new Date(), ...data },
  });
  await harp.prisma.$executeRaw`SELECT pg_notify('harp_enrolment', ${waiting.request})`;
};
const waitingFor = async (more: object) => {
  const { csr, answer } = await askAs(more);
  expect(answer.status).toBe(202);
  return { csr, waiting: Waiting.parse(answer.json()) };
};
const outbox = async () =>
  (await harp.prisma.auditOutbox.findMany({ orderBy: { id: 'asc' } })).map(({ change }) => change);

describe('a manual token', () => {
  test('has the PC wait until a person approves, and is answered at once then', async () => {
    const secret = await harp.token(office, { approval: 'manual', tags: ['batch'] });
    const { waiting } = await waitingFor({ secret, machine: { serial: 'S1', addresses: ['10.0.0.7'] } });
    expect(waiting).toMatchObject({ cause: 'enrolment.approval_needed', retryAfterMs: 0 });
    expect(await rowOf(waiting)).toMatchObject({
      state: 'waiting',
      officeId: office,
      officeBy: 'token',
      serial: 'S1',
      seenAddress: '127.0.0.1',
      addresses: ['10.0.0.7'],
      tags: ['batch'],
    });
    const answer = askAgain(waiting);
    const effectiveAt = new Date(Date.now() + 300);
    await decide(waiting, { state: 'approved', effectiveAt, officeBy: 'person' });
    const enrolment = Enrolment.parse((await answer).json());
    expect(Date.now()).toBeGreaterThanOrEqual(effectiveAt.getTime());
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: enrolment.agent } })).toMatchObject({
      officeId: office,
      officeBy: 'person',
      tags: ['batch'],
      serial: 'S1',
      address: '127.0.0.1',
    });
    expect(await rowOf(waiting)).toMatchObject({ state: 'enrolled', cause: null, decidedBy: 'ada' });
    expect(await outbox()).toMatchObject([
      { action: 'agent.enrol', object: { kind: 'agent', name: 'pc-1' }, office, after: { by: 'person' } },
    ]);
    // A lost answer is asked for again with the same ticket.
    expect((await askAgain(waiting)).status).toBe(200);
  });

  test('an approval that was taken back in time lets nobody in', async () => {
    const secret = await harp.token(office, { approval: 'manual' });
    const { waiting } = await waitingFor({ secret });
    await decide(waiting, { state: 'approved', effectiveAt: new Date(Date.now() + 400) });
    const answer = askAgain(waiting);
    await decide(waiting, { state: 'waiting', decidedAt: null, effectiveAt: null });
    await decide(waiting, { state: 'rejected' });
    expect(codeOf(await answer)).toBe('enrolment.rejected');
    expect(await harp.prisma.agent.count({ where: { id: (await rowOf(waiting)).agentId } })).toBe(0);
  });

  test('a declined PC hears so for a day, unless it comes with another token', async () => {
    const secret = await harp.token(office, { approval: 'manual' });
    const { csr, waiting } = await waitingFor({ secret });
    await decide(waiting, { state: 'rejected' });
    expect(codeOf(await ask(said(csr, { secret })))).toBe('enrolment.rejected');
    expect((await ask(said(csr, { secret: await harp.token(office, { approval: 'manual' }) }))).status).toBe(202);
    await decide(waiting, { state: 'rejected', decidedAt: new Date(Date.now() - 25 * 3_600_000) });
    expect((await ask(said(csr, { secret }))).status).toBe(202);
  });

  test('of a PC that was revoked gives nothing any more, whoever shows its ticket again', async () => {
    const { waiting } = await waitingFor({ secret: await harp.token(office, { approval: 'manual' }) });
    await decide(waiting, { state: 'approved', officeBy: 'person' });
    const { agent } = Enrolment.parse((await askAgain(waiting)).json());
    const { certificateSerial } = await harp.prisma.agent.update({
      where: { id: agent },
      data: { revokedAt: new Date() },
    });
    expect(codeOf(await askAgain(waiting))).toBe('identity.revoked');
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: agent } })).toMatchObject({ certificateSerial });
  });

  test('nobody hears anything with another’s ticket', async () => {
    const secret = await harp.token(office, { approval: 'manual' });
    const { waiting } = await waitingFor({ secret });
    const other = await askAgain({ ...waiting, ticket: 'x'.repeat(43) });
    expect([other.status, codeOf(other)]).toEqual([404, 'enrolment.request_unknown']);
  });
});

describe('tokens', () => {
  test('that may not be used from there are refused, and people can see it', async () => {
    const secret = await harp.token(office, { cidrs: ['10.0.0.0/8'] });
    const { answer } = await askAs({ secret, hostname: 'far-away', machine: { addresses: ['10.0.0.7'] } });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'enrolment.token_network']);
    expect(await harp.prisma.enrolmentRequest.findFirst({ where: { hostname: 'far-away' } })).toMatchObject({
      state: 'refused',
      cause: 'enrolment.token_network',
    });
  });

  test('nobody knows leave no row', async () => {
    const before = await harp.prisma.enrolmentRequest.count();
    expect(codeOf((await askAs({ secret: 'x'.repeat(43) })).answer)).toBe('enrolment.token_unknown');
    expect(await harp.prisma.enrolmentRequest.count()).toBe(before);
  });

  test('without an office put PCs where their network is, or nowhere', async () => {
    const secret = await harp.token(null);
    const nowhere = Enrolment.parse((await askAs({ secret })).answer.json());
    expect(nowhere.office).toEqual({ id: UNASSIGNED_OFFICE, name: 'Unassigned' });
    await harp.prisma.office.update({ where: { id: office }, data: { subnets: ['127.0.0.0/8'] } });
    const there = Enrolment.parse((await askAs({ secret })).answer.json());
    expect(there.office.id).toBe(office);
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: there.agent } })).toMatchObject({
      officeBy: 'subnet',
    });
  });

  test.each([
    ['a token without its secret', {}],
    ['control characters in a name', { hostname: 'pc\u0007' }],
    ['a name that is shown backwards', { hostname: 'pc\u202e1' }],
    ['a secret for somebody who was only pointed to', { via: 'dns', proof: 'x'.repeat(43), secret: 'x'.repeat(43) }],
    ['no proof from somebody who was only pointed to', { via: 'neighbour' }],
    ['a proof that nobody needs', { via: 'file', proof: 'x'.repeat(43) }],
    ['an address that is none', { via: 'file', machine: { addresses: ['10.0.0.256'] } }],
    ['a member nobody knows', { via: 'file', more: 1 }],
  ])('%s is refused', async (_name, more) => {
    const { answer } = await askAs(more);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'protocol.invalid_message']);
  });
});

describe('rules', () => {
  const rule = (data: object = {}) =>
    harp.prisma.enrolmentRule.create({ data: { id: `rul-${hex(6)}`, position: 0, name: 'Lab', ...data } });

  test('let in who matches, up to their cap, then take their brake', async () => {
    const { id } = await rule({ cap: 1, hostname: 'lab-*', officeId: office, tags: ['lab'] });
    const [first, second] = [
      await askAs({ via: 'file', hostname: 'lab-1' }),
      await askAs({ via: 'file', hostname: 'lab-2' }),
    ];
    expect(Enrolment.parse(first.answer.json()).office.id).toBe(office);
    expect(Waiting.parse(second.answer.json()).cause).toBe('enrolment.rule_paused');
    expect(await harp.prisma.enrolmentRule.findUniqueOrThrow({ where: { id } })).toMatchObject({
      used: 1,
      pausedCause: 'cap',
    });
    expect(await outbox()).toMatchObject([
      { action: 'agent.enrol', after: { by: id, tags: ['lab'] } },
      { action: 'rule.pause', after: { paused: 'cap' } },
    ]);
  });

  test('hold their rate however many come at once', async () => {
    const { id } = await rule({ perMinute: 3, officeId: office });
    const answers = await Promise.all(Array.from({ length: 8 }, () => askAs({ via: 'file' })));
    expect(answers.map(({ answer }) => answer.status).sort()).toEqual([200, 200, 200, 202, 202, 202, 202, 202]);
    expect(await harp.prisma.enrolmentRule.findUniqueOrThrow({ where: { id } })).toMatchObject({
      used: 3,
      pausedCause: 'rate',
    });
    expect((await outbox()).filter((change) => (change as { action: string }).action === 'rule.pause')).toHaveLength(1);
  });

  test('that are made or resumed let in who waits already, in the office that a person chose for it', async () => {
    const { waiting: chosen } = await waitingFor({ via: 'file', hostname: 'lab-1' });
    const { waiting: other } = await waitingFor({ via: 'file', hostname: 'desk-1' });
    await harp.prisma.enrolmentRequest.update({
      where: { id: chosen.request },
      data: { officeId: office, officeBy: 'person' },
    });
    const answer = askAgain(chosen);
    const { id } = await rule({ hostname: 'lab-*', officeId: null, tags: ['lab'], pausedAt: new Date() });
    await harp.prisma.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
    await expect.poll(async () => (await rowOf(chosen)).cause).toBe('enrolment.rule_paused');
    await harp.prisma.enrolmentRule.update({ where: { id }, data: { pausedAt: null } });
    await harp.prisma.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
    const enrolment = Enrolment.parse((await answer).json());
    expect(enrolment.office.id).toBe(office);
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: enrolment.agent } })).toMatchObject({
      officeBy: 'person',
      tags: ['lab'],
    });
    expect(await rowOf(other)).toMatchObject({ state: 'waiting', cause: 'enrolment.approval_needed' });
    // A lost answer is asked for again with the same ticket.
    expect((await askAgain(chosen)).status).toBe(200);
  });

  test('and tokens let nobody in who was only pointed to', async () => {
    await rule({ officeId: office });
    const { message } = await startProof('K7M2QX', { rootFingerprint: 'a'.repeat(64), agentId: 'b'.repeat(52) });
    const { answer } = await askAs({ via: 'neighbour', proof: message });
    expect(Waiting.parse(answer.json()).cause).toBe('enrolment.code_needed');
  });
});

describe('a PC that was only pointed to', () => {
  const code = 'K7M2QX';
  const begin = async () => {
    const { csr } = await testKey();
    const { agent: agentId } = await openCsr(csr);
    const view = { rootFingerprint: harp.broker.pki.roots.present, agentId };
    const proof = await startProof(code, view);
    const answer = await ask(said(csr, { via: 'dns', proof: proof.message }));
    return { csr, view, proof, waiting: Waiting.parse(answer.json()) };
  };
  const approve = async (waiting: Waiting, view: Parameters<typeof answerProof>[1], typed: string, effectiveMs = 0) => {
    const { proofMessage } = await rowOf(waiting);
    const proof = await answerProof(typed, view, { message: proofMessage!, request: waiting.request });
    await decide(waiting, {
      state: 'approved',
      officeId: office,
      officeBy: 'person',
      effectiveAt: new Date(Date.now() + effectiveMs),
      proofAnswer: proof!.answer,
      proofConfirm: proof!.confirm,
      proofExpected: proof!.expected,
    });
  };

  test('is let in when both have proven the code, and says what it is only then', async () => {
    const { view, proof, waiting } = await begin();
    expect(waiting.cause).toBe('enrolment.code_needed');
    await approve(waiting, view, code, 300);
    const answered = Waiting.parse((await askAgain(waiting)).json());
    const confirm = await proof.finish(answered.proof!.answer, answered.proof!.confirm, waiting.request);
    const hardwareId = hex(32);
    const answer = await askAgain(waiting, { confirm, machine: { hardwareId, addresses: [] } });
    const { agent } = Enrolment.parse(answer.json());
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: agent } })).toMatchObject({ hardwareId });
  });

  test('is not let in with a confirmation that does not fit, and waits with a new proof', async () => {
    const { csr, view, waiting } = await begin();
    await approve(waiting, view, code);
    const answer = await askAgain(waiting, { confirm: 'A'.repeat(86) });
    expect(codeOf(answer)).toBe('enrolment.code_mismatch');
    expect(await rowOf(waiting)).toMatchObject({
      state: 'waiting',
      cause: 'enrolment.code_mismatch',
      proofExpected: null,
      effectiveAt: null,
      decidedBy: null,
    });
    const again = askAgain(waiting, { confirm: 'A'.repeat(86) });
    await decide(waiting, { state: 'rejected' });
    expect(codeOf(await again)).toBe('enrolment.rejected');
    await decide(waiting, { state: 'waiting', decidedAt: null, effectiveAt: null });
    expect((await ask(said(csr, { via: 'dns', proof: 'x'.repeat(43) }))).status).toBe(202);
  });

  test('shows another code when somebody took an answer to it back, and keeps the office that was chosen', async () => {
    const { csr, view, waiting } = await begin();
    await approve(waiting, view, code, 60_000);
    await decide(waiting, {
      ...{ state: 'waiting', decidedAt: null, decidedBy: null, effectiveAt: null },
      ...{ proofMessage: null, proofAnswer: null, proofConfirm: null, proofExpected: null },
    });
    expect(codeOf(await askAgain(waiting))).toBe('enrolment.request_unknown');
    const next = await startProof(code, view);
    const again = Waiting.parse((await ask(said(csr, { via: 'dns', proof: next.message }))).json());
    expect(again.cause).toBe('enrolment.code_needed');
    expect(await rowOf(again)).toMatchObject({ proofMessage: next.message, officeId: office, officeBy: 'person' });
  });

  test('finds out a wrong code by itself, and asks anew', async () => {
    const { csr, view, proof, waiting } = await begin();
    await approve(waiting, view, 'AAAAAA');
    const answered = Waiting.parse((await askAgain(waiting)).json());
    expect(await proof.finish(answered.proof!.answer, answered.proof!.confirm, waiting.request)).toBeUndefined();
    const next = await startProof(code, view);
    const again = Waiting.parse((await ask(said(csr, { via: 'dns', proof: next.message }))).json());
    expect(again.cause).toBe('enrolment.code_mismatch');
    expect(await rowOf(again)).toMatchObject({ state: 'waiting', proofMessage: next.message, proofAnswer: null });
  });
});

describe('hardware', () => {
  const enrolWith = async (hardwareId: string, secret?: string) => {
    const { answer, csr } = await askAs({
      secret: secret ?? (await harp.token(office)),
      machine: { hardwareId, addresses: [] },
    });
    return { answer, csr };
  };

  /** An agent with its hardware, put into an office by a person. */
  const known = async (online = false) => {
    const hardwareId = hex(32);
    const { agent } = Enrolment.parse((await enrolWith(hardwareId)).answer.json());
    const other = await harp.office();
    const data = { officeId: other, officeBy: 'person', tags: ['kept'], online };
    return { hardwareId, office: other, before: await harp.prisma.agent.update({ where: { id: agent }, data }) };
  };

  test('that was installed anew takes the place of the agent it was, once a person has approved', async () => {
    const { hardwareId, office: other, before: twin } = await known();
    const before = { agent: twin.id };
    const waiting = Waiting.parse((await enrolWith(hardwareId)).answer.json());
    expect(waiting.cause).toBe('enrolment.duplicate');
    expect(await rowOf(waiting)).toMatchObject({ duplicateOf: twin.id, officeId: other, officeBy: 'hardware' });
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: twin.id } })).toEqual(twin);
    const answer = askAgain(waiting);
    await decide(waiting, { state: 'approved' });
    const after = Enrolment.parse((await answer).json());
    expect(after.office.id).toBe(other);
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: after.agent } })).toMatchObject({
      officeBy: 'person',
      tags: ['kept'],
    });
    const replaced = await harp.prisma.agent.findUniqueOrThrow({ where: { id: before.agent } });
    expect(await rowOf(waiting)).toMatchObject({ state: 'enrolled', officeId: other });
    expect(replaced.replacedById).toBe(after.agent);
    expect(replaced.revokedAt).not.toBeNull();
    expect(await outbox()).toMatchObject([
      { action: 'agent.enrol' },
      { action: 'agent.reenrol', before: { agent: before.agent } },
    ]);
  });

  test.each([true, false])('of an agent is a question for a person, connected: %s, rules or not', async (online) => {
    const { hardwareId, before: twin } = await known(online);
    await harp.prisma.enrolmentRule.create({ data: { id: `rul-${hex(6)}`, position: 0, name: 'All' } });
    const { csr, waiting } = await waitingFor({ via: 'file', machine: { hardwareId, addresses: [] } });
    expect(waiting.cause).toBe('enrolment.duplicate');
    expect(await rowOf(waiting)).toMatchObject({ duplicateOf: twin.id });
    // Nor later, when it asks how things stand or begins anew with a token, and its twin has come or gone.
    const answer = askAgain(waiting);
    await harp.prisma.agent.update({ where: { id: twin.id }, data: { online: !online } });
    await harp.prisma.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
    const more = { secret: await harp.token(office), machine: { hardwareId, addresses: [] } };
    expect(Waiting.parse((await ask(said(csr, more))).json()).cause).toBe('enrolment.duplicate');
    expect(codeOf(await answer)).toBe('enrolment.request_unknown');
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: twin.id } })).toEqual({ ...twin, online: !online });
    expect((await outbox()).filter((change) => (change as { action: string }).action === 'agent.reenrol')).toEqual([]);
  });

  test('lets its second PC in when the first has been revoked and nothing blocks it, in its token’s office', async () => {
    const { hardwareId, before: twin } = await known();
    const waiting = Waiting.parse((await enrolWith(hardwareId)).answer.json());
    const answer = askAgain(waiting);
    await harp.prisma.agent.update({ where: { id: twin.id }, data: { revokedAt: new Date() } });
    await harp.prisma.$executeRaw`SELECT pg_notify('harp_enrolment', '')`;
    const enrolment = Enrolment.parse((await answer).json());
    expect(enrolment.office.id).toBe(office);
  });

  test('is not given away by somebody who approved before there was a place to take', async () => {
    const hardwareId = hex(32);
    const secret = await harp.token(office, { approval: 'manual' });
    const { waiting } = await waitingFor({ secret, machine: { hardwareId, addresses: [] } });
    const { agent } = Enrolment.parse((await enrolWith(hardwareId)).answer.json());
    await decide(waiting, { state: 'approved' });
    const answer = askAgain(waiting);
    await expect
      .poll(() => rowOf(waiting))
      .toMatchObject({
        state: 'waiting',
        cause: 'enrolment.duplicate',
        duplicateOf: agent,
        decidedBy: null,
      });
    await decide(waiting, { state: 'approved' });
    expect(Enrolment.parse((await answer).json()).agent).not.toBe(agent);
    expect(await harp.prisma.agent.findUniqueOrThrow({ where: { id: agent } })).toMatchObject({
      replacedById: (await rowOf(waiting)).agentId,
    });
  });

  test('is one PC’s, however many claim it at once', async () => {
    const hardwareId = hex(32);
    const answers = await Promise.all(Array.from({ length: 6 }, () => enrolWith(hardwareId)));
    expect(answers.map(({ answer }) => answer.status).sort()).toEqual([200, 202, 202, 202, 202, 202]);
    expect(await harp.prisma.agent.count({ where: { hardwareId, revokedAt: null } })).toBe(1);
  });

  test.each(['key', 'hardware'] as const)('blocked by %s is not let in, until it is unblocked', async (kind) => {
    const hardwareId = hex(32);
    const secret = await harp.token(office);
    const { answer, csr } = await enrolWith(hardwareId, secret);
    const { agent } = Enrolment.parse(answer.json());
    await harp.prisma.agent.update({ where: { id: agent }, data: { revokedAt: new Date() } });
    const block = { kind, value: kind === 'key' ? agent : hardwareId, hostname: 'pc-1', reason: '', createdBy: 'ada' };
    await harp.prisma.enrolmentBlock.create({ data: { id: `blk-${hex(6)}`, ...block } });
    const again = () => ask(said(csr, { secret, machine: { hardwareId, addresses: [] } }));
    const refused = await again();
    expect([refused.status, codeOf(refused)]).toEqual([403, 'enrolment.blocked']);
    await harp.prisma.enrolmentBlock.deleteMany({ where: { value: block.value } });
    expect(Enrolment.parse((await again()).json()).agent).toBe(agent);
  });

  test('that somebody blocks after it was approved stays outside', async () => {
    const hardwareId = hex(32);
    const secret = await harp.token(office, { approval: 'manual' });
    const { waiting } = await waitingFor({ secret, machine: { hardwareId, addresses: [] } });
    await harp.prisma.enrolmentBlock.create({
      data: { id: `blk-${hex(6)}`, kind: 'hardware', value: hardwareId, hostname: '', reason: '', createdBy: 'ada' },
    });
    await decide(waiting, { state: 'approved' });
    expect(codeOf(await askAgain(waiting))).toBe('enrolment.blocked');
  });
});
