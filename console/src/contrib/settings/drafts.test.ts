import { expect, test, vi } from 'vitest';
import { changesBetween, createDrafts, rebased, withValue } from './drafts.ts';
import { settingsText } from './json-text.ts';

test('a text is a draft as soon as it differs, and none when it is as before', () => {
  const drafts = createDrafts();
  const heard = vi.fn();
  drafts.onDidChange(heard);
  drafts.edit('user', '{"a": 1', { a: 1 });
  expect(drafts.get('user')).toEqual({ text: '{"a": 1', base: { a: 1 } });
  expect(drafts.get('server')).toBeUndefined();
  drafts.edit('user', settingsText({ a: 1 }), { a: 1 });
  expect(drafts.get('user')).toBeUndefined();
  expect(heard).toHaveBeenCalledTimes(2);
});

test('a draft keeps what it began with when settings change elsewhere', () => {
  const drafts = createDrafts();
  drafts.edit('user', '{"a": 2}', { a: 1 });
  drafts.edit('user', '{"a": 3}', { a: 9 });
  expect(drafts.get('user')?.base).toEqual({ a: 1 });
});

test('changes name what is set anew and what falls back to its default', () => {
  expect(changesBetween({ a: 1, b: [1], c: 3 }, { a: 1, b: [2], d: 4 })).toEqual({
    set: [
      ['b', [2]],
      ['d', 4],
    ],
    reset: ['c'],
  });
});

test('taking both keeps what others changed and puts mine over it', () => {
  const base = { a: 1, b: 1, c: 1 };
  expect(rebased(base, { a: 2, c: 1 }, { a: 1, b: 1, c: 5, d: 7 })).toEqual({ a: 2, c: 5, d: 7 });
});

test('one value is set, or taken away', () => {
  expect(withValue({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
  expect(withValue({ a: 1, b: 2 }, 'b', undefined)).toEqual({ a: 1 });
});
