import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from './bytes.ts';
import { parseToken } from './enrolment-token.ts';
import { HarpError } from './errors.ts';
import { createFrameDecoder, frameHeader, frameType } from './frames.ts';
import type { AgentId, FolderId } from './ids.ts';
import { filterFor, messages, parseTopic, topicFor } from './messages.ts';
import { sha256 } from './node/index.ts';
import { electFetchers, rank } from './ownership.ts';

const agentId = 'a'.repeat(52);
const folderId = 'fld-aaaaaaaaaaaaaaaa';

test('every topic of the catalogue is taken apart into what filled it', () => {
  for (const [name, { topic }] of Object.entries(messages)) {
    const filled = topicFor(topic as string, { agentId, folderId } as never);
    expect(parseTopic(filled)).toEqual(name === 'head' ? { message: name, folderId } : { message: name, agentId });
    expect(filterFor(topic)).toMatch(/^harp\/v1\/(agent|folder)\/\+\/\w+$/);
  }
});

test.each([
  'harp/v1/agent/+/desired',
  'harp/v1/agent/x/desired',
  'harp/v1/agent/#',
  'harp/v2/agent/a/desired',
  `harp/v1/agent/${agentId}/head`,
  `harp/v1/agent/${agentId}/desired/x`,
  `harp/v1/agent/${agentId}/constructor`,
  '',
])('the topic %j is not of the catalogue', (topic) => expect(parseTopic(topic)).toBeUndefined());

test.each(['', 'a/b', '+', '#', 'a\0'])('the topic parameter %j is refused', (value) => {
  expect(() => topicFor(messages.desired.topic, { agentId: value })).toThrow(HarpError);
});

test('frames come out whole however the bytes are split', () => {
  const frame = fc.record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.integer({ min: 1, max: 100 }), (frames, step) => {
      const bytes = concat(
        ...frames.flatMap(({ id, payload }) => [frameHeader(frameType.data, id, payload.length), payload]),
      );
      const decoder = createFrameDecoder();
      const read = [];
      for (let i = 0; i < bytes.length; i += step) read.push(...decoder.push(bytes.subarray(i, i + step)));
      expect(read.map(({ id, payload }) => ({ id, payload: Uint8Array.from(payload) }))).toEqual(frames);
    }),
  );
});

test.each([
  {
    name: 'a payload above the limit',
    bytes: frameHeader(frameType.data, '0'.repeat(64), 11),
    code: 'protocol.too_large',
  },
  { name: 'an unknown type', bytes: frameHeader(9 as never, '0'.repeat(64), 0), code: 'protocol.invalid_message' },
  {
    name: 'bytes after the end',
    bytes: concat(frameHeader(frameType.end, '0'.repeat(64), 0), Uint8Array.of(1)),
    code: 'protocol.invalid_message',
  },
])('a decoder refuses $name', ({ bytes, code }) => {
  const decoder = createFrameDecoder(10);
  expect(() => decoder.push(bytes)).toThrow(expect.objectContaining({ code }));
});

const agent = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => Buffer.from(bytes).toString('hex').padEnd(52, 'q') as AgentId);
const office = fc
  .uniqueArray(agent, { minLength: 2, maxLength: 12 })
  .map((agents) => agents.map((id) => ({ agent: id, weight: 1 })));

test('when an agent leaves, nobody else loses a run: order among the others stays', () => {
  fc.assert(
    fc.property(office, fc.string(), fc.nat(), (candidates, key, n) => {
      const before = rank(key, candidates, sha256);
      const gone = candidates[n % candidates.length]!.agent;
      const after = rank(
        key,
        candidates.filter((candidate) => candidate.agent !== gone),
        sha256,
      );
      expect(after).toEqual(before.filter((id) => id !== gone));
    }),
  );
});

test('the order in which an agent learns of its peers does not matter', () => {
  fc.assert(
    fc.property(office, fc.string(), (candidates, key) => {
      expect(rank(key, candidates.toReversed(), sha256)).toEqual(rank(key, candidates, sha256));
    }),
  );
});

test('an office never has more streams than its limit, and never none', () => {
  fc.assert(
    fc.property(office, fc.integer({ min: 1, max: 16 }), (candidates, wanStreams) => {
      const { agents, streamsEach } = electFetchers(folderId as FolderId, candidates, wanStreams, sha256);
      expect(agents.length * streamsEach).toBeLessThanOrEqual(wanStreams);
      expect(agents.length * streamsEach).toBeGreaterThan(0);
    }),
  );
});

test('an agent of weight 0 fetches only when no other can', () => {
  fc.assert(
    fc.property(office, fc.string(), (candidates, key) => {
      const weighted = candidates.map((candidate, index) => ({ ...candidate, weight: index === 0 ? 0 : 1 }));
      expect(rank(key, weighted, sha256).at(-1)).toBe(weighted[0]!.agent);
    }),
  );
});

test.each(['', 'harp1.', 'harp1.x', 'harp2.abcd', 'harp1.e30', 'x'.repeat(3000)])('the token %j is refused', (text) => {
  expect(() => parseToken(text)).toThrow(expect.objectContaining({ code: 'enrolment.token_malformed' }));
});
