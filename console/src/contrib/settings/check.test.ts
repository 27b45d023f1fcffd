import { expect, test } from 'vitest';
import { z } from 'zod';
import { translator } from '../../i18n/translate.ts';
import { boundsOf, faultOf, nearest, problemsOf } from './check.ts';
import { sayFault } from './fault.ts';
import { readSettingsText } from './json-text.ts';
import { definitions, setting } from './settings-fixture.ts';

const said = (fault: ReturnType<typeof faultOf>) => (fault === undefined ? 'fits' : sayFault(fault, translator('en')));

test.each([
  ['a.percent', 50, 'fits'],
  ['a.percent', 150, 'Must be 100 or less.'],
  ['a.percent', -1, 'Must be 0 or more.'],
  ['a.percent', 0.5, 'Must be a whole number, without a fraction.'],
  ['a.percent', 'much', 'Must be a number, and is a text in quotes.'],
  ['a.percent', null, 'Must be a number, and is null.'],
  ['a.on', 'yes', 'Must be true or false, and is a text in quotes.'],
  ['a.theme', 'pink', 'Must be one of: "dark", "light".'],
  ['a.name', '', 'Must have at least 1 character.'],
  ['a.name', 'x'.repeat(21), 'Must have at most 20 characters.'],
  ['a.name', ['x'], 'Must be a text in quotes, and is a list.'],
])('%s = %j: %s', (key, value, words) => {
  expect(said(faultOf(definitions.get(key)!, value))).toBe(words);
});

test('a rule of the feature is said in its own words', () => {
  const even = setting('a.even', { kind: 'number', schema: z.number().refine((n) => n % 2 === 0, 'must be even') });
  expect(said(faultOf(even, 3))).toBe('must be even');
});

test('a field knows its bounds from the schema', () => {
  expect(boundsOf(definitions.get('a.percent')!)).toEqual({ min: 0, max: 100, step: 1 });
  expect(boundsOf({ schema: z.number() })).toEqual({ step: 'any' });
});

const problems = (text: string, kept = {}) =>
  problemsOf(readSettingsText(text), definitions, kept).map(
    ({ line, column, severity, fault }) => `${severity} ${line}:${column} ${sayFault(fault, translator('en'))}`,
  );

test('every value that does not fit is told at its place', () => {
  expect(problems('{\n  "a.percent": 150,\n  "a.on": 1\n}')).toEqual([
    'error 2:16 Must be 100 or less.',
    'error 3:11 Must be true or false, and is a number.',
  ]);
});

test('an unknown name is an error with the nearest name', () => {
  expect(problems('{"a.procent": 5}')).toEqual(['error 1:2 No setting is called “a.procent”. Was “a.percent” meant?']);
  expect(problems('{"zzz": 5}')).toEqual([
    'error 1:2 No setting is called “zzz”. Remove it, or look for its name in the form.',
  ]);
});

test('what was kept for a feature that is gone stays, with a warning', () => {
  expect(problems('{"gone.thing": 5}', { 'gone.thing': 5 })[0]).toMatch(/^warning/);
  expect(problems('{"gone.thing": 6}', { 'gone.thing': 5 })[0]).toMatch(/^error/);
});

test('a text that is no JSON has one problem', () => {
  expect(problems('{"a.percent": 150,}')).toHaveLength(1);
});

test('names too far away are not suggested', () => {
  expect(nearest('b', ['a.percent'])).toBeUndefined();
  expect(nearest('A.PERCENT', ['a.percent'])).toBe('a.percent');
});
