/**
 * The `when` language of contributions: `treeFocus && !inputFocus`, `activeEditor == harp.editor.agent || isPwa`.
 * Grammar, weakest first: `a || b`, `a && b`, `!a`, then `key`, `key == value`, `key != value` or parentheses. A value is a word or stands in
 * single quotes. Text becomes a tree once; evaluating it touches no parser, because it happens on every key and every focus change.
 */

/** A parsed condition. */
export type When =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'equals'; readonly key: string; readonly value: string; readonly negated: boolean }
  | { readonly kind: 'not'; readonly operand: When }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly When[] };

/** A `when` text that is not in the grammar. Contributions are code: this is a mistake of ours, found at start. */
export class WhenSyntaxError extends Error {
  override readonly name = 'WhenSyntaxError';
  constructor(text: string, at: number, expected: string) {
    super(`when clause “${text}”: expected ${expected} at character ${at + 1}`);
  }
}

interface Token {
  readonly kind: '&&' | '||' | '!' | '==' | '!=' | '(' | ')' | 'word' | 'quoted' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN = /\s*(?:(&&|\|\||==|!=|!|\(|\))|'([^']*)'|([\w./:-]+))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw new WhenSyntaxError(text, from, 'a key, a value or an operator');
    const [, operator, quoted, word] = found;
    if (operator !== undefined) tokens.push({ kind: operator as Token['kind'], text: operator, at: from });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted, at: from });
    else tokens.push({ kind: 'word', text: word ?? '', at: from });
  }
  tokens.push({ kind: 'end', text: '', at: end });
  return tokens;
}

/** Reads a condition. @throws {WhenSyntaxError} when the text is not in the grammar */
export function parseWhen(text: string): When {
  const tokens = tokensOf(text);
  let next = 0;
  const peek = () => tokens[next]!;
  const take = () => tokens[next++]!;
  const fail = (expected: string): never => {
    throw new WhenSyntaxError(text, peek().at, expected);
  };

  const joined = (kind: 'and' | 'or', operator: '&&' | '||', operand: () => When): When => {
    const operands = [operand()];
    while (peek().kind === operator) {
      take();
      operands.push(operand());
    }
    return operands.length === 1 ? operands[0]! : { kind, operands };
  };
  const anyOf = (): When => joined('or', '||', allOf);
  const allOf = (): When => joined('and', '&&', unary);
  const unary = (): When => {
    if (peek().kind === '!') {
      take();
      return { kind: 'not', operand: unary() };
    }
    if (peek().kind === '(') {
      take();
      const inner = anyOf();
      if (peek().kind !== ')') fail('“)”');
      take();
      return inner;
    }
    return comparison();
  };
  const comparison = (): When => {
    if (peek().kind !== 'word') fail('a key');
    const key = take().text;
    const operator = peek().kind;
    if (operator !== '==' && operator !== '!=') return { kind: 'key', key };
    take();
    if (peek().kind !== 'word' && peek().kind !== 'quoted') fail('a value');
    return { kind: 'equals', key, value: take().text, negated: operator === '!=' };
  };

  const when = anyOf();
  if (peek().kind !== 'end') fail('“&&”, “||” or the end');
  return when;
}

/**
 * Whether a condition holds. A bare key holds when its value is truthy; a comparison is of texts (`count == 2`), with a missing value equal to
 * the empty text.
 */
export function evaluateWhen(when: When, get: (key: string) => unknown): boolean {
  switch (when.kind) {
    case 'key':
      return Boolean(get(when.key));
    case 'equals':
      return (String(get(when.key) ?? '') === when.value) !== when.negated;
    case 'not':
      return !evaluateWhen(when.operand, get);
    case 'and':
      return when.operands.every((operand) => evaluateWhen(operand, get));
    case 'or':
      return when.operands.some((operand) => evaluateWhen(operand, get));
  }
}

/** Writes a condition so that {@link parseWhen} reads the same tree again. */
export function formatWhen(when: When): string {
  switch (when.kind) {
    case 'key':
      return when.key;
    case 'equals': {
      const value = /^[\w./:-]+$/.test(when.value) ? when.value : `'${when.value}'`;
      return `${when.key} ${when.negated ? '!=' : '=='} ${value}`;
    }
    case 'not':
      return `!${grouped(when.operand, when.operand.kind === 'and' || when.operand.kind === 'or' || when.operand.kind === 'equals')}`;
    case 'and':
    case 'or':
      return when.operands
        .map((operand) => grouped(operand, operand.kind === 'and' || operand.kind === 'or'))
        .join(when.kind === 'and' ? ' && ' : ' || ');
  }
}

function grouped(when: When, parentheses: boolean): string {
  return parentheses ? `(${formatWhen(when)})` : formatWhen(when);
}

/** Every key a condition looks at. */
export function keysOfWhen(when: When): ReadonlySet<string> {
  switch (when.kind) {
    case 'key':
    case 'equals':
      return new Set([when.key]);
    case 'not':
      return keysOfWhen(when.operand);
    case 'and':
    case 'or':
      return new Set(when.operands.flatMap((operand) => [...keysOfWhen(operand)]));
  }
}

const parsed = new Map<string, When>();

/** {@link parseWhen}, remembered by text. The texts come from contributions, so there are few of them. */
export function compiledWhen(text: string): When {
  let when = parsed.get(text);
  if (when === undefined) {
    when = parseWhen(text);
    parsed.set(text, when);
  }
  return when;
}
