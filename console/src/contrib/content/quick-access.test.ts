import { expect, test } from 'vitest';
import { matchesIn, quickItems } from './quick-access.ts';

test('folders and files can be opened, other things are not content', () => {
  const file = {
    kind: 'file',
    id: 'fld-a/x',
    label: 'plan.pdf',
    description: 'CAD',
    folderId: 'fld-a',
    path: 'x/plan.pdf',
  } as const;
  expect(quickItems(file, 'plan')[0]).toMatchObject({ label: 'plan.pdf', icon: 'file', matches: [[0, 4]] });
  expect(quickItems({ kind: 'folder', id: 'fld-a', label: 'CAD', description: 'cloud' }, 'c')).toHaveLength(1);
  expect(quickItems({ kind: 'agent', id: 'a', label: 'PC', description: 'North' }, 'p')).toEqual([]);
});

test('a file whose place is not known is not offered', () => {
  expect(quickItems({ kind: 'file', id: 'x', label: 'x', description: '' }, 'x')).toEqual([]);
});

test.each([
  ['plan.pdf', 'PLAN', [[0, 4]]],
  [
    'north plan.pdf',
    'plan nor',
    [
      [0, 3],
      [6, 10],
    ],
  ],
  ['plan.pdf', 'somewhere/else', []],
  ['aa', 'aa a', [[0, 2]]],
  ['İx', 'x', []],
])('in %j the query %j marks %j', (label, query, marked) => {
  expect(matchesIn(label, query)).toEqual(marked);
});
