/**
 * Texts of the console, each in every language side by side, so that none can be forgotten. Every feature keeps its own in a `messages.ts` beside
 * its code; nothing that a person reads stands anywhere else. The texts are ICU messages: plurals and values belong to the sentence.
 */

/** One text in all languages of the console. `en` and `de` take the same arguments. */
export interface Message {
  /** Unique in the console: `feature.key`. */
  readonly id: string;
  readonly en: string;
  /** Pages have it elsewhere: see german.ts. */
  readonly de?: string | undefined;
}

/** A text as its author writes it: in all languages. */
export interface WrittenMessage extends Message {
  readonly de: string;
}

/** The messages of one feature. `de` must have exactly the keys of `en`; a message's id is `prefix.key`. */
export function defineMessages<K extends string>(
  prefix: string,
  en: Record<K, string>,
  de: Record<NoInfer<K>, string>,
): { readonly [P in K]: WrittenMessage } {
  const keys = Object.keys(en) as K[];
  return Object.fromEntries(
    keys.map((key) => [key, { id: `${prefix}.${key}`, en: en[key], de: de[key] } satisfies WrittenMessage]),
  ) as { readonly [P in K]: WrittenMessage };
}
