/** Texts of the fleet in both languages: they parse, and take the same values. */
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { editorMessages } from './editor-messages.ts';
import { messages } from './messages.ts';

const all = [messages, editorMessages].flatMap((each) => Object.values(each));

test.each(all)('$id takes the same values in both languages', ({ en, de }) => {
  expect(argumentsOf(de)).toEqual(argumentsOf(en));
  expect(de).not.toBe('');
});

type Elements = ReturnType<IntlMessageFormat['getAst']>;

/** Literals and the `#` of a plural. */
const PLAIN: readonly number[] = [0, 7];

function argumentsOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (elements: Elements) => {
    for (const element of elements) {
      if (!PLAIN.includes(element.type) && 'value' in element) names.add(String(element.value));
      if ('options' in element) for (const option of Object.values(element.options)) walk(option.value as Elements);
    }
  };
  walk(new IntlMessageFormat(message, 'en-GB', undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}
