import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
  security?: unknown[];
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

let server: ServerHarness;
let document: Document;
beforeAll(async () => {
  server = await serverHarness();
  document = (await (await server.api.request('/api/v1/openapi.json')).json()) as Document;
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('the document is OpenAPI 3.1 and lists every route there is', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({ title: 'Harp', version: '0.0.0-test' });
  const listed = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const served = server.api.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.endsWith('/openapi.json'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(new Set(listed)).toEqual(new Set(served));
  expect(listed.length).toBeGreaterThanOrEqual(24);
});

test('every operation has a name of its own, its path’s parameters and a refusal', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations()) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    expect(declared).toEqual(wanted);
    expect(operation.summary).toBeTruthy();
    expect(operation.responses.default).toBeDefined();
  }
});

test('every reference leads somewhere, and nothing of 3.0 is left', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
  expect(references.length).toBeGreaterThan(20);
  for (const name of references) expect(document.components.schemas).toHaveProperty(name);
  expect(text).not.toContain('"nullable"');
});

test('only signing in, set-up, invitations and health are open', () => {
  const open = operations().filter(({ operation }) => operation.security?.length === 0);
  expect(open.map(({ operation }) => operation.operationId).sort()).toEqual(
    [
      'acceptInvitation',
      'beginPasskeySignIn',
      'beginProviderSignIn',
      'finishProviderSignIn',
      'listSignInWays',
      'readHealth',
      'readSession',
      'setUp',
      'signIn',
      'signInWithPasskey',
      'signOut',
    ].sort(),
  );
});
