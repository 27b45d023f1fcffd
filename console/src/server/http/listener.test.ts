import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../ports.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';
import { type ConsoleListener, listenConsole } from './listener.ts';

let server: ServerHarness;
let listener: ConsoleListener;
let key: string;
beforeAll(async () => {
  server = await serverHarness();
  key = await server.auth.keys.create('http', server.changes);
  listener = await listenConsole({ api: server.api, host: '127.0.0.1', port: 0, logger: silentLogger });
}, 60_000);
afterAll(async () => {
  await listener.close();
  await server[Symbol.asyncDispose]();
});

/** A request over a real socket; headers say exactly what they say. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(
      { port: listener.port, host: '127.0.0.1', method, path, headers: { authorization: `Bearer ${key}`, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a request without a body that changes something gets through', async () => {
  expect(await send('DELETE', '/api/v1/session')).toMatchObject({ status: 200 });
  expect(await send('DELETE', '/api/v1/tokens/x')).toMatchObject({ status: 404 });
});

test('a body is read when it says its length', async () => {
  const body = '{"offices":[{"name":"north"}]}';
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  expect(await send('PUT', '/api/v1/fleet?dryRun=true', headers, body)).toMatchObject({ status: 200 });
});

test.each([
  {
    name: 'that does not say its length',
    headers: { 'transfer-encoding': 'chunked' },
    status: 400,
    code: 'api.invalid',
  },
  { name: 'that is too long', headers: { 'content-length': '2000000' }, status: 413, code: 'protocol.too_large' },
])('a body $name is refused before it is read', async ({ headers, status, code }) => {
  const answer = await send(
    'PUT',
    '/api/v1/fleet',
    { 'content-type': 'application/json', ...headers },
    '{}'.padEnd(Number('content-length' in headers ? headers['content-length'] : 2)),
  );
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body).error.code).toBe(code);
});

test.each([{}, { 'content-type': 'text/plain' }])(
  'a body that does not say it is JSON is refused: %o',
  async (headers) => {
    const answer = await send('POST', '/api/v1/session', { 'content-length': '2', ...headers }, '{}');
    expect({ status: answer.status, error: JSON.parse(answer.body).error }).toMatchObject({
      status: 400,
      error: { code: 'api.invalid', message: expect.stringContaining('application/json') },
    });
  },
);

/** The number by which whoever has the log finds the request. */
const pageAnswer = async () => {
  const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
  return { status: answer.status, requestId: answer.headers.get('x-request-id') };
};

test('pages are refused until there is a workbench', async () => {
  expect(await pageAnswer()).toEqual({ status: 503, requestId: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(await send('GET', '/')).toMatchObject({ status: 503 });
  listener.setWorkbench({
    handle: async (_request, response) => void response.end('page'),
    close: async () => undefined,
  });
  expect(await send('GET', '/anything')).toEqual({ status: 200, body: 'page' });
  expect(await send('GET', '/api/v1x')).toEqual({ status: 200, body: 'page' });
});

test('a page that breaks answers 500 and the server goes on', async () => {
  listener.setWorkbench({ handle: () => Promise.reject(new Error('broken')), close: async () => undefined });
  expect(await pageAnswer()).toEqual({ status: 500, requestId: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(await send('GET', '/api/v1/health')).toMatchObject({ status: 200 });
});
