import { describe, expect, test } from 'vitest';
import { ancestorsOf, findByTyping, flatten } from './flatten.ts';
import type { TreeNode } from './model.ts';

const node = (id: string, children?: readonly TreeNode[], more: Partial<TreeNode> = {}): TreeNode => ({
  id,
  name: id,
  icon: 'vm',
  ...(children === undefined ? {} : { children }),
  ...more,
});
const fleet = [
  node('Lyon', [node('PC-1'), node('PC-2', undefined, { description: 'offline' })]),
  node('Paris', [node('PC-3'), node('Floor', [node('PC-21')])]),
  node('Empty', []),
];
const all = () => true;
const names = (rows: readonly { node: TreeNode }[]) => rows.map((row) => row.node.name);

describe('the rows of a tree', () => {
  test('are every expanded node, in order, with level and place among its siblings', () => {
    const { rows } = flatten(fleet, { isOpen: all });
    expect(names(rows)).toEqual(['Lyon', 'PC-1', 'PC-2', 'Paris', 'PC-3', 'Floor', 'PC-21', 'Empty']);
    expect(rows.map(({ level }) => level)).toEqual([0, 1, 1, 0, 1, 1, 2, 0]);
    expect(rows.map(({ position, siblings }) => `${position}/${siblings}`)).toEqual([
      '1/3',
      '1/2',
      '2/2',
      '2/3',
      '1/2',
      '2/2',
      '1/1',
      '3/3',
    ]);
  });

  test('leave out what is below a collapsed node', () => {
    const { rows } = flatten(fleet, { isOpen: ({ id }) => id !== 'Paris' });
    expect(names(rows)).toEqual(['Lyon', 'PC-1', 'PC-2', 'Paris', 'Empty']);
    expect(rows[3]).toMatchObject({ isParent: true, isOpen: false });
  });

  test('a node without children is no parent, unless it says that it has some', () => {
    expect(flatten([node('Empty', [])], { isOpen: all }).rows[0]?.isParent).toBe(false);
    expect(flatten([node('Later', undefined, { hasChildren: true })], { isOpen: all }).rows[0]).toMatchObject({
      isParent: true,
      isOpen: true,
    });
  });
});

describe('a filter', () => {
  test('that hides keeps matches and what is above them, whatever was collapsed', () => {
    const { rows, matches } = flatten(fleet, { isOpen: () => false, filter: { text: 'pc-2', mode: 'hide' } });
    expect(names(rows)).toEqual(['Lyon', 'PC-2', 'Paris', 'Floor', 'PC-21']);
    expect(matches).toBe(2);
    expect(rows[1]).toMatchObject({ position: 1, siblings: 1, match: [0, 4] });
  });

  test('that highlights keeps all rows and marks the matches', () => {
    const { rows } = flatten(fleet, { isOpen: all, filter: { text: 'PC-1', mode: 'highlight' } });
    expect(rows).toHaveLength(8);
    expect(rows.filter(({ match }) => match !== undefined).map(({ node: { name } }) => name)).toEqual(['PC-1']);
  });

  test('finds descriptions as well, and shows everything below a match', () => {
    expect(names(flatten(fleet, { isOpen: all, filter: { text: 'offline', mode: 'hide' } }).rows)).toEqual([
      'Lyon',
      'PC-2',
    ]);
    expect(names(flatten(fleet, { isOpen: all, filter: { text: 'floor', mode: 'hide' } }).rows)).toEqual([
      'Paris',
      'Floor',
      'PC-21',
    ]);
  });

  test('without a match shows nothing', () => {
    expect(flatten(fleet, { isOpen: all, filter: { text: 'xyz', mode: 'hide' } })).toEqual({ rows: [], matches: 0 });
  });

  test('does not mark letters of a name whose lower case is longer', () => {
    const { rows } = flatten([node('İstanbul-PC')], { isOpen: all, filter: { text: 'pc', mode: 'highlight' } });
    expect(rows[0]?.match).toBeUndefined();
  });
});

test('a row that is as it was is the same object again', () => {
  const before = flatten(fleet, { isOpen: all }).rows;
  const changed = [fleet[0]!, { ...fleet[1]!, description: 'changed' }, fleet[2]!];
  const now = flatten(changed, { isOpen: all, before }).rows;
  expect(now.map((row, index) => (row === before[index] ? 'same' : row.node.name))).toEqual([
    ...['same', 'same', 'same', 'Paris', 'same', 'same', 'same', 'same'],
  ]);
  const folded = flatten(fleet, { isOpen: ({ id }) => id !== 'Lyon', before }).rows;
  expect(folded[0]).toMatchObject({ node: fleet[0], isOpen: false });
  expect(names(folded)).toEqual(['Lyon', 'Paris', 'PC-3', 'Floor', 'PC-21', 'Empty']);
  const filtered = flatten(fleet, { isOpen: all, before, filter: { text: 'pc-3', mode: 'highlight' } }).rows;
  expect(filtered.filter((row, index) => row !== before[index]).map((row) => row.match)).toEqual([[0, 4]]);
});

test('what is above a node is known, however deep it is', () => {
  expect(ancestorsOf(fleet, 'PC-21')?.map(({ id }) => id)).toEqual(['Paris', 'Floor']);
  expect(ancestorsOf(fleet, 'Lyon')).toEqual([]);
  expect(ancestorsOf(fleet, 'PC-99')).toBeUndefined();
});

test('typing goes to the next row that starts so, and around', () => {
  const { rows } = flatten(fleet, { isOpen: all });
  expect(findByTyping(rows, 0, 'p')).toBe(1);
  expect(findByTyping(rows, 1, 'p')).toBe(2);
  expect(findByTyping(rows, 1, 'pp')).toBe(2);
  expect(findByTyping(rows, 2, 'pc-')).toBe(2);
  expect(findByTyping(rows, 7, 'l')).toBe(0);
  expect(findByTyping(rows, 0, 'zz')).toBeUndefined();
});

test('ten thousand nodes become rows in a few milliseconds', () => {
  const offices = Array.from({ length: 100 }, (_, office) =>
    node(
      `office-${office}`,
      Array.from({ length: 100 }, (_each, pc) => node(`pc-${office}-${pc}`, undefined, { description: 'complete' })),
    ),
  );
  const best = (run: () => unknown) =>
    Math.min(
      ...Array.from({ length: 10 }, () => {
        const startMs = performance.now();
        run();
        return performance.now() - startMs;
      }),
    );
  expect(flatten(offices, { isOpen: all }).rows).toHaveLength(10_100);
  // 10 ms is the budget; a busy machine gets ten times that.
  expect(best(() => flatten(offices, { isOpen: all }))).toBeLessThan(100);
  expect(best(() => flatten(offices, { isOpen: all, filter: { text: '-7', mode: 'hide' } }))).toBeLessThan(400);
});
