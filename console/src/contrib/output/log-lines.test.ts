import { expect, test } from 'vitest';
import type { LogLine } from '../../api/schemas.ts';
import { copyText, filterLines, shownText } from './log-lines.ts';

const lines: readonly LogLine[] = [
  { seq: 1, atMs: 0, level: 'debug', part: 'http', message: 'GET /agents', facts: { requestId: 'req-1', ms: 3 } },
  { seq: 2, atMs: 1, level: 'warn', message: 'slow answer from cloud:443' },
  { seq: 3, atMs: 2, level: 'error', message: 'failed\nbadly', facts: { why: 'no space' } },
];
const seqs = (filter: Partial<Parameters<typeof filterLines>[1]>) =>
  filterLines(lines, { level: 'debug', text: '', clearedSeq: 0, ...filter }).map(({ seq }) => seq);

test('levels, words and clearing each narrow what is shown', () => {
  expect(seqs({})).toEqual([1, 2, 3]);
  expect(seqs({ level: 'warn' })).toEqual([2, 3]);
  expect(seqs({ text: 'req-1' })).toEqual([1]);
  expect(seqs({ text: 'cloud:443' })).toEqual([2]);
  expect(seqs({ text: '-failed' })).toEqual([1, 2]);
  expect(seqs({ clearedSeq: 2 })).toEqual([3]);
});

test('showing everything costs no copy', () => {
  expect(filterLines(lines, { level: 'debug', text: '', clearedSeq: 0 })).toBe(lines);
});

test('a line is its part, its message and its facts', () => {
  expect(shownText(lines[0]!)).toBe('[http] GET /agents requestId=req-1 ms=3');
  expect(shownText({ ...lines[0]!, message: 'x'.repeat(9999) }).length).toBeLessThan(2100);
});

test('a copied line is one line, in UTC', () => {
  expect(copyText(lines.slice(2))).toBe('1970-01-01T00:00:00.002Z ERROR failed ⏎ badly why="no space"');
});
