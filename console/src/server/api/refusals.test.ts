import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorBody } from '../../api/schemas.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';
import { folderId, smallFleet } from '../testing/small-fleet.ts';

let server: ServerHarness;
beforeAll(async () => {
  ({ server } = await smallFleet());
});
afterAll(() => server[Symbol.asyncDispose]());

describe('what is refused, and how', () => {
  test.each<{
    name: string;
    method?: string;
    path: string;
    body?: unknown;
    status: number;
    code: string;
    says: RegExp;
  }>([
    { name: 'a route that is none', path: '/nothing', status: 404, code: 'api.not_found', says: /no GET/ },
    { name: 'an agent that is none', path: '/agents/x', status: 404, code: 'api.not_found', says: /no agent x/ },
    {
      name: 'revoking nobody',
      method: 'POST',
      path: '/agents/x/revoke',
      status: 404,
      code: 'api.not_found',
      says: /no agent/,
    },
    { name: 'a folder that is none', path: '/folders/x', status: 404, code: 'api.not_found', says: /no folder x/ },
    {
      name: 'files of no folder',
      path: `/folders/fld-${'b'.repeat(16)}/files`,
      status: 404,
      code: 'api.not_found',
      says: /no folder/,
    },
    {
      name: 'indexing no folder',
      method: 'POST',
      path: '/folders/x/reindex',
      status: 404,
      code: 'api.not_found',
      says: /no folder/,
    },
    { name: 'verifying no folder', path: '/folders/x/verify', status: 404, code: 'api.not_found', says: /no folder/ },
    { name: 'exporting no folder', path: '/folders/x/chain', status: 404, code: 'api.not_found', says: /no folder/ },
    {
      name: 'a token for no office',
      method: 'POST',
      path: '/tokens',
      body: { office: 'nroth' },
      status: 404,
      code: 'api.not_found',
      says: /did you mean "north"/,
    },
    {
      name: 'revoking no token',
      method: 'DELETE',
      path: '/tokens/x',
      status: 404,
      code: 'api.not_found',
      says: /no token x/,
    },
    {
      name: 'a token for too long',
      method: 'POST',
      path: '/tokens',
      body: { office: 'north', expiresInSeconds: 1e9 },
      status: 400,
      code: 'api.invalid',
      says: /expiresInSeconds/,
    },
    { name: 'a body that is missing', method: 'POST', path: '/tokens', status: 400, code: 'api.invalid', says: /./ },
    { name: 'a page that is too long', path: '/agents?limit=5000', status: 400, code: 'api.invalid', says: /limit/ },
    {
      name: 'a series of too many points',
      path: '/traffic?from=0&to=99999999999&step=1000',
      status: 400,
      code: 'api.invalid',
      says: /2000 steps/,
    },
    {
      name: 'a range that ends before it starts',
      path: '/traffic?from=5&to=4',
      status: 400,
      code: 'api.invalid',
      says: /before/,
    },
    {
      name: 'a flag that is none',
      method: 'PUT',
      path: '/fleet?dryRun=perhaps',
      body: {},
      status: 400,
      code: 'api.invalid',
      says: /dryRun/,
    },
    {
      name: 'an unknown key',
      method: 'PUT',
      path: '/fleet',
      body: { ofices: [] },
      status: 400,
      code: 'api.invalid',
      says: /ofices/,
    },
    {
      name: 'a fleet that contradicts itself',
      method: 'PUT',
      path: '/fleet',
      body: { offices: [{ name: 'a' }, { name: 'a' }] },
      status: 422,
      code: 'fleet.invalid',
      says: /offices\[1\].name/,
    },
  ])('$name → $status $code', async ({ method = 'GET', path, body, status, code, says }) => {
    const answer = await server.call(method, path, body);
    expect(answer.status).toBe(status);
    const { error } = ErrorBody.parse(answer.body);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(says),
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('a body above 1 MiB', async () => {
    const answer = await server.call('PUT', '/fleet', { offices: [{ name: 'x'.repeat(1024 * 1024) }] });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'protocol.too_large' } } });
  });

  test('more long reads than leave the quick ones a connection', async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const result = { folder: 'x', ok: true, entries: 0, manifests: 0, snapshots: 0, headSeq: 0, firstBad: null };
    const busy = await smallFleet({ verify: () => finished.then(() => result) });
    const verify = () => busy.server.call('GET', `/folders/${folderId}/verify`);
    const running = [verify(), verify(), verify()];
    await expect.poll(async () => (await busy.server.call('GET', `/folders/${folderId}/chain`)).status).toBe(429);
    expect(await verify()).toMatchObject({ status: 429, body: { error: { code: 'api.rate_limited' } } });
    finish();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await verify()).toMatchObject({ status: 200 });
    await busy.server[Symbol.asyncDispose]();
  });

  test('what breaks inside is not told to the caller', async () => {
    const broken = await serverHarness();
    await broken.database.$executeRaw`DROP TABLE "AgentEvent"`;
    const answer = await broken.call('GET', '/events');
    await broken[Symbol.asyncDispose]();
    expect(answer.status).toBe(500);
    expect(ErrorBody.parse(answer.body).error).toMatchObject({ code: 'internal.unexpected' });
    expect(JSON.stringify(answer.body)).not.toMatch(/AgentEvent|at .*\.ts/);
  });

  test.each([
    ['GET', '/status'],
    ['PUT', '/fleet'],
    ['GET', '/offices'],
    ['GET', '/agents'],
    ['GET', `/agents/${'a'.repeat(52)}`],
    ['POST', `/agents/${'a'.repeat(52)}/revoke`],
    ['GET', '/folders'],
    ['GET', `/folders/${folderId}`],
    ['GET', `/folders/${folderId}/files`],
    ['POST', `/folders/${folderId}/reindex`],
    ['GET', `/folders/${folderId}/verify`],
    ['GET', `/folders/${folderId}/chain`],
    ['GET', '/transfers'],
    ['GET', '/traffic'],
    ['GET', '/events'],
    ['POST', '/tokens'],
    ['GET', '/tokens'],
    ['DELETE', '/tokens/x'],
    ['GET', '/stream'],
    ['GET', '/nothing'],
  ])('nobody may %s %s without signing in', async (method, path) => {
    const response = await server.api.request(`/api/v1${path}`, { method });
    expect(response.status).toBe(401);
    expect(ErrorBody.parse(await response.json()).error.code).toBe('api.unauthorised');
  });

  test('answers carry headers that let nothing in them run or be kept', async () => {
    const response = await server.api.request('/api/v1/health');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });
});
