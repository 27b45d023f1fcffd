/** The pseudo-locale: accents, two fifths more length, brackets. Arguments, plurals and selections stay as they are. */
import type { IntlMessageFormat } from 'intl-messageformat';

/** A parsed ICU message. */
export type MessageAst = ReturnType<IntlMessageFormat['getAst']>;

/** What this looks at in a part of a message; everything else of it is kept. */
interface Part {
  readonly type: number;
  readonly value?: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Part[] }>>;
}

const accents: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  d: 'ð',
  e: 'é',
  g: 'ğ',
  i: 'í',
  l: 'ł',
  n: 'ñ',
  o: 'ö',
  r: 'ř',
  s: 'š',
  t: 'ţ',
  u: 'ü',
  y: 'ý',
  z: 'ž',
};

/** How much longer German and others are than English, as a share of its length. */
const EXPANSION = 0.4;

/** The parser's number for text without arguments. */
const LITERAL = 0;

/** The same message with longer, accented literals inside brackets. */
export function pseudoText(ast: MessageAst): MessageAst {
  const parts = (ast as unknown as readonly Part[]).map(pseudoPart);
  return [literal('['), ...parts, literal(']')] as unknown as MessageAst;
}

function pseudoPart(part: Part): Part {
  if (part.type === LITERAL) return literal(pseudoLiteral(String(part.value)));
  if (part.options === undefined) return part;
  const options = Object.entries(part.options).map(([key, option]) => [
    key,
    { ...option, value: option.value.map(pseudoPart) },
  ]);
  return { ...part, options: Object.fromEntries(options) };
}

function pseudoLiteral(text: string): string {
  const accented = [...text].map((letter) => accents[letter] ?? letter).join('');
  const length = text.trim().length;
  return length < 2 ? accented : accented.replace(/(\S)(\s*)$/, `$1${'·'.repeat(Math.ceil(length * EXPANSION))}$2`);
}

function literal(value: string): Part {
  return { type: LITERAL, value };
}
