import { describe, expect, test } from 'vitest';
import {
  conflictsWith,
  effectiveBindings,
  isCommandModified,
  isKeptByBrowsers,
  readUserRules,
  type UserRule,
  withBindingRemoved,
  withCommandReset,
  withKeyAdded,
  withKeyChanged,
} from './rules.ts';

const defaults = [
  { command: 'show', key: 'Ctrl+Shift+P' },
  { command: 'show', key: 'f1' },
  { command: 'save', key: 'ctrl+s', when: 'dirty' },
  { command: 'view', key: 'ctrl+k 1', argument: 1 },
];
const keys = (rules: readonly UserRule[]) =>
  effectiveBindings(defaults, rules).map(({ command, key, source }) => `${command} ${key} ${source}`);
const binding = (rules: readonly UserRule[], command: string) =>
  effectiveBindings(defaults, rules).find((found) => found.command === command)!;

describe("the user's rules", () => {
  test('without any, the defaults stand, canonically written', () => {
    expect(keys([])).toEqual([
      'show ctrl+shift+p default',
      'show f1 default',
      'save ctrl+s default',
      'view ctrl+k 1 default',
    ]);
  });

  test('an added key stands last and so wins', () => {
    expect(keys(withKeyAdded([], { command: 'show', key: 'alt+p' })).at(-1)).toBe('show alt+p user');
  });

  test('adding the same key twice changes nothing', () => {
    const once = withKeyAdded([], { command: 'show', key: 'alt+p' });
    expect(withKeyAdded(once, { command: 'show', key: 'ALT+P' })).toBe(once);
  });

  test('a changed key keeps its condition and argument', () => {
    const rules = withKeyChanged([], binding([], 'save'), 'alt+s');
    expect(binding(rules, 'save')).toEqual({
      command: 'save',
      key: 'alt+s',
      when: 'dirty',
      argument: undefined,
      source: 'user',
    });
    const again = withKeyChanged([], binding([], 'view'), 'alt+1');
    expect(binding(again, 'view')).toMatchObject({ key: 'alt+1', argument: 1 });
  });

  test('changing a key back leaves no rule behind', () => {
    const changed = withKeyChanged([], binding([], 'save'), 'alt+s');
    expect(withKeyChanged(changed, binding(changed, 'save'), 'ctrl+s')).toEqual([]);
  });

  test('changing a key to itself changes nothing', () => {
    const rules: readonly UserRule[] = [];
    expect(withKeyChanged(rules, binding(rules, 'save'), 'ctrl+s')).toBe(rules);
  });

  test('a removed default is gone, a removed key of the user leaves no trace', () => {
    const without = withBindingRemoved([], binding([], 'save'));
    expect(keys(without).some((key) => key.startsWith('save'))).toBe(false);
    const added = withKeyAdded([], { command: 'new', key: 'alt+n' });
    expect(withBindingRemoved(added, binding(added, 'new'))).toEqual([]);
  });

  test('reset takes back everything about one command and nothing about others', () => {
    const rules = withKeyAdded(withKeyChanged([], binding([], 'save'), 'alt+s'), { command: 'show', key: 'alt+p' });
    expect(isCommandModified(rules, 'save')).toBe(true);
    const reset = withCommandReset(rules, 'save');
    expect(isCommandModified(reset, 'save')).toBe(false);
    expect(keys(reset)).toContain('save ctrl+s default');
    expect(keys(reset)).toContain('show alt+p user');
  });

  test('what is stored is read again', () => {
    const rules = withKeyChanged([], binding([], 'view'), 'alt+1');
    expect(readUserRules(JSON.parse(JSON.stringify(rules)))).toEqual({ rules, refused: 0 });
  });
});

describe('a stored document', () => {
  test.each([
    { stored: null, rules: 0, refused: 0 },
    { stored: undefined, rules: 0, refused: 0 },
    { stored: {}, rules: 0, refused: 1 },
    { stored: 'text', rules: 0, refused: 1 },
    { stored: [{ key: 'alt+x', command: 'a' }], rules: 1, refused: 0 },
    {
      stored: [
        { key: 'banana', command: 'a' },
        { key: 'alt+x', command: 'a' },
      ],
      rules: 1,
      refused: 1,
    },
    { stored: [{ key: 'alt+x', command: 'a', when: '&&' }], rules: 0, refused: 1 },
    { stored: [{ key: 'alt+x' }, 7], rules: 0, refused: 2 },
  ])('$stored gives $rules rules and refuses $refused', ({ stored, rules, refused }) => {
    const read = readUserRules(stored);
    expect([read.rules.length, read.refused]).toEqual([rules, refused]);
  });
});

describe('conflicts', () => {
  const bindings = effectiveBindings(
    [
      { command: 'a', key: 'ctrl+k' },
      { command: 'b', key: 'ctrl+k ctrl+s' },
      { command: 'c', key: 'alt+x', when: 'editor == one' },
      { command: 'd', key: 'alt+x', when: 'editor == two' },
    ],
    [],
  );
  test.each([
    { candidate: { command: 'n', key: 'f2', when: undefined }, conflicts: [] },
    { candidate: { command: 'n', key: 'ctrl+k ctrl+s', when: undefined }, conflicts: ['a', 'b'] },
    { candidate: { command: 'n', key: 'ctrl+k ctrl+t', when: undefined }, conflicts: ['a'] },
    { candidate: { command: 'a', key: 'ctrl+k', when: undefined }, conflicts: ['b'] },
    { candidate: { command: 'n', key: 'alt+x', when: 'editor == two' }, conflicts: ['d'] },
    { candidate: { command: 'c', key: 'alt+x', when: 'editor == one' }, conflicts: [] },
    { candidate: { command: 'n', key: 'alt+x', when: undefined }, conflicts: ['c', 'd'] },
  ])('$candidate.command on $candidate.key when $candidate.when fights with $conflicts', ({ candidate, conflicts }) => {
    expect(conflictsWith(bindings, candidate).map(({ command }) => command)).toEqual(conflicts);
  });
});

test.each([
  ['ctrl+w', true],
  ['ctrl+shift+t', true],
  ['ctrl+pagedown', true],
  ['alt+w', false],
  ['ctrl+k w', false],
])('a browser keeps %s: %s', (key, kept) => {
  expect(isKeptByBrowsers(key)).toBe(kept);
});
