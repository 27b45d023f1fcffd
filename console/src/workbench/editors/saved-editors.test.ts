import { describe, expect, test } from 'vitest';
import { inputOf, readSavedEditors, savedOf } from './saved-editors.ts';

const editor = (subject: string, id = 'office') => ({
  editor: id,
  subject,
  title: subject,
  icon: 'organization',
  preview: false,
});
const leaf = (id: string, views: string[], activeView = views[0]) => ({
  type: 'leaf',
  size: 400,
  data: { id, views, activeView },
});
const layout = (groups: object[], panels: Record<string, object>, activeGroup = '1') => ({
  grid: { root: { type: 'branch', size: 300, data: groups }, width: 800, height: 300, orientation: 'HORIZONTAL' },
  panels: Object.fromEntries(Object.entries(panels).map(([id, params]) => [id, { id, params }])),
  activeGroup,
});
const knows = (id: string) => id === 'office';

describe('a stored layout of editors', () => {
  test('comes back with groups, order and what was in front', () => {
    const read = readSavedEditors(
      layout([leaf('1', ['a', 'b'], 'b'), leaf('2', ['c'])], { a: editor('x'), b: editor('y'), c: editor('x') }, '2'),
      knows,
    );
    expect(read?.activeGroup).toBe('2');
    expect(read?.grid.root.data).toMatchObject([
      { data: { views: ['a', 'b'], activeView: 'b' } },
      { data: { views: ['c'], activeView: 'c' } },
    ]);
  });

  test('leaves out editors that nobody contributes, and groups that are empty then', () => {
    const read = readSavedEditors(
      layout([leaf('1', ['a']), leaf('2', ['b', 'c'], 'b')], {
        a: editor('x', 'gone'),
        b: editor('y', 'gone'),
        c: editor('z'),
      }),
      knows,
    );
    expect(read?.grid.root.data).toMatchObject([{ data: { id: '2', views: ['c'], activeView: 'c' } }]);
    expect(read?.activeGroup).toBe('2');
    expect(Object.keys(read?.panels ?? {})).toEqual(['c']);
  });

  test('shows an object once per group, and a tab once', () => {
    const read = readSavedEditors(layout([leaf('1', ['a', 'b', 'a'])], { a: editor('x'), b: editor('x') }), knows);
    expect(Object.keys(read?.panels ?? {})).toEqual(['a']);
  });

  test('has a limit', () => {
    const ids = Array.from({ length: 500 }, (_, index) => `t${index}`);
    const read = readSavedEditors(
      layout([leaf('1', ids)], Object.fromEntries(ids.map((id) => [id, editor(id)]))),
      knows,
    );
    expect(Object.keys(read?.panels ?? {})).toHaveLength(60);
  });

  test.each([
    undefined,
    null,
    'text',
    {},
    { grid: {}, panels: {} },
    layout([], {}),
    layout([leaf('1', ['a'])], {}),
    layout([leaf('1', ['a'])], { a: { editor: 'office' } }),
    layout([leaf('1', ['a'])], { a: { ...editor('x'), icon: '"><img>' } }),
  ])('that is none is none (%#)', (stored) => {
    expect(readSavedEditors(stored, knows)).toBeUndefined();
  });
});

test('a tab keeps what opens it again, and nothing else', () => {
  const input = { editor: 'office', subject: 'x', title: 'X', icon: 'vm', params: { tab: 'a' } };
  expect(inputOf(savedOf({ ...input, secret: 1 } as never, true))).toEqual(input);
});
