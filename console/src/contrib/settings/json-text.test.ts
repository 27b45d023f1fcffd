import fc from 'fast-check';
import { expect, test } from 'vitest';
import { translator } from '../../i18n/translate.ts';
import { sayFault } from './fault.ts';
import { placeIn, readSettingsText, settingsText } from './json-text.ts';

const wrong = (text: string) => {
  const read = readSettingsText(text);
  return read.ok ? 'right' : `${read.error.line}:${read.error.column} ${sayFault(read.error.fault, translator('en'))}`;
};

test.each([
  ['', '1:1 The text is empty. Write at least {}.'],
  ['[]', '1:1 The settings must be one object: begin with {.'],
  ['{', '1:2 The text ends too early. Expected: a name in quotes.'],
  ['{\n  "a" 1\n}', '2:7 1 cannot stand here. Expected: a colon.'],
  ['{"a": 1 "b": 2}', '1:9 " cannot stand here. Expected: a comma or a closing brace.'],
  ['{"a": 1,\n}', '1:8 No comma may stand before the closing bracket. Remove it.'],
  ['{"a": dark}', '1:7 dark is no value. Texts need double quotes; else true, false or null.'],
  ["{'a': 1}", "1:2 ' cannot stand here. Expected: a name in quotes."],
  ['{"a": 01}', '1:7 01 is no number. Write it like 0.5.'],
  ['{"a": "x\n"}', '1:7 The text in quotes is not closed, or holds a line break.'],
  ['{"a": "\\x"}', '1:8 After a backslash only these may stand: " \\ / b f n r t u0041.'],
  ['{\n// no\n}', '2:1 JSON has no comments. Remove it.'],
  ['{"a": 1, "a": 2}', '1:10 “a” stands here twice. Remove one.'],
  ['{} x', '1:4 x cannot stand here. Expected: the end of the text.'],
  ['{"a": [1,]}', '1:9 No comma may stand before the closing bracket. Remove it.'],
  ['{"a": }', '1:7 } cannot stand here. Expected: a value.'],
])('%j is refused at its place, with what helps', (text, said) => {
  expect(wrong(text)).toBe(said);
});

test('a text that is too deep or too long is refused, not followed', () => {
  expect(wrong(`{"a": ${'['.repeat(100)}${']'.repeat(100)}}`)).toContain('nested too deeply');
  expect(wrong(`{"a": "${'x'.repeat(70_000)}"}`)).toContain('longer than');
});

test('keys and values stand where they stand', () => {
  const read = readSettingsText('{\n  "workbench.theme": "dark",\n  "a": [1, {"b": null}]\n}\n');
  expect(read.ok && read.values).toEqual({ 'workbench.theme': 'dark', a: [1, { b: null }] });
  expect(read.ok && read.places.get('a')).toMatchObject({ key: { line: 3, column: 3 }, value: { line: 3, column: 8 } });
});

test('a key named like a part of every object is a key', () => {
  const read = readSettingsText('{"__proto__": {"x": 1}}');
  expect(read.ok && Object.hasOwn(read.values, '__proto__')).toBe(true);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('whatever is written is read back', () => {
  const keys = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })), (values) => {
      const read = readSettingsText(settingsText(values));
      expect(read.ok && JSON.stringify(read.values)).toBe(JSON.stringify(values));
    }),
    { numRuns: 200 },
  );
});

test('it refuses what JSON.parse refuses', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30, unit: fc.constantFrom(...'{}[]",:1e-.atrue \n\\') }), (inside) => {
      const text = `{${inside}}`;
      const read = readSettingsText(text);
      if (read.ok) expect(JSON.parse(text)).toEqual(read.values);
    }),
    { numRuns: 500 },
  );
});

test('a place is counted as editors count', () => {
  expect(placeIn('ab\ncd', 4)).toEqual({ line: 2, column: 2, offset: 4 });
});
