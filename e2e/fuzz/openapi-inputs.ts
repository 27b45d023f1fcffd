/** Requests to the REST API made from its own OpenAPI document: every operation, with values near to its schemas and far from them. */
import fc from 'fast-check';
import { z } from 'zod';
import { hostileText, hostileValue, inAddress, jsonText } from './bytes.ts';
import { type HttpWish, requestBytes } from './http-inputs.ts';
import type { HttpBytes } from './http-line.ts';

interface Schema {
  $ref?: string | undefined;
  type?: string | string[] | undefined;
  properties?: Record<string, Schema> | undefined;
  required?: string[] | undefined;
  additionalProperties?: Schema | boolean | undefined;
  items?: Schema | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  anyOf?: Schema[] | undefined;
  oneOf?: Schema[] | undefined;
  allOf?: Schema[] | undefined;
  pattern?: string | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
}
const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), Schema]).optional(),
    items: Schema.optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    anyOf: z.array(Schema).optional(),
    oneOf: z.array(Schema).optional(),
    allOf: z.array(Schema).optional(),
    pattern: z.string().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
);

const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: Schema.optional() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
});
export const OpenApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
export type OpenApi = z.infer<typeof OpenApi>;

export interface Access {
  /** `Authorization` of an API key that may do everything. */
  authorization: string;
  /** The cookie of somebody signed in. */
  cookie: string;
  origin: string;
  /** Ids that exist, by the collection in the path before them; none of anything that has to outlast the run. */
  ids: Readonly<Record<string, readonly string[]>>;
}

/** Deepest that a value is made as its schema wants it. */
const MAX_DEPTH = 5;

/** Any operation of the document, asked by an owner (signed in, or with a key of the server's), or by somebody without a credential or with a false one. */
export function restInputs(
  { paths, components }: OpenApi,
  access: Access,
  who: 'owner' | 'stranger',
): fc.Arbitrary<HttpBytes> {
  const likeSchema = schemaReader(components.schemas);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc.oneof(
    ...operations.map(({ path, method, operation }) => {
      const body = operation.requestBody?.content['application/json']?.schema;
      const query = operation.parameters.filter((parameter) => parameter.in === 'query');
      return fc
        .record({
          path: pathOf(path, access.ids),
          query: fc.tuple(
            ...query.map(({ name, schema }) => queryOf(name, schema === undefined ? fc.string() : likeSchema(schema))),
          ),
          body: body === undefined ? fc.constant('') : jsonText(likeSchema(body)),
          who: who === 'owner' ? asOwner(access, operation.operationId) : asStranger(access, operation.operationId),
        })
        .map((made) => {
          const forced = operation.operationId === 'applyFleet' ? ['dryRun=true'] : [];
          const asked = [
            ...made.query.filter((each) => each !== '' && !(forced.length > 0 && each.startsWith('dryRun='))),
            ...forced,
          ];
          const wish: HttpWish = {
            method,
            path: asked.length === 0 ? made.path : `${made.path}?${asked.join('&')}`,
            headers: [
              ['host', new URL(access.origin).host],
              ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
              ...made.who,
            ],
            body: made.body,
          };
          return requestBytes(wish);
        });
    }),
  );
}

type Header = readonly [string, string];

/** Operations that would end the session of whoever sends them. */
const ownEnds = new Set(['signOut', 'endOwnSession', 'changeOwnPassword']);

const those = (...headers: Header[]): readonly Header[] => headers;

function asOwner({ authorization, cookie, origin }: Access, operation: string): fc.Arbitrary<readonly Header[]> {
  const key = those(['authorization', authorization]);
  return ownEnds.has(operation)
    ? fc.constant(key)
    : fc.constantFrom(key, those(['cookie', cookie], ['origin', origin]));
}

function asStranger({ cookie, origin }: Access, operation: string): fc.Arbitrary<readonly Header[]> {
  const stolen = ownEnds.has(operation) ? 'harp_session=x' : cookie;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(those()) },
    // A page of another site, in the browser of whoever is signed in: what changes nothing is answered, to the browser.
    { weight: 2, arbitrary: fc.constant(those(['cookie', stolen], ['origin', 'https://elsewhere.example'])) },
    { weight: 1, arbitrary: hostileText.map((text) => those(['authorization', `Bearer ${text}`])) },
    { weight: 1, arbitrary: hostileText.map((text) => those(['cookie', `harp_session=${text}`], ['origin', origin])) },
  );
}

function pathOf(path: string, ids: Access['ids']): fc.Arbitrary<string> {
  const parts = path.split(/(?<=\/)(?=\{)|(?<=\})/).map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const before = path.slice(0, path.indexOf(part)).split('/').at(-2) ?? '';
    return fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...(ids[before] ?? ids[part] ?? ['none', '1'])) },
      { weight: 2, arbitrary: hostileText.map((text) => inAddress(text)) },
      { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{3}-[a-z2-7]{16}$/) },
      { weight: 1, arbitrary: fc.constantFrom('%00', '%ff', '%ED%A0%80', '..%2F..%2Fetc', '%') },
    );
  });
  return fc.tuple(...parts).map((all) => all.join(''));
}

function queryOf(name: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const one = fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: hostileText }).map((each) => {
    const text = typeof each === 'string' ? each : (JSON.stringify(each) ?? '');
    return `${name}=${inAddress(text)}`;
  });
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 5, arbitrary: one },
    { weight: 1, arbitrary: fc.tuple(one, one).map((both) => both.join('&')) },
    { weight: 1, arbitrary: fc.constantFrom(`${name}=%ff`, `${name}=%00`, name, `${name}[]=1`, `${name}=%`) },
  );
}

function schemaReader(named: Readonly<Record<string, Schema>>): (schema: Schema) => fc.Arbitrary<unknown> {
  const read = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    const exact = readExactly(schema, depth);
    return fc.oneof({ weight: 12, arbitrary: exact }, { weight: 1, arbitrary: hostileValue });
  };
  const readExactly = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    if (depth > MAX_DEPTH) return fc.constant(null);
    if (schema.$ref !== undefined) return readExactly(named[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return fc.oneof(...choices.map((each) => readExactly(each, depth)));
    if (schema.allOf !== undefined)
      return fc
        .tuple(...schema.allOf.map((each) => readExactly(each, depth)))
        .map((all) => Object.assign({}, ...all) as unknown);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? ''];
    return fc.oneof(...types.map((type) => ofType(type, schema, depth)));
  };
  const ofType = (type: string, schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    if (type === 'string') return textLike(schema);
    if (type === 'integer' || type === 'number') {
      const min = Math.max(schema.minimum ?? 0, Number.MIN_SAFE_INTEGER);
      const max = Math.min(schema.maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER);
      return fc.integer({ min: Math.ceil(min), max: Math.max(Math.ceil(min), Math.floor(max)) });
    }
    if (type === 'boolean') return fc.boolean();
    if (type === 'array') return fc.array(read(schema.items ?? {}, depth + 1), { maxLength: 4 });
    if (type === 'object') return objectLike(schema, depth);
    return type === 'null' ? fc.constant(null) : hostileValue;
  };
  const objectLike = (
    { properties = {}, required = [], additionalProperties }: Schema,
    depth: number,
  ): fc.Arbitrary<unknown> => {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, read(inner, depth + 1)]),
    );
    const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
    if (typeof additionalProperties !== 'object') return known;
    return fc
      .tuple(known, fc.dictionary(fc.string(), read(additionalProperties, depth + 1), { maxKeys: 3 }))
      .map(([a, b]) => ({ ...b, ...a }));
  };
  return (schema) => read(schema, 0);
}

function textLike({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const plain = fc.string({
    minLength: Math.min(minLength, 500),
    maxLength: Math.min(Math.max(minLength, maxLength), 500),
  });
  if (pattern === undefined) return plain;
  try {
    const matching = fc.stringMatching(new RegExp(pattern, 'u'));
    // It refuses what it cannot make only when it is asked to.
    fc.sample(matching, { numRuns: 1, seed: 1 });
    return matching;
  } catch {
    return plain;
  }
}
