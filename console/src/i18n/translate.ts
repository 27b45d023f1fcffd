/** Turns a message and its values into a sentence. Parsed texts are kept; a broken text falls back to English and never throws. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { Message } from './messages.ts';
import { pseudoText } from './pseudo.ts';

/** `pseudo` is English made longer and bracketed: it shows text that is clipped, joined or not translated. */
export const locales = ['en', 'de', 'pseudo'] as const;
export type Locale = (typeof locales)[number];

/** The languages of `Intl` for each locale. British English: day before month, 24 hours. */
export const intlLocales = { en: 'en-GB', de: 'de-DE', pseudo: 'en-GB' } as const satisfies Record<Locale, string>;

/** What messages take. */
export type MessageValues = Readonly<Record<string, string | number>>;

/** Says a message in one language. */
export type Translate = (message: Message, values?: MessageValues) => string;

const cache: Record<Locale, Map<string, IntlMessageFormat>> = { en: new Map(), de: new Map(), pseudo: new Map() };

/** Says messages in `locale`. The same function for the same locale, so that it can stand in a list of dependencies. */
export function translator(locale: Locale): Translate {
  return translators[locale];
}

const translators: Record<Locale, Translate> = {
  en: (message, values) => say(message, 'en', values),
  de: (message, values) => say(message, 'de', values),
  pseudo: (message, values) => say(message, 'pseudo', values),
};

function say(message: Message, locale: Locale, values: MessageValues | undefined): string {
  try {
    return String(parsed(message, locale).format(values));
  } catch {
    // A broken translation, or a value that is missing: English says it, or else the text as it was written.
    try {
      return String(parsed(message, 'en').format(values));
    } catch {
      return message.en;
    }
  }
}

function parsed(message: Message, locale: Locale): IntlMessageFormat {
  const known = cache[locale];
  // By id and text: a development server replaces texts under the same id.
  const text = locale === 'de' ? message.de : message.en;
  const key = `${message.id} ${text}`;
  let format = known.get(key);
  if (format === undefined) {
    format = new IntlMessageFormat(text, intlLocales[locale], undefined, { ignoreTag: true });
    if (locale === 'pseudo') format = new IntlMessageFormat(pseudoText(format.getAst()), intlLocales[locale]);
    known.set(key, format);
  }
  return format;
}
