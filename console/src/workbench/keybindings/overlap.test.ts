import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateWhen, formatWhen, parseWhen, type When } from '../commands/when.ts';
import { mayOverlap } from './overlap.ts';

test.each([
  { a: undefined, b: 'x', together: true },
  { a: 'x', b: 'x', together: true },
  { a: 'x', b: '!x', together: false },
  { a: 'x', b: 'y', together: true },
  { a: 'e == a', b: 'e == b', together: false },
  { a: 'e == a && x', b: 'e == a', together: true },
  { a: 'e == a', b: 'e != a', together: false },
  { a: 'x && (y || z)', b: '!y && !z', together: false },
  { a: '!(x || y)', b: 'x', together: false },
  { a: '!x', b: 'x == yes', together: false },
  { a: '!x', b: 'x == 0', together: true },
])('$a and $b together: $together', ({ a, b, together }) => {
  expect(mayOverlap(a, b)).toBe(together);
  expect(mayOverlap(b, a)).toBe(together);
});

test('conditions that are said to exclude each other never hold together', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const tree = fc.letrec<{ when: When }>((tie) => ({
    when: fc.oneof(
      { depthSize: 'small' },
      fc.record({ kind: fc.constant('key' as const), key }),
      fc.record({
        kind: fc.constant('equals' as const),
        key,
        value: fc.constantFrom('0', 'x', 'y'),
        negated: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('not' as const), operand: tie('when') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('when'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).when;
  const value = fc.constantFrom<unknown>(undefined, false, true, 0, 1, 'x', 'y', '');
  fc.assert(
    fc.property(tree, tree, fc.record({ a: value, b: value, c: value }), (left, right, facts) => {
      const get = (name: string) => (facts as Record<string, unknown>)[name];
      const [a, b] = [formatWhen(left), formatWhen(right)];
      if (!mayOverlap(a, b)) expect(evaluateWhen(parseWhen(a), get) && evaluateWhen(parseWhen(b), get)).toBe(false);
    }),
  );
});
