import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateWhen, formatWhen, keysOfWhen, parseWhen, type When, WhenSyntaxError } from './when.ts';

const holds = (text: string, context: Record<string, unknown>) => evaluateWhen(parseWhen(text), (key) => context[key]);

describe('the when language', () => {
  test.each([
    { text: 'a', context: { a: true }, expected: true },
    { text: 'a', context: {}, expected: false },
    { text: 'a', context: { a: 0 }, expected: false },
    { text: '!a', context: {}, expected: true },
    { text: '!!a', context: { a: 1 }, expected: true },
    { text: 'a == b', context: { a: 'b' }, expected: true },
    { text: 'a == b', context: { b: 'a' }, expected: false },
    { text: 'count == 2', context: { count: 2 }, expected: true },
    { text: 'a != b', context: {}, expected: true },
    { text: "a == ''", context: {}, expected: true },
    { text: "a == 'two words'", context: { a: 'two words' }, expected: true },
    { text: 'view == harp.view.fleet', context: { view: 'harp.view.fleet' }, expected: true },
    { text: 'a && b || c', context: { c: true }, expected: true },
    { text: 'a && (b || c)', context: { c: true }, expected: false },
    { text: 'a || b && c', context: { a: true }, expected: true },
    { text: '!(a || b)', context: { b: true }, expected: false },
    { text: '!a == b', context: { a: 'b' }, expected: false },
    { text: '  a&&!b  ', context: { a: true }, expected: true },
  ])('$text in $context is $expected', ({ text, context, expected }) => {
    expect(holds(text, context)).toBe(expected);
  });

  test.each(['', '&&', 'a &&', 'a b', '(a', 'a)', 'a ==', 'a == ==', '== b', '!', "a == 'open", 'a & b', 'a = b'])(
    'refuses “%s”',
    (text) => {
      expect(() => parseWhen(text)).toThrow(WhenSyntaxError);
    },
  );

  test('names the keys it looks at', () => {
    expect([...keysOfWhen(parseWhen('a && (b == c || !d)'))]).toEqual(['a', 'b', 'd']);
  });
});

const key = fc.stringMatching(/^[a-z][\w.:-]{0,5}$/);
const value = fc.oneof(fc.stringMatching(/^[\w./:-]{1,6}$/), fc.stringMatching(/^[^'\\]{0,8}$/));
const tree: fc.Arbitrary<When> = fc.letrec<{ when: When }>((tie) => ({
  when: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('key' as const), key }),
    fc.record({ kind: fc.constant('equals' as const), key, value, negated: fc.boolean() }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('when') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('when'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).when;

test('what is written is read back as the same condition', () => {
  fc.assert(
    fc.property(tree, (when) => {
      expect(parseWhen(formatWhen(when))).toEqual(when);
    }),
  );
});

test('evaluates as JavaScript evaluates the same operators', () => {
  const names = ['a', 'b', 'c'] as const;
  const bool = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(...names),
      tie('text').map((text) => `!(${text})`),
      fc
        .tuple(tie('text'), fc.constantFrom('&&', '||'), tie('text'))
        .map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
      fc.tuple(fc.constantFrom(...names), fc.constantFrom('&&', '||'), tie('text')).map((parts) => parts.join(' ')),
    ),
  })).text;
  const reference = (text: string, context: Record<string, boolean>): boolean => {
    // A second, naive reading: substitute, then reduce innermost parentheses with the operators' precedence.
    let rest = text.replace(/[abc]/g, (name) => (context[name] ? '1' : '0')).replaceAll(' ', '');
    const flat = (part: string): string => {
      const negated = part.replace(/!+[01]/g, (m) => String((m.length - 1 + Number(m.at(-1))) % 2));
      return negated.split('||').some((all) => all.split('&&').every((one) => one === '1')) ? '1' : '0';
    };
    while (rest.includes('(')) rest = rest.replace(/\(([^()]*)\)/, (_, inner: string) => flat(inner));
    return flat(rest) === '1';
  };
  fc.assert(
    fc.property(bool, fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }), (text, context) => {
      expect(holds(text, context)).toBe(reference(text, context));
    }),
  );
});

test('any text is either read or refused with a syntax error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseWhen(text);
      } catch (error) {
        expect(error).toBeInstanceOf(WhenSyntaxError);
      }
    }),
  );
});
