import { expect, test } from 'vitest';
import { cutName, sortKeyOf } from './display-name.ts';

test('a name of 5000 characters is cut, and says so', () => {
  const cut = cutName('x'.repeat(5000));
  expect([...cut]).toHaveLength(120);
  expect(cut.endsWith('…')).toBe(true);
});

test('a name is one line and never empty', () => {
  expect(cutName('a\rb\u0000c')).toBe('a b c');
  expect(cutName(' \t ')).toBe('—');
});

test('markup stays the text it is', () => {
  expect(cutName('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
});

test('what turns the writing direction is taken out', () => {
  expect(cutName('pc\u202egnp.exe')).toBe('pc gnp.exe');
});

test('names are in the order in which people count, without regard to case and accents', () => {
  const names = ['pc-10', 'PC-9', 'pc-100', 'Äpfel', 'apfel-2', 'Zürich'];
  const sorted = names.toSorted((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
  expect(sorted).toEqual(['Äpfel', 'apfel-2', 'PC-9', 'pc-10', 'pc-100', 'Zürich']);
});
