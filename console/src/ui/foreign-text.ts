/** Texts that others wrote (file names, host names, words of agents) inside sentences, titles and labels, where no `<bdi>` can stand. */

/** Characters that change the direction or the order of what follows, and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a sentence
const unruly = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066\u2067]/g;
/** What a text is isolated with; in a text that is to be isolated it would end that early. */
const isolating = /[\u2068\u2069]/g;

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/**
 * A text without anything that acts on the text round it, letter for letter as long as before: for names inside of a `<bdi>`, and for sentences in
 * which names are isolated already.
 */
export function tame(text: string): string {
  return text.replace(unruly, ' ');
}

/** At most `maxChars` characters of a text without anything that acts on the text round it; longer texts end in an ellipsis. */
export function cutText(text: string, maxChars = 160): string {
  // Cut first: a text of megabytes is not searched to its end. Surrogate pairs are not torn apart.
  const head = text.length > 4 * maxChars ? text.slice(0, 4 * maxChars) : text;
  const characters = [...tame(head).replace(isolating, ' ')];
  return characters.length <= maxChars && head === text
    ? characters.join('')
    : `${characters.slice(0, maxChars - 1).join('')}…`;
}

/** The same, isolated: whatever direction it has, the sentence round it keeps its own. */
export function foreign(text: string, maxChars?: number): string {
  return `${FIRST_STRONG_ISOLATE}${cutText(text, maxChars)}${POP_ISOLATE}`;
}
