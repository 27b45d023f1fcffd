import { describe, expect, test } from 'vitest';
import { createResolver, type Focus, mayTake } from './resolver.ts';
import { effectiveBindings } from './rules.ts';

const nowhere: Focus = { editable: false, list: false };
const list: Focus = { editable: false, list: true };
const field: Focus = { editable: true, list: false };

const bindings = effectiveBindings(
  [
    { command: 'palette', key: 'ctrl+shift+p' },
    { command: 'palette', key: 'f1' },
    { command: 'side', key: 'ctrl+b' },
    { command: 'shortcuts', key: 'ctrl+k ctrl+s' },
    { command: 'events', key: 'ctrl+k e' },
    { command: 'approve', key: 'a', when: 'pendingList' },
    { command: 'save', key: 'ctrl+s' },
    { command: 'close', key: 'alt+w' },
    { command: 'next', key: 'alt+]' },
  ],
  [{ command: 'mine', key: 'ctrl+b', when: 'special' }],
);
const resolve = createResolver(bindings, 'windows');
const outcome = (
  key: string | readonly string[],
  {
    pending,
    focus = nowhere,
    facts = [],
    disabled = [],
  }: { pending?: string; focus?: Focus; facts?: string[]; disabled?: string[] } = {},
) => {
  const resolution = resolve(pending, typeof key === 'string' ? [key] : key, {
    focus,
    holds: (when) => when === undefined || facts.includes(when),
    canRun: (command) => !disabled.includes(command),
  });
  if (resolution.kind === 'run' || resolution.kind === 'disabled')
    return `${resolution.kind} ${resolution.binding.command}`;
  return 'key' in resolution ? `${resolution.kind} ${resolution.key}` : resolution.kind;
};

describe('what a key means', () => {
  test.each([
    { name: 'a bound key', key: 'ctrl+shift+p', expected: 'run palette' },
    { name: 'a second key of the same command', key: 'f1', expected: 'run palette' },
    { name: 'an unbound key', key: 'ctrl+q', expected: 'none' },
    { name: 'the first stroke of a chord', key: 'ctrl+k', expected: 'pending ctrl+k' },
    { name: 'the second, with Ctrl', key: 'ctrl+s', options: { pending: 'ctrl+k' }, expected: 'run shortcuts' },
    { name: 'the second, a letter', key: 'e', options: { pending: 'ctrl+k' }, expected: 'run events' },
    {
      name: 'the second, a letter, in a field',
      key: 'e',
      options: { pending: 'ctrl+k', focus: field },
      expected: 'run events',
    },
    { name: 'a second nobody knows', key: 'q', options: { pending: 'ctrl+k' }, expected: 'unknown ctrl+k q' },
    { name: 'Escape after the first', key: 'escape', options: { pending: 'ctrl+k' }, expected: 'cancelled' },
    { name: "the user's key, while it applies", key: 'ctrl+b', options: { facts: ['special'] }, expected: 'run mine' },
    { name: 'the default behind it, otherwise', key: 'ctrl+b', expected: 'run side' },
    {
      name: "the default when the user's command cannot run",
      key: 'ctrl+b',
      options: { facts: ['special'], disabled: ['mine'] },
      expected: 'run side',
    },
    { name: 'a command that cannot run', key: 'ctrl+s', options: { disabled: ['save'] }, expected: 'disabled save' },
    {
      name: 'a letter in its list',
      key: 'a',
      options: { focus: list, facts: ['pendingList'] },
      expected: 'run approve',
    },
    { name: 'a letter in another list', key: 'a', options: { focus: list }, expected: 'none' },
    { name: 'a letter outside a list', key: 'a', options: { facts: ['pendingList'] }, expected: 'none' },
    { name: 'a letter in a field', key: 'a', options: { focus: field, facts: ['pendingList'] }, expected: 'none' },
    { name: 'a command key in a field', key: 'ctrl+b', options: { focus: field }, expected: 'run side' },
    { name: 'the second reading of a key', key: ['alt++', 'alt+]'], expected: 'run next' },
    { name: 'a lone modifier', key: [], expected: 'none' },
  ])('$name', ({ key, options, expected }) => {
    expect(outcome(key, options)).toBe(expected);
  });
});

describe('keys that stay with what has focus', () => {
  test.each([
    { stroke: 'a', field: false, list: true, nowhere: false },
    { stroke: 'shift+a', field: false, list: true, nowhere: false },
    { stroke: 'enter', field: false, list: true, nowhere: false },
    { stroke: 'left', field: false, list: true, nowhere: false },
    { stroke: 'escape', field: false, list: true, nowhere: true },
    { stroke: 'tab', field: false, list: false, nowhere: false },
    { stroke: 'shift+tab', field: false, list: false, nowhere: false },
    { stroke: 'f6', field: true, list: true, nowhere: true },
    { stroke: 'shift+f6', field: true, list: true, nowhere: true },
    { stroke: 'ctrl+a', field: false, list: true, nowhere: true },
    { stroke: 'ctrl+shift+left', field: false, list: true, nowhere: true },
    { stroke: 'ctrl+z', field: false, list: true, nowhere: true },
    { stroke: 'ctrl+k', field: true, list: true, nowhere: true },
    { stroke: 'alt+w', field: true, list: true, nowhere: true },
    { stroke: 'alt+left', field: true, list: true, nowhere: true },
  ])('$stroke may be a command in a field $field, in a list $list, elsewhere $nowhere', (row) => {
    expect(mayTake(row.stroke, field, 'windows')).toBe(row.field);
    expect(mayTake(row.stroke, list, 'windows')).toBe(row.list);
    expect(mayTake(row.stroke, nowhere, 'windows')).toBe(row.nowhere);
  });

  test.each([
    ['alt+w', false],
    ['alt+left', false],
    ['meta+k', false],
    ['ctrl+k', true],
    ['alt+f1', true],
  ])('on macOS a field lets %s go: %s', (stroke, free) => {
    expect(mayTake(stroke, field, 'mac')).toBe(free);
  });
});
