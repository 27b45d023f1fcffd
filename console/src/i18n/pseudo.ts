/** The pseudo-locale: accents, two fifths more length, brackets. Arguments, plurals and selections stay as they are. */
import type { Part } from './icu.ts';

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

/** The same message with longer, accented literals inside brackets. */
export function pseudoText(parts: readonly Part[]): readonly Part[] {
  return ['[', ...parts.map(pseudoPart), ']'];
}

function pseudoPart(part: Part): Part {
  if (typeof part === 'string') return pseudoLiteral(part);
  if (part.kind !== 'plural' && part.kind !== 'select') return part;
  const options = [...part.options].map(([key, option]) => [key, option.map(pseudoPart)] as const);
  return { ...part, options: new Map(options) };
}

function pseudoLiteral(text: string): string {
  const accented = [...text].map((letter) => accents[letter] ?? letter).join('');
  const length = text.trim().length;
  return length < 2 ? accented : accented.replace(/(\S)(\s*)$/, `$1${'·'.repeat(Math.ceil(length * EXPANSION))}$2`);
}
