import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';

let server: ServerHarness;
let key: string;
beforeEach(async () => {
  server = await serverHarness();
  key = await server.auth.keys.create('stream');
}, 60_000);
afterEach(() => server[Symbol.asyncDispose]());

/** Opens the stream; `until` reads on until the text so far matches, or the stream ends. */
async function open(headers: Record<string, string> = {}) {
  const response = await server.api.request('/api/v1/stream', {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    close: () => reader.cancel(),
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
      }
      return text;
    },
  };
}

test('a change reaches whoever listens, with an id to come back with', async () => {
  const stream = await open();
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
  expect(await stream.until(/\n\n/)).toContain('retry: 2000\nid: test.0');
  server.hub.changed(['agents', 'folders']);
  await server.clock.advance(0);
  expect(await stream.until(/event: change[\s\S]*\n\n/)).toContain('data: {"keys":["agents","folders"]}\nid: test.1');
  await stream.close();
  const back = await open({ 'last-event-id': 'test.0' });
  await back.until(/\n\n/);
  await server.clock.advance(250);
  expect(await back.until(/event: change[\s\S]*\n\n/)).toContain('["agents","folders"]');
  await back.close();
});

test('silence is broken by heartbeats', async () => {
  const stream = await open();
  await stream.until(/\n\n/);
  await server.clock.advance(15_000);
  expect(await stream.until(/\n: \n\n/)).toMatch(/\n: \n\n/);
  await stream.close();
});

test('a stream ends soon after the right to it has ended', async () => {
  const stream = await open();
  await stream.until(/\n\n/);
  await server.auth.keys.revokeOthers('stream', 'harpkey_another');
  await server.clock.advance(15_000);
  await stream.until(/never/);
  expect(server.hub.size).toBe(0);
});

test('a client that goes away is forgotten', async () => {
  const stream = await open();
  await stream.until(/\n\n/);
  expect(server.hub.size).toBe(1);
  await stream.close();
  await server.clock.advance(15_000);
  await expect.poll(() => server.hub.size).toBe(0);
});
