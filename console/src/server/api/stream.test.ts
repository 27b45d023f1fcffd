import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentsDelta } from '../../api/schemas.ts';
import { type ServerHarness, serverHarness } from '../testing/server-harness.ts';
import { alice, smallFleet } from '../testing/small-fleet.ts';

let server: ServerHarness;
let key: string;
beforeEach(async () => {
  server = await serverHarness();
  key = await server.auth.keys.create('stream', server.changes);
}, 60_000);
afterEach(() => server[Symbol.asyncDispose]());

/** Opens the stream; `until` reads on until the text so far matches, or the stream ends. */
async function open(headers: Record<string, string> = {}, query = '') {
  const response = await server.api.request(`/api/v1/stream${query}`, {
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

test('changed agents come as rows; only the last event of a flush carries its id', async () => {
  const fleet = await smallFleet();
  await server[Symbol.asyncDispose]();
  server = fleet.server;
  key = await server.auth.keys.create('stream', server.changes);
  const stream = await open();
  await stream.until(/\n\n/);
  server.hub.agentsChanged([alice, 'nobody']);
  server.hub.changed(['offices']);
  await server.clock.advance(0);
  const text = await stream.until(/event: change[\s\S]*\n\n/);
  const data = /event: agents\ndata: (.*)\n\nevent: change/.exec(text)?.[1] ?? '';
  expect(AgentsDelta.parse(JSON.parse(data))).toMatchObject({
    changed: [{ id: alice, hostname: 'pc-1', state: 'online' }],
    removed: ['nobody'],
  });
  await stream.close();
});

test('a page that read before it listened begins where its first answer was', async () => {
  server.hub.changed(['folders']);
  await server.clock.advance(250);
  const stream = await open({}, '?since=test.0');
  await stream.until(/\n\n/);
  await server.clock.advance(250);
  expect(await stream.until(/event: change[\s\S]*\n\n/)).toContain('{"keys":["folders"]}');
  await stream.close();
});

test.each(['nonsense', 'x'.repeat(4000), 'test.-1', 'test.99999999999999999999', ' '])(
  'a malformed Last-Event-ID gets everything, not a refusal that would end the browser’s tries',
  async (id) => {
    const stream = await open({ 'last-event-id': id });
    expect(stream.response.status).toBe(200);
    await stream.until(/\n\n/);
    await server.clock.advance(250);
    expect(await stream.until(/event: change[\s\S]*\n\n/)).toContain('"agents"');
    await stream.close();
  },
);

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
  await server.auth.keys.revokeOthers('stream', 'harpkey_another', server.changes);
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

test('a client that takes nothing any more is let go of', async () => {
  const stream = await open();
  expect(server.hub.size).toBe(1);
  // Nobody reads: some heartbeats find room in buffers, the next one does not.
  await expect
    .poll(async () => {
      await server.clock.advance(15_000);
      return server.hub.size;
    })
    .toBe(0);
  await stream.close();
});

test('a change that comes while a stream begins is not lost', async () => {
  const stream = await open();
  server.hub.changed(['jobs']);
  await server.clock.advance(250);
  await stream.until(/\n\n/);
  await server.clock.advance(250);
  expect(await stream.until(/event: change[\s\S]*\n\n/)).toContain('["jobs"]');
  await stream.close();
});
