import { expect, test } from 'vitest';
import { translator } from '../../i18n/translate.ts';
import { describe, eventKinds } from './describe.ts';

const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, '');
const words = (kind: string, body: Record<string, unknown>, locale: 'en' | 'de' = 'en') => {
  const { message, values } = describe({ kind, body });
  return plain(translator(locale)(message, values));
};

test.each([
  {
    kind: 'chain.rejected',
    body: { seq: 7, code: 'chain.fork', detail: 'two links' },
    said: 'Chain refused at entry 7: two links (chain.fork)',
    tone: 'error',
  },
  {
    kind: 'folder.blocked',
    body: { code: 'disk.full', detail: 'no space' },
    said: 'Folder blocked: no space (disk.full)',
    tone: 'error',
  },
  {
    kind: 'file.kept_aside',
    body: { path: 'a', keptAs: 'b' },
    said: 'a was changed on the PC; kept as b',
    tone: 'warning',
  },
  { kind: 'name.refused', body: {}, said: '— cannot be stored: —', tone: 'warning' },
  { kind: 'something.new', body: {}, said: 'Event of a kind this page does not know: something.new', tone: 'unknown' },
])('$kind is described in words', ({ kind, body, said, tone }) => {
  expect(words(kind, body)).toBe(said);
  expect(describe({ kind, body }).tone).toBe(tone);
});

test('every kind is said in German as well, with nothing left out', () => {
  const body = {
    seq: 1,
    code: 'c',
    detail: 'd',
    path: 'p',
    keptAs: 'k',
    storedAs: 's',
    reason: 'r',
    peer: 'abcdefghijkl',
  };
  for (const kind of Object.keys(eventKinds)) {
    expect(words(kind, body, 'de')).not.toMatch(/[{}]|—/);
    expect(words(kind, body, 'de')).not.toBe(words(kind, body, 'en'));
  }
});

test('a hostile text is cut and cannot turn the sentence round', () => {
  const { values } = describe({
    kind: 'name.refused',
    body: { path: `\u202e${'x'.repeat(5000)}`, reason: '<img onerror=1>' },
  });
  const path = String(values.path);
  expect(path.length).toBeLessThan(220);
  expect(path).not.toContain('\u202e');
  expect(String(values.reason)).toContain('<img onerror=1>');
});

test('a kind named like a property of every object is an unknown kind', () => {
  expect(describe({ kind: 'constructor', body: {} }).tone).toBe('unknown');
});
