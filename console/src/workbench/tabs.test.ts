import { describe, expect, test } from 'vitest';
import { joinContributions } from './model.ts';
import { noTabs, reduceTabs, type Tabs, type TabsAction } from './tabs.ts';

const input = (subject: string) => ({ editor: 'e', subject, title: subject, icon: 'file' });
const open = (subject: string): TabsAction => ({ type: 'open', input: input(subject) });
const after = (...actions: TabsAction[]): Tabs => actions.reduce(reduceTabs, noTabs);
const shown = ({ open: tabs, activeKey }: Tabs) =>
  `${tabs.map(({ subject }) => subject).join('')}>${activeKey?.slice(2) ?? ''}`;

describe('tabs', () => {
  test.each<{ name: string; actions: TabsAction[]; expected: string }>([
    { name: 'opening puts in front', actions: [open('a'), open('b')], expected: 'ab>b' },
    { name: 'opening again does not open twice', actions: [open('a'), open('b'), open('a')], expected: 'ab>a' },
    {
      name: 'closing the front shows the right neighbour',
      actions: [open('a'), open('b'), open('c'), { type: 'activate', key: 'e/b' }, { type: 'close', key: 'e/b' }],
      expected: 'ac>c',
    },
    {
      name: 'closing the last shows the left neighbour',
      actions: [open('a'), open('b'), { type: 'close', key: 'e/b' }],
      expected: 'a>a',
    },
    {
      name: 'closing another leaves the front',
      actions: [open('a'), open('b'), { type: 'close', key: 'e/a' }],
      expected: 'b>b',
    },
    { name: 'closing the only one leaves none', actions: [open('a'), { type: 'close', key: 'e/a' }], expected: '>' },
    { name: 'next wraps around', actions: [open('a'), open('b'), { type: 'next' }], expected: 'ab>a' },
    {
      name: 'previous wraps around',
      actions: [open('a'), open('b'), { type: 'activate', key: 'e/a' }, { type: 'previous' }],
      expected: 'ab>b',
    },
    {
      name: 'activating what is not open changes nothing',
      actions: [open('a'), { type: 'activate', key: 'e/x' }],
      expected: 'a>a',
    },
  ])('$name', ({ actions, expected }) => expect(shown(after(...actions))).toBe(expected));
});

test('two contributions with one id are a mistake that shows at once', () => {
  const panel = { id: 'p', title: 'P', order: 1, component: () => null };
  expect(() => joinContributions([{ panels: [panel] }, { panels: [panel] }])).toThrow('id p');
});
