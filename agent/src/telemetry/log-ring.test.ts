import { limits } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { createLogRing } from './log-ring.ts';

const all = [limits.logBatchMaxBytes, limits.logBatchMaxLines] as const;
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

function ringOf(capacity: number) {
  const ring = createLogRing(() => 7, capacity);
  return { ring, say: (...lines: number[]) => lines.forEach((each) => void ring.take('info', {}, `line ${each}`)) };
}

test('the last lines are remembered and read once', () => {
  const { ring, say } = ringOf(3);
  say(1, 2, 3, 4);
  const cursor = ring.follow('info');
  expect(cursor.next(...all)).toMatchObject({
    dropped: 0,
    lines: [{ line: 2 }, { line: 3 }, { line: 4, message: 'line 4' }],
  });
  expect(cursor.hasMore).toBe(false);
  say(5);
  expect(cursor.next(...all)).toMatchObject({ dropped: 0, lines: [{ line: 5 }] });
});

test('lines that leave the ring unread are counted, those of a lower level are not', () => {
  const { ring, say } = ringOf(3);
  const cursor = ring.follow('warn');
  ring.take('error', {}, 'lost');
  say(2, 3, 4);
  ring.take('warn', {}, 'kept');
  expect(cursor.next(...all)).toMatchObject({ dropped: 1, lines: [{ line: 5, message: 'kept' }] });
  expect(cursor.next(...all)).toEqual({ dropped: 0, lines: [] });
});

test('a reader goes on after the line it has, and is told what it missed meanwhile', () => {
  const { ring, say } = ringOf(3);
  say(...numbers(10));
  expect(ring.follow('info', { startedAtMs: 7, line: 9 }).next(...all)).toMatchObject({
    dropped: 0,
    lines: [{ line: 10 }],
  });
  expect(ring.follow('info', { startedAtMs: 7, line: 5 }).next(...all)).toMatchObject({
    dropped: 2,
    lines: [{ line: 8 }, {}, {}],
  });
  expect(ring.follow('info', { startedAtMs: 7, line: 99 }).next(...all)).toEqual({ dropped: 0, lines: [] });
  expect(ring.follow('info', { startedAtMs: 6, line: 9 }).next(...all)).toMatchObject({
    dropped: 0,
    lines: [{ line: 8 }, {}, {}],
  });
});

test('lines nobody asks for are neither wanted nor remembered', () => {
  const { ring } = ringOf(3);
  expect(ring.wants('debug')).toBe(false);
  const cursor = ring.follow('debug');
  expect(ring.wants('debug')).toBe(true);
  cursor.close();
  expect([ring.wants('debug'), ring.wants('info')]).toEqual([false, true]);
});

test('a batch has no more bytes and lines than it may', () => {
  const { ring, say } = ringOf(500);
  say(...numbers(400));
  const cursor = ring.follow('info');
  const { lines } = cursor.next(5000, 1000);
  expect(Buffer.byteLength(JSON.stringify(lines))).toBeLessThanOrEqual(5000 + 1);
  expect(lines.length).toBeGreaterThan(50);
  expect(cursor.next(100_000, 7).lines.map(({ line }) => line)).toEqual(numbers(7, lines.length + 1));
});

test('the largest line fits into a batch', () => {
  const { ring } = ringOf(3);
  const text = '字"\\'.repeat(2000);
  ring.take('error', Object.fromEntries(numbers(100).map((each) => [`fact ${each}`, text])), text);
  const cursor = ring.follow('error');
  const { lines } = cursor.next(limits.logBatchMaxBytes - 256, 1);
  expect(lines).toHaveLength(1);
  expect(Buffer.byteLength(JSON.stringify(lines[0]))).toBeLessThanOrEqual(limits.logLineMaxBytes);
});

test('lines are cleaned before they are remembered, and a cleaner that logs does no harm', () => {
  const { ring } = ringOf(3);
  ring.cleanWith((text) => {
    ring.take('info', {}, 'again');
    return text.replaceAll('blue', 'red');
  });
  ring.take('info', { part: 'net', sky: 'blue', token: 'blue' }, 'a blue sky');
  expect(ring.follow('info').next(...all).lines).toEqual([
    { line: 1, atMs: 7, level: 'info', part: 'net', message: 'a red sky', facts: { sky: 'red', token: '…' } },
  ]);
});
