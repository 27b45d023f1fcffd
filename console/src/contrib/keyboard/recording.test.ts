import { expect, test } from 'vitest';
import { needsList, record } from './recording.ts';

const press = (key: string, modifiers = '') => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: modifiers.includes('c'),
  shiftKey: modifiers.includes('s'),
  altKey: modifiers.includes('a'),
  metaKey: modifiers.includes('m'),
});

test.each([
  { before: undefined, event: press('k', 'c'), recorded: { kind: 'key', key: 'ctrl+k' } },
  { before: 'ctrl+k', event: press('s', 'c'), recorded: { kind: 'key', key: 'ctrl+k ctrl+s' } },
  { before: 'ctrl+k ctrl+s', event: press('F6'), recorded: { kind: 'key', key: 'f6' } },
  { before: 'ctrl+k', event: press('Control', 'c'), recorded: { kind: 'nothing' } },
  { before: 'ctrl+k', event: press('Enter'), recorded: { kind: 'leading', stroke: 'enter' } },
  { before: undefined, event: press('Enter', 'c'), recorded: { kind: 'key', key: 'ctrl+enter' } },
  { before: undefined, event: press('Tab', 's'), recorded: { kind: 'leading', stroke: 'shift+tab' } },
  { before: undefined, event: press('a'), recorded: { kind: 'key', key: 'a' } },
])('after $before comes $recorded', ({ before, event, recorded }) => {
  expect(record(before, event, 'linux')).toEqual(recorded);
});

test.each([
  ['a', true],
  ['shift+a', true],
  ['delete', true],
  ['a b', true],
  ['f6', false],
  ['escape', false],
  ['alt+a', false],
  ['ctrl+k a', false],
])('%s works only in lists: %s', (key, expected) => {
  expect(needsList(key)).toBe(expected);
});
