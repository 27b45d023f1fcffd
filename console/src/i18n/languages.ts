/** Which languages this page can speak already, and how it learns another. English is always there. */
import type { Locale } from './translate.ts';

let germanTexts: Readonly<Record<string, string>> | undefined;
let loading: Promise<void> | undefined;

/** Whether texts can be said in `locale` now. The server has all of them. */
export function isSpoken(locale: Locale): boolean {
  return locale !== 'de' || germanTexts !== undefined || typeof window === 'undefined';
}

/** Loads what `locale` needs; the same promise until it failed. */
export function learn(locale: Locale): Promise<void> {
  if (isSpoken(locale)) return Promise.resolve();
  loading ??= import('./german.ts').then(
    ({ german }) => {
      germanTexts = german;
    },
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** The German text of a message that does not bring its own. */
export function germanOf(id: string): string | undefined {
  return germanTexts?.[id];
}
