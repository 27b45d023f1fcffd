import { describe, expect, test } from 'vitest';
import { matchesQuery, parseQuery, withoutTerm, withTerm } from './query.ts';

const short = (text: string, keys?: readonly string[]) =>
  parseQuery(text, keys).map(({ key, value, isNegated }) => `${isNegated ? '!' : ''}${key ?? '*'}=${value}`);

describe('a query', () => {
  test.each([
    { text: '', terms: [] },
    { text: '   ', terms: [] },
    { text: 'lyon', terms: ['*=lyon'] },
    { text: 'office:lyon state:offline', terms: ['office=lyon', 'state=offline'] },
    { text: '-tag:old PC', terms: ['!tag=old', '*=PC'] },
    { text: 'office:"New York" pc', terms: ['office=New York', '*=pc'] },
    { text: '"two words"', terms: ['*=two words'] },
    { text: '-"two words"', terms: ['!*=two words'] },
    { text: 'OFFICE:Lyon', terms: ['office=Lyon'] },
    { text: 'office:', terms: ['office='] },
    { text: 'office:"not closed', terms: ['office=not closed'] },
    { text: '- --', terms: ['*=-', '!*=-'] },
    { text: '12:30', terms: ['*=12:30'] },
    { text: ':x ::', terms: ['*=:x', '*=::'] },
  ])('"$text"', ({ text, terms }) => {
    expect(short(text)).toEqual(terms);
  });

  test('knows only the keys it is given', () => {
    expect(short('c:\\users office:lyon http://x', ['office'])).toEqual(['*=c:\\users', 'office=lyon', '*=http://x']);
  });

  test('of any text ends, and says where its terms stand', () => {
    for (const text of ['"', '""', '-""', 'a"b c', 'k:"a"b', '\u0000:', '😀:😀 "😀']) {
      for (const { from, to } of parseQuery(text)) expect(to).toBeGreaterThan(from);
    }
    expect(parseQuery('  office:lyon x').map(({ from, to }) => [from, to])).toEqual([
      [2, 13],
      [14, 15],
    ]);
  });

  test('loses and gains terms', () => {
    const text = 'pc office:lyon -tag:old';
    const [, office] = parseQuery(text);
    expect(office && withoutTerm(text, office)).toBe('pc -tag:old');
    expect(withTerm('pc', { key: 'office', value: 'New York', isNegated: false })).toBe('pc office:"New York"');
    expect(withTerm('pc state:ok', { key: 'state', value: 'ok', isNegated: false })).toBe('pc state:ok');
  });
});

describe('a row', () => {
  const row = { name: 'PC-LYO-07', office: 'Lyon', state: 'offline' };
  const valuesOf = ({ name, office, state }: typeof row, key: string | undefined) =>
    key === undefined ? [name, office] : key === 'office' ? [office] : key === 'state' ? [state] : [];
  test.each([
    { text: '', found: true },
    { text: 'lyo', found: true },
    { text: 'office:ly state:off', found: true },
    { text: 'office:yon', found: false },
    { text: '-state:offline', found: false },
    { text: '-state:online', found: true },
    { text: 'tag:x', found: false },
    { text: '-tag:x', found: true },
    { text: 'office:', found: true },
  ])('"$text" finds it: $found', ({ text, found }) => {
    expect(matchesQuery(row, parseQuery(text), valuesOf)).toBe(found);
  });
});
