import { expect, test } from 'vitest';
import { problem } from './problem-fixture.ts';
import { filterProblems, groupProblems, stepProblem } from './problem-list.ts';

const office = { kind: 'office', id: 'o1', name: 'North' } as const;
const list = [
  problem({ id: 'p1' }),
  problem({ id: 'p2', severity: 'warning', code: 'office.nobody_online', subject: office, related: null }),
  problem({ id: 'p3', severity: 'info', code: 'agent.silent' }),
  problem({ id: 'p4', severity: 'error', subject: office, related: null, code: 'origin.unreachable' }),
];
const words = () => ({ what: 'The disk is full.', why: 'Free some space.' });
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).join(' ');

test.each([
  ['', [], 'p1 p2 p3 p4'],
  ['office:north', [], 'p2 p4'],
  ['-office:north', [], 'p1 p3'],
  ['folder:team', [], 'p1 p3'],
  ['code:disk', [], 'p1'],
  ['space', [], 'p1 p2 p3 p4'],
  ['', ['warning', 'info'], 'p1 p4'],
] as const)('the filter "%s" without %j shows %s', (text, hidden, shown) => {
  expect(ids(filterProblems(list, { text, hidden: new Set(hidden) }, words))).toBe(shown);
});

test('problems stand under their object, and a group is as bad as its worst', () => {
  const groups = groupProblems(list);
  expect(groups.map(({ key, severity }) => `${key} ${severity}`)).toEqual(['agent/a1 error', 'office/o1 error']);
  expect(ids(groups[1]?.problems ?? [])).toBe('p2 p4');
});

test('the next problem follows the order of the list and goes round its end', () => {
  expect(stepProblem(list, 'p1', 1)?.id).toBe('p3');
  expect(stepProblem(list, 'p4', 1)?.id).toBe('p1');
  expect(stepProblem(list, 'p1', -1)?.id).toBe('p4');
  expect(stepProblem(list, 'gone', 1)?.id).toBe('p1');
  expect(stepProblem(list, undefined, -1)?.id).toBe('p4');
  expect(stepProblem([], 'p1', 1)).toBeUndefined();
});
