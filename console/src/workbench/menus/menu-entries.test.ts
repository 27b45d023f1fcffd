import { describe, expect, test } from 'vitest';
import type { MenuContribution, ShownCommand } from '../commands/model.ts';
import { menuGroups, placeMenu, typeAhead } from './menu-entries.ts';

const shown = (id: string): ShownCommand => ({
  id,
  category: 'c',
  title: id,
  label: id,
  alias: undefined,
  icon: undefined,
  key: undefined,
  enabled: true,
  disabledReason: undefined,
  palette: true,
});
const groups = (contributions: readonly MenuContribution[], facts: readonly string[] = []) =>
  menuGroups('m', contributions, {
    holds: (when) => when === undefined || facts.includes(when),
    command: (id) => (id === 'unknown' ? undefined : shown(id)),
  }).map((group) => group.map(({ command }) => command.id).join(' '));

describe('the entries of a menu', () => {
  test('groups by name, navigation first, entries by order, those without either last', () => {
    expect(
      groups([
        { menu: 'm', command: 'loose' },
        { menu: 'm', command: 'late', group: '2_edit', order: 20 },
        { menu: 'm', command: 'early', group: '2_edit', order: 10 },
        { menu: 'm', command: 'unordered', group: '2_edit' },
        { menu: 'm', command: 'nav', group: 'navigation' },
        { menu: 'm', command: 'first', group: '1_open' },
      ]),
    ).toEqual(['nav', 'first', 'early late unordered', 'loose']);
  });

  test('only what belongs to it, applies, and exists; nothing twice; no empty groups', () => {
    const contributions = [
      { menu: 'other', command: 'a' },
      { menu: 'm', command: 'b', when: 'x', group: '1' },
      { menu: 'm', command: 'c', group: '2' },
      { menu: 'm', command: 'c', group: '3' },
      { menu: 'm', command: 'unknown', group: '4' },
    ];
    expect(groups(contributions)).toEqual(['c']);
    expect(groups(contributions, ['x'])).toEqual(['b', 'c']);
  });
});

test.each([
  { typed: 'c', current: 0, found: 1 },
  { typed: 'c', current: 1, found: 2 },
  { typed: 'c', current: 2, found: 1 },
  { typed: 'cc', current: 1, found: 2 },
  { typed: 'cl', current: 1, found: 2 },
  { typed: 'clo', current: 2, found: 2 },
  { typed: 'C', current: -1, found: 1 },
  { typed: 'x', current: 0, found: -1 },
])('typing “$typed” on entry $current goes to $found', ({ typed, current, found }) => {
  expect(typeAhead(['Open', 'Copy', 'Close'], current, typed)).toBe(found);
});

describe('where a menu opens', () => {
  const view = { width: 1_000, height: 600 };
  const box = { width: 200, height: 300 };
  const point = (x: number, y: number) => ({ left: x, right: x, top: y, bottom: y });
  test.each([
    { name: 'at the pointer', anchor: point(100, 100), place: { left: 100, top: 100 } },
    { name: 'back from the right edge', anchor: point(950, 100), place: { left: 796, top: 100 } },
    { name: 'upwards at the bottom', anchor: point(100, 500), place: { left: 100, top: 200 } },
    { name: 'above its button', anchor: { left: 10, right: 50, top: 550, bottom: 590 }, place: { left: 10, top: 250 } },
  ])('$name', ({ anchor, place }) => {
    expect(placeMenu(anchor, box, view)).toEqual(place);
  });

  test('one that fits nowhere stays in the view', () => {
    expect(placeMenu(point(100, 100), { width: 200, height: 900 }, view)).toEqual({ left: 100, top: 4 });
  });

  test('from right to left it ends where it otherwise begins', () => {
    expect(placeMenu(point(500, 100), box, view, true)).toEqual({ left: 300, top: 100 });
  });
});
