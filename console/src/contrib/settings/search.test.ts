import { expect, test } from 'vitest';
import { translator } from '../../i18n/translate.ts';
import { definitionsOf, findSettings, scopeOf } from './search.ts';
import { section, setting } from './settings-fixture.ts';

const more = { ...section, settings: [setting('a.later')] };
const server = { ...section, section: 's', scope: 'server' as const, settings: [setting('s.limit')] };
const sections = [section, more, server];
const context = { isModified: (key: string) => key === 'a.name', text: translator('de') };
const keys = (query: string, scope: 'user' | 'server' = 'user') =>
  findSettings(sections, scope, query, context).flatMap(({ settings }) => settings.map(({ key }) => key));

test.each([
  ['', ['a.on', 'a.percent', 'a.theme', 'a.name', 'a.later']],
  ['PERCENT', ['a.percent']],
  ['@modified', ['a.name']],
  ['@modified percent', []],
  ['@id:a.theme', ['a.theme']],
  ['light', ['a.theme']],
  ['darüber theme', ['a.theme']],
  ['about theme', ['a.theme']],
])('"%s" finds %j', (query, found) => {
  expect(keys(query)).toEqual(found);
});

test('a scope shows its own settings, sections of one name together', () => {
  expect(keys('', 'server')).toEqual(['s.limit']);
  expect(findSettings(sections, 'user', '', context)).toHaveLength(1);
  expect(scopeOf(sections, 's.limit')).toBe('server');
  expect(scopeOf(sections, 'nothing')).toBeUndefined();
  expect([...definitionsOf(sections, 'server').keys()]).toEqual(['s.limit']);
});
