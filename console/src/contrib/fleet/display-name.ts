/** Names that agents and offices give themselves, as rows show them. They may be anything: very long, full of markup, written to turn what is around. */
import { UNKNOWN } from '../../i18n/format.ts';
import { cutText } from '../../ui/foreign-text.ts';

/** Longer names say nothing more to anybody, and cost memory in every title. */
const MAX_CHARS = 120;
/** What almost all names are: nothing in it can harm, and ten thousand of them are looked at when a page opens. */
const harmless = /^[!-~](?:[ -~]{0,118}[!-~])?$/;

/** The name as one line of at most 120 characters; an ellipsis says that there is more. Never empty. */
export function cutName(name: string): string {
  if (harmless.test(name)) return name;
  const cut = cutText(name, MAX_CHARS).trim();
  return cut === '' ? UNKNOWN : cut;
}

const DIGITS = 12;

/**
 * A key that orders names as people do when keys are compared with `<`: without regard to case and accents, numbers by their value. Comparing keys
 * is a hundred times cheaper than asking `Intl.Collator` at every step of sorting ten thousand names.
 */
export function sortKeyOf(name: string): string {
  const plain = harmless.test(name)
    ? name
    : name
        .slice(0, 200)
        .normalize('NFKD')
        .replace(/\p{Mn}+/gu, '');
  return plain.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS, '0'));
}
