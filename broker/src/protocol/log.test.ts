import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { AnyCommand, Command, LogBatch, reaches } from './log.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/protocol/mqtt-v1.md', import.meta.url)), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
  (match) => JSON.parse(match[1] ?? '') as { kind?: string },
);

test('the examples of the page are what the schemas say', () => {
  expect(examples.length).toBeGreaterThanOrEqual(2);
  for (const example of examples) (example.kind === undefined ? LogBatch : Command).parse(example);
});

test.each([
  { name: 'longer than ten minutes', change: { forMs: 600_001 } },
  { name: 'for a negative time', change: { forMs: -1 } },
  { name: 'of a level nobody knows', change: { level: 'loud' } },
  { name: 'without an id', change: { id: '' } },
])('a command $name is none', ({ change }) => {
  const good = { v: 1, id: 'cmd-aaaaaaaaaaaaaaaa', kind: 'log', forMs: 1000, level: 'info' };
  expect(Command.safeParse(good).success).toBe(true);
  expect(Command.safeParse({ ...good, change: 'members nobody knows are ignored' }).success).toBe(true);
  expect(Command.safeParse({ ...good, ...change }).success).toBe(false);
});

test('a command of a kind that is not known yet can still be told apart from rubbish', () => {
  const later = { v: 1, id: 'cmd-aaaaaaaaaaaaaaaa', kind: 'netcheck', target: 'x' };
  expect(Command.safeParse(later).success).toBe(false);
  expect(AnyCommand.safeParse(later).success).toBe(true);
});

test('a level reaches itself and what is less grave', () => {
  expect([reaches('warn', 'info'), reaches('info', 'info'), reaches('debug', 'info')]).toEqual([true, true, false]);
});
