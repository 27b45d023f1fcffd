/** The pseudo-locale: accents, two fifths more length, brackets. Arguments, plurals and selections stay as they are. */
import type { IntlMessageFormat } from 'intl-messageformat';

/** A parsed ICU message. */
export type MessageAst = ReturnType<IntlMessageFormat['getAst']>;
type Element = MessageAst[number];

const accents: Readonly<Record<string, string>> = {
  a: 'á', c: 'ç', d: 'ð', e: 'é', g: 'ğ', i: 'í', l: 'ł', n: 'ñ', o: 'ö', r: 'ř', s: 'š', t: 'ţ', u: 'ü', y: 'ý', z: 'ž',
  A: 'Å', C: 'Ç', D: 'Ð', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Û', Y: 'Ý', Z: 'Ž',
};

/** How much longer German and others are than English, as a share of its length. */
const EXPANSION = 0.4;
const LITERAL = 0;

/** The same message with longer, accented literals inside brackets. */
export function pseudoText(ast: MessageAst): MessageAst {
  return [literal('['), ...ast.map(pseudoElement), literal(']')];
}

function pseudoElement(element: Element): Element {
  if (isLiteral(element)) return { ...element, value: pseudoLiteral(element.value) };
  if ('options' in element) {
    const options = Object.fromEntries(
      Object.entries(element.options).map(([key, option]) => [
        key,
        { ...option, value: (option.value as MessageAst).map(pseudoElement) },
      ]),
    );
    return { ...element, options } as Element;
  }
  return element;
}

function pseudoLiteral(text: string): string {
  const accented = [...text].map((letter) => accents[letter] ?? letter).join('');
  const letters = text.trim().length;
  return letters < 2 ? accented : accented.replace(/(\S)(\s*)$/, `$1${'·'.repeat(Math.ceil(letters * EXPANSION))}$2`);
}

function isLiteral(element: Element): element is Extract<Element, { value: string }> & { type: typeof LITERAL } {
  return element.type === LITERAL;
}

function literal(value: string): Element {
  return { type: LITERAL, value } as Element;
}
