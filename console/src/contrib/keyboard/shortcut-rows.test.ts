import { describe, expect, test } from 'vitest';
import { conflictsWith, effectiveBindings, isCommandModified } from '../../workbench/keybindings/rules.ts';
import { keyLabel } from '../../workbench/keybindings/stroke.ts';
import type { ShownCommand } from '../../workbench/model.ts';
import { searchForKey } from './row-commands.ts';
import { searchRows, shortcutRows } from './shortcut-rows.ts';

const command = (id: string, title: string, more: Partial<ShownCommand> = {}): ShownCommand => ({
  id,
  category: 'View',
  title,
  label: `View: ${title}`,
  alias: undefined,
  icon: undefined,
  key: undefined,
  enabled: true,
  disabledReason: undefined,
  palette: true,
  ...more,
});
const rules = [
  { command: 'fleet', key: 'alt+f' },
  { command: 'find', key: 'ctrl+b' },
];
const bindings = effectiveBindings(
  [
    { command: 'fleet', key: 'ctrl+shift+e' },
    { command: 'side', key: 'ctrl+b' },
    { command: 'chord', key: 'ctrl+k ctrl+s', when: 'editorFocus' },
    { command: 'f1', key: 'f1' },
    { command: 'f12', key: 'f12' },
  ],
  rules,
);
const rows = shortcutRows({
  commands: [
    command('chord', 'Keyboard'),
    command('f1', 'One'),
    command('f12', 'Twelve'),
    command('find', 'Find'),
    command('fleet', 'Fleet', { alias: 'View: Show Fleet' }),
    command('keyless', 'Keyless'),
    command('only-menus', 'Only menus', { palette: false }),
    command('side', 'Side'),
  ],
  bindings,
  label: (key) => keyLabel(key, 'windows'),
  conflictsWith: (binding) => conflictsWith(bindings, binding),
  isModified: (id) => isCommandModified(rules, id),
});
const shown = (search: string) =>
  searchRows(rows, search).map(({ command, keyLabel }) => `${command.title} ${keyLabel ?? '-'}`);

test('every key has a row, the user’s first, and so has a command without one, unless it needs an argument', () => {
  expect(shown('')).toEqual([
    'Keyboard Ctrl+K Ctrl+S',
    'One F1',
    'Twelve F12',
    'Find Ctrl+B',
    'Fleet Alt+F',
    'Fleet Ctrl+Shift+E',
    'Keyless -',
    'Side Ctrl+B',
  ]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test('a conflict is shown at both ends', () => {
  expect(
    rows.filter(({ conflicts }) => conflicts.length > 0).map(({ command, conflicts }) => [command.id, conflicts]),
  ).toEqual([
    ['find', ['View: Side']],
    ['side', ['View: Find']],
  ]);
});

describe('the search', () => {
  test.each([
    { search: 'fleet', found: ['Fleet Alt+F', 'Fleet Ctrl+Shift+E'] },
    { search: 'show', found: ['Fleet Alt+F', 'Fleet Ctrl+Shift+E'] },
    { search: 'view alt', found: ['Fleet Alt+F'] },
    { search: 'editorfocus', found: ['Keyboard Ctrl+K Ctrl+S'] },
    { search: 'source:user', found: ['Find Ctrl+B', 'Fleet Alt+F'] },
    { search: '-source:default', found: ['Find Ctrl+B', 'Fleet Alt+F', 'Keyless -'] },
    { search: 'is:conflict', found: ['Find Ctrl+B', 'Side Ctrl+B'] },
    { search: 'is:changed fleet', found: ['Fleet Alt+F', 'Fleet Ctrl+Shift+E'] },
    { search: searchForKey('ctrl+k'), found: ['Keyboard Ctrl+K Ctrl+S'] },
    { search: searchForKey('ctrl+k ctrl+s'), found: ['Keyboard Ctrl+K Ctrl+S'] },
    { search: 'key:F1', found: ['One F1'] },
    { search: 'key:shift+ctrl+e', found: ['Fleet Ctrl+Shift+E'] },
    { search: 'key:ctrl+', found: [] },
    { search: 'nothing like it', found: [] },
  ])('“$search”', ({ search, found }) => {
    expect(shown(search)).toEqual(found);
  });
});
