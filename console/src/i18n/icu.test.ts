import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import { formatMessage, type Language, type Part, parseMessage } from './icu.ts';
import type { WrittenMessage } from './messages.ts';

const languageOf = (name: string): Language => ({
  number: new Intl.NumberFormat(name),
  plural: new Intl.PluralRules(name),
});
const languages = { en: languageOf('en-GB'), de: languageOf('de-DE') };
const names = { en: 'en-GB', de: 'de-DE' } as const;

const say = (text: string, values: Record<string, string | number> = {}, language: keyof typeof languages = 'en') =>
  formatMessage(parseMessage(text), languages[language], values);
/** What the library says: the measure of all that is said here. */
const sayByLibrary = (text: string, values: Record<string, string | number>, language: keyof typeof languages = 'en') =>
  String(new IntlMessageFormat(text, names[language], undefined, { ignoreTag: true }).format(values));

function namesIn(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string' || part.kind === 'pound') return [];
    if (part.kind === 'argument' || part.kind === 'number') return [part.name];
    return [part.name, ...[...part.options.values()].flatMap(namesIn)];
  });
}

async function everyMessage(): Promise<WrittenMessage[]> {
  const sources = join(import.meta.dirname, '..');
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => /^(?:.*-)?messages\.ts$/.test(entry.name) && entry.parentPath !== import.meta.dirname)
    .map((entry) => join(entry.parentPath, entry.name));
  const modules: Record<string, Record<string, WrittenMessage>>[] = await Promise.all(
    files.map((file) => import(file)),
  );
  return modules.flatMap((module) => Object.values(module).flatMap((messages) => Object.values(messages)));
}

describe('every text of the console is said as the library says it', () => {
  test.each([0, 1, 2, 21, 1234.5, -1])('with %d', async (number) => {
    const messages = await everyMessage();
    expect(messages.length).toBeGreaterThan(500);
    const wrong = messages.flatMap(({ id, en, de }) =>
      Object.entries({ en, de }).flatMap(([language, text]) => {
        const values = Object.fromEntries(namesIn(parseMessage(text)).map((name) => [name, number]));
        const [ours, theirs] = [say, sayByLibrary].map((each) => each(text, values, language as 'en' | 'de'));
        return ours === theirs ? [] : [`${id}: ${ours} / ${theirs}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('syntax', () => {
  test.each([
    "it's {name}",
    "'{name}' is {name}",
    "''{name}''",
    "two '' and '{' one",
    '{n, plural, =0 {none} one {# of {name}} other {# of them}}',
    "{n, plural, one {'#' is #} other {it''s #}}",
    '{kind, select, a {an A} other {{n, plural, one {# other} other {# others}}}}',
    '{n, plural, one {{kind, select, a {# A} other {# B}}} other {{kind, select, a {# As} other {# Bs}}}}',
    '  spaces { name }  ,{n , number} ',
    'a # outside',
    '5 < 6 & <b>bold</b>',
    "an open 'quote and '{never closed",
  ])('%s', (text) => {
    for (const n of [0, 1, 2, 5000])
      for (const kind of ['a', 'b']) {
        const values = { n, kind, name: '{evil} <i> #' };
        expect(say(text, values)).toBe(sayByLibrary(text, values));
      }
  });

  test.each([
    '{',
    '}',
    'a {name',
    '{}',
    '{n, plural}',
    '{n, plural, one {x}}',
    '{n, plural, one x other {y}}',
    '{d, date}',
    '{n, plural, one {x} other {y}',
  ])('%s is none', (text) => {
    expect(() => parseMessage(text)).toThrow(SyntaxError);
  });

  test('a value that is missing is an error', () => {
    expect(() => say('{name}')).toThrow('name');
  });

  test('whatever is written is read or refused, and never loops', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('{', '}', "'", '#', 'n', ',', ' plural,', ' other {', 'x')).map((all) => all.join('')),
        (text) => {
          try {
            return Array.isArray(parseMessage(text));
          } catch (error) {
            return error instanceof SyntaxError;
          }
        },
      ),
    );
  });
});
