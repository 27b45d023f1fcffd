/** Turns a message and its values into a sentence. Parsed texts are kept; a broken text falls back to English and never throws. */
import { formatMessage, type Language, type Part, parseMessage } from './icu.ts';
import { germanOf } from './languages.ts';
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

const cache: Record<Locale, Map<string, readonly Part[]>> = { en: new Map(), de: new Map(), pseudo: new Map() };
const languages = new Map<Locale, Language>();

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
    return formatMessage(parsed(message, locale), languageOf(locale), values);
  } catch {
    // A broken translation, or a value that is missing: English says it, or else the text as it was written.
    try {
      return formatMessage(parsed(message, 'en'), languageOf('en'), values);
    } catch {
      return message.en;
    }
  }
}

function languageOf(locale: Locale): Language {
  let language = languages.get(locale);
  if (language === undefined) {
    const name = intlLocales[locale];
    language = { number: new Intl.NumberFormat(name), plural: new Intl.PluralRules(name) };
    languages.set(locale, language);
  }
  return language;
}

function parsed(message: Message, locale: Locale): readonly Part[] {
  const known = cache[locale];
  // By id and text: a development server replaces texts under the same id.
  const text = (locale === 'de' ? (message.de ?? germanOf(message.id)) : undefined) ?? message.en;
  const key = `${message.id} ${text}`;
  let parts = known.get(key);
  if (parts === undefined) {
    parts = parseMessage(text);
    if (locale === 'pseudo') parts = pseudoText(parts);
    known.set(key, parts);
  }
  return parts;
}
