import { expect, test } from 'vitest';
import { cutText, foreign, tame } from './foreign-text.ts';

test('a short text stays as it is', () => {
  expect(cutText('PC-LYO-07')).toBe('PC-LYO-07');
});

test('a text of five thousand characters is cut with an ellipsis', () => {
  const cut = cutText('x'.repeat(5000), 20);
  expect([...cut]).toHaveLength(20);
  expect(cut.endsWith('…')).toBe(true);
});

test('no character of a pair is left alone by the cut', () => {
  expect(cutText('😀😀😀😀', 3)).toBe('😀😀…');
});

test('nothing in it can turn the sentence round it', () => {
  expect(foreign('evil\u202egpj.exe\u2069')).toBe('\u2068evil gpj.exe \u2069');
});

test('line breaks become spaces', () => {
  expect(cutText('a\nb\tc')).toBe('a b c');
});

test('a tamed name is as long as before, so that what was found in it can be marked', () => {
  const name = 'evil\u202etxt.exe';
  expect(tame(name)).toBe('evil txt.exe');
  expect(tame(name)).toHaveLength(name.length);
});
