import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Part as Parsed, parseMessage } from './icu.ts';
import { defineMessages, type WrittenMessage } from './messages.ts';
import { pseudoText } from './pseudo.ts';
import { translator } from './translate.ts';

/** Every text of the console: what all files named messages.ts export. */
const all: WrittenMessage[] = [];

beforeAll(async () => {
  const sources = join(import.meta.dirname, '..');
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:.*-)?messages\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${join(sources, 'server')}/`) && !path.startsWith(import.meta.dirname));
  for (const file of files) {
    const exported: Record<string, unknown> = await import(file);
    for (const value of Object.values(exported)) if (isMessages(value)) all.push(...Object.values(value));
  }
});

function isMessages(value: unknown): value is Readonly<Record<string, WrittenMessage>> {
  if (typeof value !== 'object' || value === null) return false;
  const values = Object.values(value) as Partial<WrittenMessage>[];
  return values.length > 0 && values.every(({ id, en, de }) => [id, en, de].every((text) => typeof text === 'string'));
}

interface Part {
  type: number;
  value: string;
  options?: Record<string, { value: Part[] }>;
}

const KINDS = ['literal', 'argument', 'number', 'date', 'time', 'select', 'plural', 'pound', 'tag'];

/** The arguments of a parsed text with their kinds, and for selections the choices: what must be the same in all languages. */
function argumentsOf(parts: readonly Part[]): string[] {
  const found = parts.flatMap((part) => {
    const kind = KINDS[part.type] ?? String(part.type);
    if (kind === 'literal' || kind === 'pound') return [];
    const inner = Object.values(part.options ?? {}).flatMap((option) => argumentsOf(option.value));
    // Languages differ in their plurals, not in what a selection is made of.
    const choices =
      kind === 'select'
        ? `(${Object.keys(part.options ?? {})
            .toSorted()
            .join()})`
        : '';
    return [`${part.value}: ${kind === 'number' || kind === 'plural' ? 'number' : kind}${choices}`, ...inner];
  });
  return [...new Set(found)].toSorted();
}

function parse(text: string): Part[] {
  return new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst() as unknown as Part[];
}

/** Everything of a parsed message but its words. */
function skeletonOf(parts: readonly Parsed[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return '';
      if (part.kind !== 'plural' && part.kind !== 'select') return JSON.stringify(part);
      return `${part.kind} ${part.name} ${[...part.options].map(([key, option]) => `${key}{${skeletonOf(option)}}`).join()}`;
    })
    .join('');
}

describe('all messages of the console', () => {
  test('there are some', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  test('no two share an id', () => {
    const ids = all.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('none is empty in any language', () => {
    expect(all.filter(({ en, de }) => en.trim() === '' || de.trim() === '').map(({ id }) => id)).toEqual([]);
  });

  test('all can be parsed, and take the same arguments in English and German', () => {
    const wrong = all.flatMap(({ id, en, de }) => {
      try {
        const [english, german] = [argumentsOf(parse(en)).join(' | '), argumentsOf(parse(de)).join(' | ')];
        return english === german ? [] : [`${id}: ${english} / ${german}`];
      } catch (error) {
        return [`${id}: ${String(error)}`];
      }
    });
    expect(wrong).toEqual([]);
  });

  test('the pseudo-locale keeps their arguments, and is longer and bracketed', () => {
    const wrong = all.filter(({ en }) => {
      const parts = parseMessage(en);
      const pseudo = pseudoText(parts);
      return skeletonOf(pseudo) !== skeletonOf(parts) || pseudo.at(0) !== '[' || pseudo.at(-1) !== ']';
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(
      all.every(
        (message) => translator('pseudo')(message).length > message.en.length * 1.1 || message.en.includes('{'),
      ),
    ).toBe(true);
  });
});

describe('saying a message', () => {
  const messages = defineMessages(
    'test',
    { pcs: '{count, plural, one {# PC} other {# PCs}} in {office}', broken: 'fine {name}', plain: '5 < 6 & <b>' },
    { pcs: '{count, plural, one {# PC} other {# PCs}} in {office}', broken: 'kaputt {name', plain: '5 < 6 & <b>' },
  );

  test('puts numbers as the language writes them', () => {
    expect(translator('en')(messages.pcs, { count: 1200, office: 'Lyon' })).toBe('1,200 PCs in Lyon');
    expect(translator('de')(messages.pcs, { count: 1200, office: 'Lyon' })).toBe('1.200 PCs in Lyon');
    expect(translator('en')(messages.pcs, { count: 1, office: 'Lyon' })).toBe('1 PC in Lyon');
  });

  test('falls back to English when the translation is broken', () => {
    expect(translator('de')(messages.broken, { name: 'x' })).toBe('fine x');
  });

  test('shows the text itself rather than fail when a value is missing', () => {
    expect(translator('en')(messages.pcs)).toBe(messages.pcs.en);
    expect(translator('de')(messages.pcs)).toBe(messages.pcs.en);
  });

  test('takes values and texts as they are, never as markup or message', () => {
    expect(translator('en')(messages.plain)).toBe('5 < 6 & <b>');
    expect(translator('en')(messages.pcs, { count: 2, office: '{evil} <script>' })).toBe('2 PCs in {evil} <script>');
  });
});
