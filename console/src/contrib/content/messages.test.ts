/** Texts of this feature in both languages: they parse, and take the same values. */
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { contentEditorText } from './editor-messages.ts';
import { contentText } from './messages.ts';
import { reasonText, stepText } from './reason-messages.ts';
import { verifyText } from './verify/messages.ts';

const all = [contentText, contentEditorText, reasonText, stepText, verifyText].flatMap((messages) =>
  Object.values(messages),
);

test.each(all)('$id takes the same values in both languages', ({ en, de }) => {
  expect(argumentsOf(de)).toEqual(argumentsOf(en));
  expect(de).not.toBe('');
});

function argumentsOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (elements: ReturnType<IntlMessageFormat['getAst']>) => {
    for (const element of elements) {
      if (element.type !== 0 && element.type !== 7 && 'value' in element) names.add(String(element.value));
      if ('options' in element)
        for (const option of Object.values(element.options)) walk(option.value as typeof elements);
    }
  };
  walk(new IntlMessageFormat(message, 'en-GB').getAst());
  return [...names].sort();
}
