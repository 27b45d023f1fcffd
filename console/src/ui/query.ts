/**
 * What people type into search fields: words, and terms with a key such as `office:lyon`. `-` before a term excludes, quotes keep spaces together.
 * Nothing is an error: what is not a term is a word.
 */

export interface Term {
  /** `undefined` for a plain word. */
  key: string | undefined;
  value: string;
  isNegated: boolean;
  /** Where it stands in the text: from, to. */
  from: number;
  to: number;
}

/** The terms of a text, in order. Only `keys` make a term with a key (all words before a colon when they are not given); `c:\x` stays a word. */
export function parseQuery(text: string, keys?: readonly string[]): Term[] {
  const terms: Term[] = [];
  const pattern = /(-?)(?:([A-Za-z][\w-]*):)?(?:"([^"]*)"?|(\S+))?/gy;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null || found[0] === '') break;
    const [whole, minus, key, quoted, plain] = found;
    const isKey = key !== undefined && (keys === undefined || keys.includes(key.toLowerCase()));
    const from = at;
    at += whole.length;
    const term = isKey
      ? { key: key.toLowerCase(), value: quoted ?? plain ?? '', isNegated: minus === '-' }
      : wordOf(whole, minus === '-', quoted, key);
    terms.push({ ...term, from, to: at });
  }
  return terms;
}

function wordOf(whole: string, startsWithMinus: boolean, quoted: string | undefined, key: string | undefined) {
  const isNegated = startsWithMinus && whole.length > 1;
  const word = isNegated ? whole.slice(1) : whole;
  return { key: undefined, value: quoted !== undefined && key === undefined ? quoted : word, isNegated };
}

/** A term as it is typed. */
export function formatTerm({ key, value, isNegated }: Pick<Term, 'key' | 'value' | 'isNegated'>): string {
  const text = /[\s"]/.test(value) || value === '' ? `"${value.replaceAll('"', '')}"` : value;
  return `${isNegated ? '-' : ''}${key === undefined ? '' : `${key}:`}${text}`;
}

/** The text without one of its terms. */
export function withoutTerm(text: string, term: Pick<Term, 'from' | 'to'>): string {
  return `${text.slice(0, term.from)} ${text.slice(term.to)}`.replace(/\s+/g, ' ').trim();
}

/** The text with a term at its end; unchanged when it is there already. */
export function withTerm(text: string, term: Pick<Term, 'key' | 'value' | 'isNegated'>): string {
  const added = formatTerm(term);
  const has = parseQuery(text).some((each) => formatTerm(each) === added);
  return has ? text : `${text.trim()} ${added}`.trim();
}

/** What a term looks at: the values of a key, or without key all texts a word is looked for in. */
export type ValuesOf<Row> = (row: Row, key: string | undefined) => readonly (string | null | undefined)[];

/** Whether a row satisfies all terms. A term with a key is about the start of a value, a word about any place; without regard to case. */
export function matchesQuery<Row>(row: Row, terms: readonly Term[], valuesOf: ValuesOf<Row>): boolean {
  return terms.every(({ key, value, isNegated }) => {
    if (value === '') return true;
    const wanted = value.toLowerCase();
    const found = valuesOf(row, key).some((each) => {
      const text = each?.toLowerCase();
      return key === undefined ? (text?.includes(wanted) ?? false) : (text?.startsWith(wanted) ?? false);
    });
    return found !== isNegated;
  });
}
