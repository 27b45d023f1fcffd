import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines, linesOf } from './line-diff.ts';

const shown = (before: string, after: string) =>
  diffLines([...before], [...after]).map(
    ({ kind, before: was, after: is }) => `${kind} ${was?.text ?? ''}${is?.text ?? ''}`,
  );

test.each([
  { name: 'the same', before: 'ab', after: 'ab', rows: ['same aa', 'same bb'] },
  { name: 'a line replaced', before: 'abc', after: 'axc', rows: ['same aa', 'changed bx', 'same cc'] },
  { name: 'a line more', before: 'ac', after: 'abc', rows: ['same aa', 'added b', 'same cc'] },
  { name: 'a line less', before: 'abc', after: 'ac', rows: ['same aa', 'removed b', 'same cc'] },
  { name: 'everything new', before: '', after: 'ab', rows: ['added a', 'added b'] },
  { name: 'everything gone', before: 'ab', after: '', rows: ['removed a', 'removed b'] },
  { name: 'two for one', before: 'axb', after: 'a12b', rows: ['same aa', 'changed x1', 'added 2', 'same bb'] },
  { name: 'nothing', before: '', after: '', rows: [] },
])('$name', ({ before, after, rows }) => {
  expect(shown(before, after)).toEqual(rows);
});

test('every line stands once, in order, under its number; lines of one row are the same exactly when it says so', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const rows = diffLines(before, after);
      const numbered = (lines: string[]) => lines.map((line, index) => ({ line: index + 1, text: line }));
      expect(rows.flatMap((row) => row.before ?? [])).toEqual(numbered(before));
      expect(rows.flatMap((row) => row.after ?? [])).toEqual(numbered(after));
      for (const { kind, before: was, after: is } of rows) {
        if (kind === 'same') expect(was?.text).toBe(is?.text);
        if (kind === 'changed') expect(was === undefined || is === undefined).toBe(false);
      }
    }),
  );
});

test('fields are lines in one order, with secrets in words', () => {
  const secret = { set: '(secret)', changed: '(secret, changed)' };
  expect(linesOf({ b: [1, { password: { $secret: 'changed' } }], a: { $secret: 'set' } }, secret)).toEqual([
    '{',
    '  "a": "(secret)",',
    '  "b": [',
    '    1,',
    '    {',
    '      "password": "(secret, changed)"',
    '    }',
    '  ]',
    '}',
  ]);
  expect(linesOf(null, secret)).toEqual([]);
});
