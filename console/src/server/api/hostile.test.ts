/** Every route of the OpenAPI document against values that nobody sends by accident: whatever they do, the server's answer is a refusal, not a defect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorBody } from '../../api/schemas.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';
import { alice, folderId, nextcloudId, smallFleet } from '../testing/small-fleet.ts';
import { openApiDocument } from './app.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  propertyNames?: Schema;
}
interface Operation {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** As they stand in an address: a half of a character and a lone byte have no other spelling there. */
const inAddresses: Record<string, string> = {
  nothing: '',
  NUL: '%00',
  'NUL inside': 'a%00b',
  '5 000 characters': 'x'.repeat(5000),
  'a direction override': '%E2%80%AEexe.fdp',
  'a byte that is no UTF-8': '%ff',
  'half a character': '%ED%A0%80',
  'a way up': '..%2F..%2Fetc%2Fpasswd',
  SQL: "'%3B%20DROP%20TABLE%20%22Agent%22%3B--",
  'a number beyond all columns': '99999999999999999999',
  'the last instant of a clock': '8640000000000000',
  'a number below nought': '-1',
  'no number': 'NaN',
  infinity: '1e400',
  JSON: '%7B%22%24ne%22%3Anull%7D',
};

/** As they stand in a body. */
const inBodies: Record<string, unknown> = {
  nothing: '',
  NUL: 'a\0b',
  '5 000 characters': 'x'.repeat(5000),
  'a direction override': '\u202Eexe.fdp',
  'half a character': '\uD800',
  'a way up': '../../etc/passwd',
  SQL: '\'; DROP TABLE "Agent";--',
  'a number beyond all columns': 1e300,
  'an object': { $ne: null },
};

/** Bodies that no schema describes. */
const wholeBodies: Record<string, string> = {
  'no JSON': '{',
  null: 'null',
  'a text': '"x"',
  'a list': '[]',
  'a deep list': '['.repeat(100_000) + ']'.repeat(100_000),
  'a prototype': '{"__proto__":{"a":1},"constructor":{"prototype":{}}}',
};

let server: ServerHarness;
let key: string;
let session: string;
beforeAll(async () => {
  ({ server } = await smallFleet());
  key = await server.auth.keys.create('hostile', server.changes);
  const code = (await server.auth.newSetupCode()) ?? '';
  ({ session } = await server.auth.setUp(
    { code, name: 'ada', password: 'twelve characters' },
    { address: 'test', userAgent: '' },
    server.changes,
  ));
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** What is there, so that a route's other parameters reach its query. */
const idsOf: Record<string, string> = { folders: folderId, agents: alice, offices: 'off-n', nextclouds: nextcloudId };
const known: Record<string, string> = { manifest: 'a'.repeat(64), channel: 'server', key: 'layout' };

function filled(path: string, hostile?: { name: string; value: string }): string {
  return path.replaceAll(/([a-z]+)\/\{(\w+)\}/g, (_, collection: string, name: string) => {
    const value = name === hostile?.name ? hostile.value : (known[name] ?? idsOf[collection] ?? 'none');
    return `${collection}/${value}`;
  });
}

async function ask(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  const isOwn = path.includes('/me/');
  const response = await server.api.request(path, {
    method: method.toUpperCase(),
    headers: {
      ...(isOwn
        ? { cookie: `harp_session=${session}`, origin: 'http://localhost' }
        : { authorization: `Bearer ${key}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const isStream = /event-stream|chain-export/.test(response.headers.get('content-type') ?? '');
  if (isStream) await response.body?.cancel();
  return { status: response.status, text: isStream ? '' : await response.text() };
}

async function expectNoDefect(method: string, path: string, body?: string): Promise<void> {
  const { status, text } = await ask(method, path, body);
  const what = `${method} ${path.slice(0, 200)} ${body?.slice(0, 200) ?? ''}`;
  expect(status, `${what} → ${text.slice(0, 300)}`).toBeLessThan(500);
  if (status >= 400) expect(ErrorBody.safeParse(JSON.parse(text)).success, what).toBe(true);
}

/** A body as the schema wants it, with `value` wherever a text may stand. */
function bodyOf(schema: Schema, value: unknown, schemas: Document['components']['schemas']): unknown {
  const known = schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!]!;
  const [chosen] = known.anyOf ?? known.oneOf ?? [known];
  if (chosen !== known) return bodyOf(chosen!, value, schemas);
  if (known.const !== undefined) return known.const;
  if (known.enum !== undefined) return known.enum[0];
  if (known.type === 'array') return [bodyOf(known.items ?? {}, value, schemas)];
  if (known.type === 'object' && known.properties !== undefined)
    return Object.fromEntries(
      Object.entries(known.properties).map(([name, inner]) => [name, bodyOf(inner, value, schemas)]),
    );
  if (known.type === 'object') return { [String(value)]: value };
  if (known.type === 'integer' || known.type === 'number') return typeof value === 'number' ? value : 1;
  return value;
}

const operations = await (async () => {
  const harness = await serverHarness();
  const document = openApiDocument(harness.api, 'x') as unknown as Document;
  await harness[Symbol.asyncDispose]();
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      path,
      method,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content['application/json']?.schema,
      schemas: document.components.schemas,
    })),
  );
})();

describe('hostile values', () => {
  test('meet every route there is', () => {
    expect(operations.length).toBeGreaterThanOrEqual(45);
  });

  test.each(operations)('in the address of $route', async ({ path, method, parameters }) => {
    for (const { name, in: place } of parameters) {
      if (place !== 'path' && place !== 'query') continue;
      for (const value of Object.values(inAddresses)) {
        const asked = place === 'path' ? filled(path, { name, value }) : `${filled(path)}?${name}=${value}`;
        await expectNoDefect(method, asked);
      }
      if (place === 'query') await expectNoDefect(method, `${filled(path)}?${name}=a&${name}=b`);
    }
    const query = parameters.filter(({ in: place }) => place === 'query').map(({ name }) => `${name}=9e15`);
    await expectNoDefect(method, `${filled(path)}?${query.join('&')}`);
  });

  test.each(operations.filter(({ body }) => body !== undefined))(
    'in the body of $route',
    async ({ path, method, body, schemas }) => {
      for (const value of Object.values(inBodies))
        await expectNoDefect(method, filled(path), JSON.stringify(bodyOf(body!, value, schemas)));
      for (const text of Object.values(wholeBodies)) await expectNoDefect(method, filled(path), text);
    },
  );

  test.each([
    '/offices/%00',
    '/agents/%00',
    '/agents/a%00b/detail',
    '/tokens/%00',
    '/agents?office=%00',
    '/agents?cursor=a%00b',
    '/transfers?folder=%00',
    '/events?agent=%00',
    '/search?q=a%00b',
  ])('NUL is named as what is wrong: %s', async (path) => {
    const { status, text } = await ask(path.startsWith('/tokens') ? 'DELETE' : 'GET', `/api/v1${path}`);
    expect({ status, error: ErrorBody.parse(JSON.parse(text)).error }).toMatchObject({
      status: 400,
      error: { code: 'api.invalid', problems: [{ message: expect.stringContaining('NUL') }] },
    });
  });

  test('a range reaches to the year 9000 and no further, whatever the step does to it', async () => {
    const last = Date.UTC(9000, 0) - 1;
    for (const route of ['traffic', 'throughput', 'versions', 'hit-ratios']) {
      const step = route === 'hit-ratios' ? '' : `&step=${366 * 86_400_000}`;
      const range = (to: number) => `/api/v1/${route}?from=${last - 86_400_000}&to=${to}${step}`;
      expect((await ask('GET', range(last))).status).toBe(200);
      expect((await ask('GET', range(last + 1))).status).toBe(400);
    }
  });
});
