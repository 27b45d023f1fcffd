/** Who may become an agent, and who stays one: tokens, the pinned CA, certificates, revocation. A good agent works on through all of it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type EnrolmentToken, type FolderId, formatToken, gatewayPaths, parseToken } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Agent, harpAgent, temporaryFolder } from '../harness/fleet.ts';
import { certificateRequestFor, forgedCertificate } from '../harness/foreign-ca.ts';
import { type Heartbeat, startHeartbeat } from '../harness/heartbeat.ts';
import { type AgentIdentity, connected, enrolIdentity, mqttClient, type TlsIdentity } from '../harness/identity.ts';
import { until } from '../harness/process.ts';
import { ask } from '../harness/raw-requests.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let good: Agent;
let heartbeat: Heartbeat;

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'south'] });
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
  heartbeat = startHeartbeat(world, good, FOLDER);
});
afterAll(() => world?.dispose());

const Created = z.object({ id: z.string(), token: z.string() });

async function newToken(uses = 1, office = 'north'): Promise<z.infer<typeof Created>> {
  return Created.parse(await world.server.api('/tokens', { method: 'POST', body: { office, uses } }));
}

const peerPortOf = (agent: Agent) => z.object({ peerPort: z.int() }).parse(agent.process.ready).peerPort;

async function agentsEnrolled(): Promise<number> {
  const [row] = await sql(world.server, 'SELECT count(*)::int AS agents FROM "Agent"');
  return Number(row?.agents);
}

describe('a token', () => {
  const changedToken = (token: string, change: (fields: EnrolmentToken) => Partial<EnrolmentToken>) => {
    const fields = parseToken(token);
    return formatToken({ ...fields, ...change(fields) });
  };

  test.each<{ what: string; code: string; token: () => Promise<string> }>([
    {
      what: 'with a secret that nobody gave out',
      code: 'enrolment.token_unknown',
      token: async () => changedToken((await newToken()).token, () => ({ s: 'x'.repeat(43) })),
    },
    {
      what: 'that has expired',
      code: 'enrolment.token_expired',
      token: async () => {
        const { id, token } = await newToken();
        await sql(world.server, `UPDATE "EnrolmentToken" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, [
          id,
        ]);
        return token;
      },
    },
    {
      what: 'that was used up',
      code: 'enrolment.token_used_up',
      token: async () => {
        const { token } = await newToken();
        await enrolIdentity(token, join(temporaryFolder('first'), 'state'));
        return token;
      },
    },
    {
      what: 'that was revoked',
      code: 'enrolment.token_revoked',
      token: async () => {
        const { id, token } = await newToken();
        await world.server.harpJson('token', 'revoke', id);
        return token;
      },
    },
    {
      what: 'that names another CA',
      code: 'enrolment.ca_mismatch',
      token: async () => changedToken((await newToken()).token, () => ({ f: 'ab'.repeat(32) })),
    },
    {
      what: 'for a server that is not there',
      code: 'gateway.unreachable',
      token: async () => changedToken((await newToken()).token, () => ({ g: 'https://127.0.0.1:1' })),
    },
    {
      what: 'that was not copied to its end',
      code: 'enrolment.token_malformed',
      token: async () => (await newToken()).token.slice(0, -9),
    },
    {
      what: 'in which a character was changed',
      code: 'enrolment.token_malformed',
      token: async () => (await newToken()).token.replace(/^(harp1\.....)./, '$1!'),
    },
  ])('$what is refused as $code, and leaves no agent behind', async ({ code, token }) => {
    const text = await token();
    const before = await agentsEnrolled();
    const state = join(temporaryFolder('refused'), 'state');
    const { code: exit, stdout } = await harpAgent('enrol', '--token', text, '--state', state, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect([3, 4]).toContain(exit);
    expect(await agentsEnrolled()).toBe(before);
    expect(existsSync(join(state, 'identity/enrolment.json'))).toBe(false);
  });

  test('that names another CA is not spent: its secret never left the PC', async () => {
    const { id, token } = await newToken();
    const wrong = changedToken(token, () => ({ f: 'ab'.repeat(32) }));
    await harpAgent('enrol', '--token', wrong, '--state', join(temporaryFolder('pinned'), 'state'));
    const [row] = await sql(world.server, 'SELECT used FROM "EnrolmentToken" WHERE id = $1', [id]);
    expect(row?.used).toBe(0);
  });

  test('for one PC enrols one PC, however many try at once', async () => {
    const { token } = await newToken(1);
    const attempts = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        harpAgent('enrol', '--token', token, '--state', join(temporaryFolder(`race${n}`), 'state')),
      ),
    );
    expect(attempts.filter(({ code }) => code === 0)).toHaveLength(1);
  });

  test('enrols the same PC again without a further use, when the answer got lost', async () => {
    const { id, token } = await newToken(1);
    const state = join(temporaryFolder('again'), 'state');
    const first = await enrolIdentity(token, state);
    await sql(world.server, 'UPDATE "Agent" SET "certificateSerial" = $1 WHERE id = $2', ['lost', first.agent]);
    rmSync(join(state, 'identity/enrolment.json'));
    const second = await enrolIdentity(token, state);
    expect(second.agent).toBe(first.agent);
    const [row] = await sql(world.server, 'SELECT used FROM "EnrolmentToken" WHERE id = $1', [id]);
    expect(row?.used).toBe(1);
  });
});

describe('a certificate', () => {
  let member: AgentIdentity;
  const anonymous = (identity: AgentIdentity): Partial<TlsIdentity> => ({ ca: identity.tls.ca });

  beforeAll(async () => {
    member = await enrolIdentity((await newToken()).token, join(temporaryFolder('member'), 'state'));
  });

  const cases: { what: string; present: () => Promise<Partial<TlsIdentity>> }[] = [
    { what: 'none', present: async () => anonymous(member) },
    { what: 'one from a foreign CA with the right names', present: () => forgedCertificate(member) },
  ];

  test.each(cases)('$what: MQTT does not let it in', async ({ present }) => {
    const client = mqttClient(member.mqttUrl, await present(), { clientId: member.agent });
    await expect(connected(client)).rejects.toThrow();
    await client.endAsync(true);
  });

  test.each(cases)('$what: the gateway answers identity.certificate_required', async ({ present }) => {
    const tls = await present();
    for (const path of [gatewayPaths.renew, gatewayPaths.blobs((await world.folderId(FOLDER)) as FolderId)])
      expect(await ask(world.server.gatewayPort, { path, body: '{}', tls })).toMatchObject({
        status: 401,
        code: 'identity.certificate_required',
      });
  });

  test.each(cases)('$what: a peer does not talk to it', async ({ present }) => {
    const tls = await present();
    await expect(ask(peerPortOf(good), { method: 'GET', path: '/peer/v1/hello', tls })).rejects.toThrow();
  });

  test('of another office: a peer answers peer.not_in_roster, the gateway gives no blobs of its folders', async () => {
    const { token } = await newToken(1, 'south');
    const stranger = await enrolIdentity(token, join(temporaryFolder('stranger'), 'state'));
    expect(await ask(peerPortOf(good), { method: 'GET', path: '/peer/v1/hello', tls: stranger.tls })).toMatchObject({
      status: 403,
      code: 'peer.not_in_roster',
    });
    const body = JSON.stringify({ ids: ['ab'.repeat(32)], waitMs: 0 });
    const path = gatewayPaths.blobs((await world.folderId(FOLDER)) as FolderId);
    expect(await ask(world.server.gatewayPort, { path, body, tls: stranger.tls })).toMatchObject({
      status: 403,
      code: 'peer.folder_not_shared',
    });
  });

  test('is not renewed for another key', async () => {
    const other = await enrolIdentity((await newToken()).token, join(temporaryFolder('other'), 'state'));
    const csr = await certificateRequestFor(other.tls.key);
    const answer = await ask(world.server.gatewayPort, {
      path: gatewayPaths.renew,
      body: JSON.stringify({ csr }),
      tls: member.tls,
    });
    expect(answer).toMatchObject({ status: 400, code: 'enrolment.csr_invalid' });
  });

  test('that was revoked: cut off within 5 s, and refused everywhere from then on', async () => {
    const revoked = await enrolIdentity((await newToken()).token, join(temporaryFolder('revoked'), 'state'));
    await until('the good agent lists it', async () => {
      const answer = await ask(peerPortOf(good), { method: 'GET', path: '/peer/v1/hello', tls: revoked.tls });
      return answer.status === 200;
    });
    const client = await connected(mqttClient(revoked.mqttUrl, revoked.tls, { clientId: revoked.agent }));
    const cut = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await world.server.harpJson('agent', 'revoke', revoked.agent);
    const startedAt = performance.now();
    await cut;
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await expect(connected(mqttClient(revoked.mqttUrl, revoked.tls, { clientId: revoked.agent }))).rejects.toThrow();
    expect(
      await ask(world.server.gatewayPort, { path: gatewayPaths.renew, body: '{"csr":"x"}', tls: revoked.tls }),
    ).toMatchObject({ status: 403, code: 'identity.revoked' });
    await until(
      'its neighbours refuse it',
      async () => {
        const answer = await ask(peerPortOf(good), { method: 'GET', path: '/peer/v1/hello', tls: revoked.tls });
        return answer.code === 'peer.not_in_roster';
      },
      5000,
    );
  });

  test('that was revoked cannot be had again, with the same key or a new one, until somebody unblocks the PC', async () => {
    const { token } = await newToken(3);
    const state = join(temporaryFolder('twice'), 'state');
    const { agent } = await enrolIdentity(token, state);
    await world.server.harpJson('agent', 'revoke', agent);
    const again = () => harpAgent('enrol', '--token', token, '--state', state, '--json');
    rmSync(join(state, 'identity/enrolment.json'));
    const withItsKey = await again();
    rmSync(join(state, 'identity'), { recursive: true });
    const withAnother = await again();
    for (const { code, stdout } of [withItsKey, withAnother]) {
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'enrolment.blocked' } });
    }
    const { blocks } = z
      .object({ blocks: z.array(z.object({ id: z.string() })) })
      .parse(await world.server.api('/enrolment-blocks'));
    for (const { id } of blocks) await world.server.api(`/enrolment-blocks/${id}`, { method: 'DELETE' });
    expect((await again()).code).toBe(0);
  });
});

describe('whoever fails on and on', () => {
  test('is told to wait, and the good agent goes on', async () => {
    const body = JSON.stringify({
      protocol: 1,
      secret: 'y'.repeat(43),
      csr: 'x',
      hostname: 'h',
      platform: 'p',
      version: 'v',
    });
    const codes = new Set<string | undefined>();
    for (let attempt = 0; attempt < 40 && !codes.has('gateway.rate_limited'); attempt++)
      codes.add(
        (await ask(world.server.gatewayPort, { path: gatewayPaths.enrol, body, tls: { rejectUnauthorized: false } }))
          .code,
      );
    expect(codes).toContain('gateway.rate_limited');
  });
});

test('the good agent worked on all the time', async () => {
  await heartbeat.stop();
  expect(heartbeat.beats).toBeGreaterThan(3);
  expect(await world.server.harpJson('verify', FOLDER)).toMatchObject({ ok: true });
});
