import { expect, test } from 'vitest';
import { agentPayloads } from './agent-news.ts';
import type { AgentId } from './protocol/index.ts';

const agents = (count: number) =>
  Array.from({ length: count }, (_, index) => index.toString(36).replaceAll(/[01]/g, 'a').padStart(52, 'b') as AgentId);
const distinct = (count: number) => [...new Set(agents(count * 3))].slice(0, count);

test('nobody gives no notification', () => expect(agentPayloads([])).toEqual([]));

test('every agent is named once, in payloads that PostgreSQL takes', () => {
  const named = distinct(1000);
  const payloads = agentPayloads([...named, ...named]);
  expect(payloads.join(' ').split(' ')).toEqual(named);
  for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
});

test('very many are not named: whoever hears it reads all', () => {
  expect(agentPayloads(distinct(1201))).toEqual(['']);
});
