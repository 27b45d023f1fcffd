/**
 * ICU messages, as far as the console's texts need them: `{name}`, `{count, number}`, `{count, plural, =0 {…} one {# PC} other {# PCs}}`,
 * `{kind, select, a {…} other {…}}`, apostrophes as in ICU. Whole libraries for this weigh as much as all texts together; icu.test.ts holds it against
 * one of them, with every text of the console. Pure.
 */

/** A message, parsed. A string is text; `#` is the number of the plural around it. */
export type Part =
  | string
  | { readonly kind: 'argument'; readonly name: string }
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'pound' }
  | { readonly kind: 'plural'; readonly name: string; readonly options: Options }
  | { readonly kind: 'select'; readonly name: string; readonly options: Options };

type Options = ReadonlyMap<string, readonly Part[]>;

/** What `Intl` knows of a language, and messages need. */
export interface Language {
  readonly number: Intl.NumberFormat;
  readonly plural: Intl.PluralRules;
}

type Values = Readonly<Record<string, string | number>>;

/** Reads a message. @throws {SyntaxError} when it is none */
export function parseMessage(text: string): readonly Part[] {
  let at = 0;

  const fail = (expected: string): never => {
    throw new SyntaxError(`expected ${expected} at character ${at + 1} of “${text}”`);
  };
  const skipSpace = () => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const take = (sign: string) => {
    skipSpace();
    if (text[at] !== sign) fail(`“${sign}”`);
    at += 1;
  };
  const word = (): string => {
    skipSpace();
    const start = at;
    while (/[^\s{},]/.test(text[at] ?? '}')) at += 1;
    return at === start ? fail('a name') : text.slice(start, at);
  };

  /** After an opening apostrophe: text up to the closing one, in which two are one. */
  const quoted = (): string => {
    let found = '';
    while (at < text.length) {
      if (text[at] !== "'") found += text[at];
      else if (text[at + 1] === "'") at += 1;
      else break;
      if (text[at] === "'") found += "'";
      at += 1;
    }
    at += 1;
    return found;
  };

  const argument = (): Part => {
    const name = word();
    skipSpace();
    if (text[at] === '}') {
      at += 1;
      return { kind: 'argument', name };
    }
    take(',');
    const kind = word();
    if (kind === 'number') {
      take('}');
      return { kind, name };
    }
    if (kind !== 'plural' && kind !== 'select') return fail('number, plural or select');
    take(',');
    const options = new Map<string, readonly Part[]>();
    for (skipSpace(); text[at] !== '}'; skipSpace()) {
      const key = word();
      take('{');
      options.set(key, parts(true, kind === 'plural'));
      take('}');
    }
    at += 1;
    if (!options.has('other')) fail('an option “other”');
    return { kind, name, options };
  };

  const parts = (isNested: boolean, inPlural: boolean): readonly Part[] => {
    const found: Part[] = [];
    let literal = '';
    const add = (part: Part) => {
      if (literal !== '') found.push(literal);
      literal = '';
      found.push(part);
    };
    while (at < text.length) {
      const sign = text[at]!;
      if (sign === '}') {
        if (isNested) break;
        fail('text');
      }
      at += 1;
      if (sign === '{') add(argument());
      else if (sign === '#' && inPlural) add({ kind: 'pound' });
      else if (sign === "'" && text[at] === "'") {
        at += 1;
        literal += "'";
      } else if (sign === "'" && (/[{}]/.test(text[at] ?? '') || (inPlural && text[at] === '#'))) literal += quoted();
      else literal += sign;
    }
    if (literal !== '') found.push(literal);
    return found;
  };

  return parts(false, false);
}

/** Says a message. @throws {Error} when a value is missing */
export function formatMessage(parts: readonly Part[], language: Language, values: Values = {}, pound?: number): string {
  let said = '';
  for (const part of parts) {
    if (typeof part === 'string') said += part;
    else if (part.kind === 'pound') said += pound === undefined ? '#' : language.number.format(pound);
    else {
      const value = values[part.name];
      if (value === undefined) throw new Error(`the value of “${part.name}” is missing`);
      if (part.kind === 'argument') said += String(value);
      else if (part.kind === 'number') said += language.number.format(Number(value));
      else if (part.kind === 'select')
        said += formatMessage(optionOf(part.options, String(value)), language, values, pound);
      else {
        const count = Number(value);
        const exact = part.options.get(`=${count}`);
        const chosen = exact ?? optionOf(part.options, language.plural.select(count));
        said += formatMessage(chosen, language, values, count);
      }
    }
  }
  return said;
}

function optionOf(options: Options, key: string): readonly Part[] {
  return options.get(key) ?? options.get('other') ?? [];
}
