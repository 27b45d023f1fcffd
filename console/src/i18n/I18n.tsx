'use client';
/** The reader's language, for every component below. Without a provider everything is English. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type ByteUnits, createFormat, type Format } from './format.ts';
import { isSpoken, learn } from './languages.ts';
import { type Locale, type Translate, translator } from './translate.ts';

interface Language {
  text: Translate;
  format: Format;
}

const Context = createContext<Language>({ text: translator('en'), format: createFormat({ locale: 'en' }) });

export interface I18nProviderProps {
  locale: Locale;
  /** Decimal units when not given. */
  byteUnits?: ByteUnits;
  /** What ages are counted from; the browser's clock when not given. */
  now?: () => number;
  children: ReactNode;
}

/**
 * Sets the language of everything inside, and of the page, which screen readers pronounce by it. While a language is being loaded everything stays in
 * the one before.
 */
export function I18nProvider({ locale: wanted, byteUnits = 'si', now = Date.now, children }: I18nProviderProps) {
  const locale = useSpoken(wanted);
  const language = useMemo(
    () => ({ text: translator(locale), format: createFormat({ locale, byteUnits, now }) }),
    [locale, byteUnits, now],
  );
  useEffect(() => {
    document.documentElement.lang = locale === 'de' ? 'de' : 'en';
  }, [locale]);
  return <Context value={language}>{children}</Context>;
}

/** The wanted language as soon as it can be spoken; until then, or if it cannot be loaded, the one before. */
function useSpoken(wanted: Locale): Locale {
  const [spoken, setSpoken] = useState<Locale>(isSpoken(wanted) ? wanted : 'en');
  useEffect(() => {
    let isWanted = true;
    learn(wanted).then(
      () => {
        if (isWanted) setSpoken(wanted);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  return isSpoken(wanted) ? wanted : spoken;
}

/** Says messages in the reader's language. Changes only with the language. */
export function useText(): Translate {
  return useContext(Context).text;
}

/** Formats numbers and times in the reader's language and units. Changes only with them. */
export function useFormat(): Format {
  return useContext(Context).format;
}

/** The language of the browser if the console speaks it, else English. */
export function browserLocale(languages: readonly string[]): Locale {
  const first = languages
    .map((language) => language.toLowerCase().split('-')[0])
    .find((each) => each === 'de' || each === 'en');
  return first === 'de' ? 'de' : 'en';
}
