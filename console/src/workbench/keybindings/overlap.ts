/** Whether two `when` conditions can hold at the same time: two commands on one key are a conflict only if they can. */
import { compiledWhen, type When } from '../commands/when.ts';

type Literal =
  | { readonly kind: 'truthy' | 'falsy'; readonly key: string }
  | { readonly kind: 'equals' | 'differs'; readonly key: string; readonly value: string };

/** Beyond this many alternatives the answer is “perhaps”: conditions people write have a handful. */
const MAX_ALTERNATIVES = 64;

/** What falsy values are as text; a key can be falsy and equal one of these at once. */
const FALSY_TEXTS = new Set(['', 'false', '0', 'NaN']);

/** Whether both conditions may hold together. An absent condition always holds. In doubt it says yes. */
export function mayOverlap(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  const left = alternativesOf(compiledWhen(a), false);
  const right = alternativesOf(compiledWhen(b), false);
  if (left === undefined || right === undefined) return true;
  return left.some((one) => right.some((other) => isConsistent([...one, ...other])));
}

/** The condition, negated on demand, as alternatives of facts that hold together; undefined when there are too many. */
function alternativesOf(when: When, negate: boolean): readonly Literal[][] | undefined {
  switch (when.kind) {
    case 'key':
      return [[{ kind: negate ? 'falsy' : 'truthy', key: when.key }]];
    case 'equals':
      return [[{ kind: when.negated === negate ? 'equals' : 'differs', key: when.key, value: when.value }]];
    case 'not':
      return alternativesOf(when.operand, !negate);
    case 'and':
    case 'or': {
      const parts = when.operands.map((operand) => alternativesOf(operand, negate));
      let result: readonly Literal[][] = (when.kind === 'or') === negate ? [[]] : [];
      for (const part of parts) {
        if (part === undefined) return undefined;
        result =
          (when.kind === 'or') === negate
            ? result.flatMap((one) => part.map((other) => [...one, ...other]))
            : [...result, ...part];
        if (result.length > MAX_ALTERNATIVES) return undefined;
      }
      return result;
    }
  }
}

function isConsistent(literals: readonly Literal[]): boolean {
  return literals.every((a, index) => literals.slice(index + 1).every((b) => a.key !== b.key || agree(a, b)));
}

function agree(a: Literal, b: Literal): boolean {
  if (a.kind === 'equals') {
    if (b.kind === 'equals') return a.value === b.value;
    if (b.kind === 'differs') return a.value !== b.value;
    return b.kind === 'truthy' || FALSY_TEXTS.has(a.value);
  }
  if (b.kind === 'equals') return agree(b, a);
  return a.kind === 'differs' || b.kind === 'differs' || a.kind === b.kind;
}
