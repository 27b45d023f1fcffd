/** Letting PCs in: who sees which, what a decision does to the row that the broker reads, undo, codes, blocks, rules, the funnel, problems. */
import { startProof, UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BlockList,
  DecisionResult,
  EnrolmentFunnel,
  EnrolmentPage,
  ProblemList,
  RuleList,
  RuleSummary,
  TokenCreated,
  TokenList,
  UndoResult,
} from '../../api/schemas.ts';
import { takeOutbox } from '../enrolment/outbox.ts';
import type { Person, ServerHarness } from '../testing/server-harness.ts';
import { alice, bob, HOUR_MS, smallFleet, waitingPc } from '../testing/small-fleet.ts';

let server: ServerHarness;
let south: Person;
beforeAll(async () => {
  ({ server } = await smallFleet());
  south = await server.person('sue', [{ role: 'helpdesk', officeIds: ['off-s'] }]);
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await server.database.enrolmentRequest.deleteMany();
  await server.database.enrolmentBlock.deleteMany();
  await server.database.enrolmentRule.deleteMany();
});

const id = (letter: string) => `enr-${letter.repeat(16)}`;
const waits = (letter: string, facts: object = {}) =>
  server.database.enrolmentRequest.create({ data: waitingPc(id(letter), server.clock.nowMs(), facts) });
const rowOf = (letter: string) => server.database.enrolmentRequest.findUniqueOrThrow({ where: { id: id(letter) } });
const decide = async (body: object, person?: Person) =>
  DecisionResult.parse((await (person ?? server).call('POST', '/enrolments/decide', body)).body);
const undo = async (ids: string[]) => UndoResult.parse((await server.call('POST', '/enrolments/undo', { ids })).body);
const list = async (query = '', person?: Person) =>
  EnrolmentPage.parse((await (person ?? server).call('GET', `/enrolments${query}`)).body);

describe('the list', () => {
  test('has those that wait in the order they came, in pages, and finds words', async () => {
    for (const [index, letter] of ['a', 'b', 'c'].entries())
      await waits(letter, { createdAt: new Date(server.clock.nowMs() + index), userName: `user ${letter}` });
    await waits('d', { state: 'enrolled' });
    const first = await list('?state=waiting&limit=2');
    expect(first).toMatchObject({ total: 3, enrolments: [{ id: id('a') }, { id: id('b') }] });
    const rest = await list(`?state=waiting&limit=2&cursor=${first.nextCursor}`);
    expect(rest).toMatchObject({ total: 3, enrolments: [{ id: id('c') }], nextCursor: null });
    expect((await list('?search=USER%20b')).enrolments.map((row) => row.id)).toEqual([id('b')]);
    expect((await list('?search=%25')).total).toBe(0);
    expect((await list('?limit=2')).enrolments.map((row) => row.id)).toEqual([id('c'), id('b')]);
  });

  test('shows of each office to whoever may there; unassigned ones to whoever may everywhere', async () => {
    await waits('a');
    await waits('b', { officeId: 'off-s' });
    await waits('c', { officeId: UNASSIGNED_OFFICE, officeBy: 'none', officeWhy: null, duplicateOf: alice });
    await waits('d', { officeId: null });
    expect((await list('', south)).enrolments.map((row) => row.id)).toEqual([id('b')]);
    const all = await list('?state=waiting');
    expect(all.total).toBe(4);
    expect(all.enrolments[2]).toMatchObject({
      officeName: 'Unassigned',
      duplicateOf: { id: alice, hostname: 'pc-1', online: true },
    });
  });
});

describe('a decision', () => {
  test('stands in the row at once, counts after ten seconds, and can be undone until then', async () => {
    await waits('a');
    await waits('b');
    const nowMs = server.clock.nowMs();
    expect(await decide({ ids: [id('a'), id('b')], decision: 'approve', officeId: 'off-s' })).toEqual({
      decided: [id('a'), id('b')],
      skipped: [],
      effectiveAtMs: nowMs + 10_000,
    });
    expect(await rowOf('a')).toMatchObject({
      state: 'approved',
      officeId: 'off-s',
      officeBy: 'person',
      decidedBy: 'test',
      effectiveAt: new Date(nowMs + 10_000),
    });
    expect(await undo([id('a')])).toEqual({ undone: [id('a')], late: [] });
    expect(await rowOf('a')).toMatchObject({ state: 'waiting', decidedBy: null, effectiveAt: null });
    await server.clock.advance(10_000);
    expect(await undo([id('b')])).toEqual({ undone: [], late: [id('b')] });
    expect(await rowOf('b')).toMatchObject({ state: 'approved' });
  });

  test('skips what does not wait any more or is not the decider’s', async () => {
    await waits('a', { state: 'enrolled' });
    await waits('b');
    expect(await decide({ ids: [id('a'), id('z')], decision: 'reject' })).toMatchObject({
      decided: [],
      skipped: [
        { id: id('z'), cause: 'enrolment.request_unknown' },
        { id: id('a'), cause: 'enrolment.enrolled' },
      ],
    });
    expect(await decide({ ids: [id('b')], decision: 'reject' }, south)).toMatchObject({
      decided: [],
      skipped: [{ id: id('b'), cause: 'enrolment.request_unknown' }],
    });
    await waits('c', { officeId: 'off-s' });
    const elsewhere = { ids: [id('c')], decision: 'approve', officeId: 'off-n' };
    expect((await south.call('POST', '/enrolments/decide', elsewhere)).status).toBe(404);
    expect(await decide({ ids: [id('c')], decision: 'assign', officeId: 'off-n' })).toMatchObject({
      decided: [id('c')],
      effectiveAtMs: null,
    });
    expect(await rowOf('c')).toMatchObject({ state: 'waiting', officeId: 'off-n', officeBy: 'person' });
  });

  test('that gives an agent’s place away is for those who may where the agent is', async () => {
    await waits('a', { officeId: 'off-s', duplicateOf: alice, cause: 'enrolment.duplicate' });
    expect(await decide({ ids: [id('a')], decision: 'approve' }, south)).toMatchObject({
      decided: [],
      skipped: [{ id: id('a'), cause: 'enrolment.duplicate' }],
    });
    expect(await rowOf('a')).toMatchObject({ state: 'waiting', effectiveAt: null });
    expect(await decide({ ids: [id('a')], decision: 'approve' })).toMatchObject({ decided: [id('a')] });
    // One that was revoked has no place any more.
    await server.database.agent.update({ where: { id: alice }, data: { revokedAt: new Date() } });
    await waits('b', { officeId: 'off-s', duplicateOf: alice });
    expect(await decide({ ids: [id('b')], decision: 'approve' }, south)).toMatchObject({ decided: [id('b')] });
    await server.database.agent.update({ where: { id: alice }, data: { revokedAt: null } });
  });

  test('of a PC that a neighbour or DNS sent needs its code, and keeps the proof, not the code', async () => {
    const view = { rootFingerprint: 'c'.repeat(64), agentId: waitingPc(id('a'), 0).agentId };
    const pc = await startProof('K7M2QX', view);
    const found = { via: 'neighbour', cause: 'enrolment.code_needed', proofMessage: pc.message };
    await waits('a', found);
    await waits('b', { via: 'dns', cause: 'enrolment.code_needed' });
    expect(await decide({ ids: [id('a'), id('b')], decision: 'approve' })).toMatchObject({
      decided: [],
      skipped: [
        { id: id('a'), cause: 'enrolment.code_needed' },
        { id: id('b'), cause: 'enrolment.code_needed' },
      ],
    });
    const bad = await server.call('POST', '/enrolments/decide', { ids: [id('a')], decision: 'approve', code: 'K7' });
    expect(bad).toMatchObject({ status: 400, body: { error: { problems: [{ field: 'code' }] } } });
    expect(await decide({ ids: [id('a')], decision: 'approve', code: ' k7m-2qx ' })).toMatchObject({
      decided: [id('a')],
    });
    const row = await rowOf('a');
    expect(await pc.finish(row.proofAnswer ?? '', row.proofConfirm ?? '', row.id)).toBe(row.proofExpected);
    expect(JSON.stringify([row, await server.database.auditEntry.findMany()])).not.toMatch(/k7m.?2qx/i);
    // One guess a code: whatever was answered is spent.
    await undo([id('a')]);
    expect(await rowOf('a')).toMatchObject({
      state: 'waiting',
      cause: 'enrolment.code_needed',
      proofMessage: null,
      proofAnswer: null,
      proofConfirm: null,
      proofExpected: null,
    });
  });

  test('with a wrong code leaves the PC a proof that does not hold', async () => {
    const pc = await startProof('K7M2QX', { rootFingerprint: 'c'.repeat(64), agentId: waitingPc(id('a'), 0).agentId });
    await waits('a', { via: 'dns', proofMessage: pc.message });
    await decide({ ids: [id('a')], decision: 'approve', code: 'AAAAAA' });
    const row = await rowOf('a');
    expect(await pc.finish(row.proofAnswer ?? '', row.proofConfirm ?? '', row.id)).toBeUndefined();
  });

  test('to block keeps key and hardware out until it is undone, but not hardware that another agent has', async () => {
    const hardwareId = 'f'.repeat(64);
    await waits('a', { hardwareId });
    await decide({ ids: [id('a')], decision: 'block' });
    const blocks = async () => BlockList.parse((await server.call('GET', '/enrolment-blocks')).body).blocks;
    expect(await blocks()).toMatchObject([{ kinds: ['key', 'hardware'], hostname: 'new-aaa', createdBy: 'test' }]);
    await undo([id('a')]);
    expect(await blocks()).toEqual([]);
    await waits('b', { hardwareId, duplicateOf: alice });
    await decide({ ids: [id('b')], decision: 'block' });
    const [only] = await blocks();
    expect(only).toMatchObject({ kinds: ['key'] });
    expect((await server.call('DELETE', `/enrolment-blocks/${only?.id}`)).status).toBe(200);
    expect(await blocks()).toEqual([]);
    expect(await server.database.enrolmentRequest.count({ where: { id: id('b') } })).toBe(0);
    expect((await server.call('DELETE', `/enrolment-blocks/${only?.id}`)).status).toBe(404);
  });
});

describe('an agent', () => {
  test('that is revoked is blocked, and one that is moved stays where a person put it', async () => {
    await server.call('POST', `/agents/${bob}/office`, { officeId: UNASSIGNED_OFFICE });
    expect(await server.database.agent.findUnique({ where: { id: bob } })).toMatchObject({
      officeId: UNASSIGNED_OFFICE,
      officeBy: 'person',
    });
    expect((await server.call('POST', `/agents/${bob}/office`, { officeId: 'off-x' })).status).toBe(404);
    await server.call('POST', `/agents/${bob}/revoke`);
    expect(await server.database.enrolmentBlock.findMany()).toMatchObject([
      { kind: 'key', value: bob, reason: 'revoked' },
    ]);
    expect((await server.call('POST', `/agents/${bob}/office`, { officeId: 'off-n' })).status).toBe(404);
  });

  test('that was installed anew is another one: the old row is in no list', async () => {
    const before = (await server.call('GET', '/agents')).body as { agents: object[] };
    await server.database.agent.create({
      data: {
        id: 'd'.repeat(52),
        officeId: 'off-n',
        hostname: 'old',
        platform: 'linux',
        version: '1',
        certificateSerial: '1',
        certificateEndsAt: new Date(0),
        replacedById: alice,
        revokedAt: new Date(0),
      },
    });
    expect(((await server.call('GET', '/agents')).body as { agents: object[] }).agents).toHaveLength(
      before.agents.length,
    );
  });

  test('no document declares or takes away the office of unassigned ones', async () => {
    const refused = await server.call('PUT', '/fleet', { offices: [{ name: 'unassigned' }] });
    expect(refused).toMatchObject({ status: 422, body: { error: { problems: [{ field: 'offices[0].name' }] } } });
    const plan = await server.call('PUT', '/fleet?dryRun=true', { offices: [{ name: 'north' }] });
    expect(JSON.stringify(plan.body)).not.toContain('Unassigned');
  });
});

describe('tokens', () => {
  test('have a name, networks, a mode, an expected count and an end that can be moved', async () => {
    const wish = { name: 'lyon', cidrs: ['10.4.0.0/16'], tags: ['lab'], approval: 'manual', expected: 50, uses: 60 };
    const { id: token, office } = TokenCreated.parse((await server.call('POST', '/tokens', wish)).body);
    expect(office).toBeNull();
    expect(await south.call('POST', '/tokens', {})).toMatchObject({ status: 403 });
    const read = async () =>
      TokenList.parse((await server.call('GET', '/tokens')).body).tokens.find((each) => each.id === token);
    expect(await read()).toMatchObject({ ...wish, office: null, state: 'usable', used: 0 });
    await server.clock.advance(8 * 24 * HOUR_MS);
    expect(await read()).toMatchObject({ state: 'expired' });
    const { problems } = ProblemList.parse((await server.call('GET', '/problems')).body);
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'enrolment.batch_incomplete', params: { count: 0, expected: 50 } }),
    );
    expect((await server.call('POST', `/tokens/${token}/extend`, { expiresInSeconds: 3600 })).status).toBe(200);
    expect(await read()).toMatchObject({ state: 'usable', expiresAtMs: server.clock.nowMs() + 3_600_000 });
    await server.call('DELETE', `/tokens/${token}`);
    expect((await server.call('POST', `/tokens/${token}/extend`, { expiresInSeconds: 3600 })).status).toBe(400);
  });

  test('networks that are none are refused', async () => {
    expect((await server.call('POST', '/tokens', { office: 'north', cidrs: ['10.4.0.0'] })).status).toBe(400);
  });
});

describe('rules', () => {
  const make = async (name: string) =>
    RuleSummary.parse((await server.call('POST', '/enrolment-rules', { name })).body).id;
  const names = async () =>
    RuleList.parse((await server.call('GET', '/enrolment-rules')).body).rules.map(({ name, position }) => [
      name,
      position,
    ]);

  test('stay dense and in order', async () => {
    const [one, two, three] = [await make('one'), await make('two'), await make('three')];
    expect((await server.call('PUT', '/enrolment-rules/order', { ids: [three, one, two] })).status).toBe(200);
    expect(await names()).toEqual([
      ['three', 0],
      ['one', 1],
      ['two', 2],
    ]);
    expect((await server.call('PUT', '/enrolment-rules/order', { ids: [three, one] })).status).toBe(400);
    expect((await server.call('PUT', '/enrolment-rules/order', { ids: [three, one, one] })).status).toBe(400);
    await server.call('DELETE', `/enrolment-rules/${one}`);
    expect(await names()).toEqual([
      ['three', 0],
      ['two', 1],
    ]);
  });

  test('name tokens and offices that exist', async () => {
    for (const body of [
      { name: 'a', tokenId: 'tok-none' },
      { name: 'a', officeId: 'off-none' },
    ])
      expect((await server.call('POST', '/enrolment-rules', body)).status).toBe(404);
    expect((await server.call('POST', '/enrolment-rules', { name: 'a', validFromMs: 2, validUntilMs: 1 })).status).toBe(
      400,
    );
  });

  test('whose brake took hold are a problem until a person lets go', async () => {
    const rule = await make('one');
    await server.database.enrolmentRule.update({
      where: { id: rule },
      data: { pausedAt: new Date(server.clock.nowMs()), pausedCause: 'rate' },
    });
    const codes = async () =>
      ProblemList.parse((await server.call('GET', '/problems')).body).problems.map(({ code }) => code);
    expect(await codes()).toContain('enrolment.rule_paused');
    expect(RuleSummary.parse((await server.call('POST', `/enrolment-rules/${rule}/resume`)).body)).toMatchObject({
      pausedAtMs: null,
      pausedCause: null,
    });
    expect(await codes()).not.toContain('enrolment.rule_paused');
  });
});

test('PCs that wait for more than an hour are one problem', async () => {
  const createdAt = new Date(server.clock.nowMs() - 2 * HOUR_MS);
  await waits('a', { createdAt });
  await waits('b', { createdAt });
  await waits('c');
  const { problems } = ProblemList.parse((await server.call('GET', '/problems')).body);
  expect(problems.filter(({ code }) => code === 'enrolment.waiting_long')).toMatchObject([
    { params: { count: 2 }, sinceMs: createdAt.getTime() },
  ]);
});

test('the funnel says how far each PC is and why it is stuck', async () => {
  const { id: token } = TokenCreated.parse(
    (await server.call('POST', '/tokens', { office: 'north', expected: 6, uses: 6 })).body,
  );
  await server.database.agent.update({ where: { id: alice }, data: { tokenId: token } });
  await waits('f', { tokenId: token });
  await waits('g', { tokenId: token, state: 'refused', cause: 'enrolment.token_used_up' });
  await waits('h', { tokenId: token, cause: 'enrolment.duplicate' });
  await waits('i', { tokenId: token, state: 'approved' });
  await waits('j', { tokenId: token, state: 'rejected' });
  await waits('k');
  const read = async (query: string) =>
    EnrolmentFunnel.parse((await server.call('GET', `/enrolments/funnel${query}`)).body);
  const { expected, steps } = await read(`?token=${token}`);
  expect(expected).toBe(6);
  expect(steps.map(({ step, reached, some }) => [step, reached, some.map(({ cause }) => cause)])).toEqual([
    ['contacted', 6, ['enrolment.token_used_up']],
    ['token', 5, ['enrolment.duplicate']],
    ['identity', 4, ['enrolment.approval_needed', 'enrolment.rejected']],
    ['approved', 2, ['enrolment.not_fetched']],
    ['policy', 1, []],
    ['lan', 1, []],
  ]);
  expect((await read('')).steps[0]).toMatchObject({ reached: 6 });
  expect((await server.call('GET', '/enrolments/funnel?token=tok-none')).status).toBe(404);
});

test('what the broker did by itself comes into the log once, in its order', async () => {
  const change = (letter: string) => ({
    action: 'agent.enrol',
    object: { kind: 'agent', id: letter, name: `pc ${letter}` },
    office: 'off-n',
    after: { office: 'off-n', tokenId: 'tok-1' },
  });
  await server.database.auditOutbox.createMany({
    data: [{ change: change('a') }, { change: change('b') }, { change: { action: 'no' } }],
  });
  const complaints: object[] = [];
  const logger = { error: (facts: object) => void complaints.push(facts) };
  expect(await takeOutbox(server.trail, logger)).toBe(3);
  expect(await takeOutbox(server.trail, logger)).toBe(0);
  const entries = await server.database.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 3 });
  expect(entries.reverse()).toMatchObject([
    { action: 'agent.enrol', actorName: 'broker', objectName: 'pc a' },
    { action: 'agent.enrol', actorName: 'broker', objectName: 'pc b' },
    { action: 'request.unrecorded' },
  ]);
  expect(complaints).toHaveLength(1);
});
