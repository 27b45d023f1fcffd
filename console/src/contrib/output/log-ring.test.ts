import { expect, test } from 'vitest';
import type { LogLine } from '../../api/schemas.ts';
import { droppedIn, emptyRing, joinBatches, withLines } from './log-ring.ts';

const line = (seq: number, differs: Partial<LogLine> = {}): LogLine => ({
  seq,
  atMs: seq,
  level: 'info',
  message: `line ${seq}`,
  ...differs,
});
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));

test('lines that are sent twice stand once', () => {
  const ring = withLines(withLines(emptyRing, { lines: lines(1, 5), gap: false }), { lines: lines(3, 7), gap: false });
  expect(ring.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(ring.lastSeq).toBe(7);
});

test('nothing new is the same ring', () => {
  const ring = withLines(emptyRing, { lines: lines(1, 5), gap: false });
  expect(withLines(ring, { lines: lines(1, 5), gap: false })).toBe(ring);
});

test('the ring keeps the newest lines and says that it let go of others', () => {
  const ring = withLines(emptyRing, { lines: lines(1, 25), gap: false }, 10);
  expect(ring.lines).toHaveLength(10);
  expect(ring.lines[0]?.seq).toBe(16);
  expect(ring.cut).toBe(true);
});

test('a gap is remembered even when it brings no line', () => {
  expect(withLines(emptyRing, { lines: [], gap: true }).gap).toBe(true);
});

test('dropped lines are counted where they are told', () => {
  expect(droppedIn([line(1), line(2, { dropped: 40 }), line(3, { dropped: 2 })])).toBe(42);
});

test('batches that wait are one batch with the newest state', () => {
  expect(joinBatches([])).toBeUndefined();
  expect(
    joinBatches([
      { lines: lines(1, 2), gap: true, state: 'asked' },
      { lines: lines(3, 3), gap: false, state: 'live' },
    ]),
  ).toMatchObject({ lines: lines(1, 3), gap: true, state: 'live' });
});
