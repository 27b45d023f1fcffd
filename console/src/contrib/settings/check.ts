/** Whether values fit their settings, and in words what does not. Pure. */
import { z } from 'zod';
import { toJSONSchema } from 'zod/v4/core';
import type { SettingDefinition } from '../../workbench/model.ts';
import { type Fault, typeName } from './fault.ts';
import { faults } from './fault-messages.ts';
import type { Place, ReadText } from './json-text.ts';

const kinds = {
  boolean: faults.typeBoolean,
  choice: faults.typeText,
  number: faults.typeNumber,
  text: faults.typeText,
} as const;

/** What is wrong with a value; undefined when it fits. */
export function faultOf(definition: SettingDefinition, value: unknown): Fault | undefined {
  const read = definition.schema.safeParse(value);
  const issue = read.success ? undefined : read.error.issues[0];
  if (issue === undefined) return undefined;
  if (definition.kind === 'choice') {
    const allowed = (definition.choices ?? []).map((choice) => JSON.stringify(choice.value)).join(', ');
    return { message: faults.notOneOf, values: { allowed } };
  }
  switch (issue.code) {
    case 'invalid_type':
      return typeof value === 'number' && definition.kind === 'number'
        ? { message: faults.notWhole }
        : { message: faults.wrongType, values: { expected: kinds[definition.kind], found: typeName(value) } };
    case 'too_small':
      return {
        message: issue.origin === 'string' ? faults.tooShort : faults.tooSmall,
        values: { limit: Number(issue.minimum) },
      };
    case 'too_big':
      return {
        message: issue.origin === 'string' ? faults.tooManyCharacters : faults.tooBig,
        values: { limit: Number(issue.maximum) },
      };
    case 'invalid_value':
      return {
        message: faults.notOneOf,
        values: { allowed: issue.values.map((each) => JSON.stringify(each)).join(', ') },
      };
    default:
      return { message: faults.other, values: { message: issue.message } };
  }
}

const Bounds = z.object({
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  type: z.string().optional(),
});

/** What a number field may hold, as far as the schema says. */
export function boundsOf({ schema }: Pick<SettingDefinition, 'schema'>): {
  min?: number;
  max?: number;
  step: number | 'any';
} {
  const { minimum, maximum, type } = Bounds.safeParse(toJSONSchema(schema, { unrepresentable: 'any' })).data ?? {};
  const isSafe = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  return {
    ...(isSafe(minimum) ? { min: minimum } : {}),
    ...(isSafe(maximum) ? { max: maximum } : {}),
    step: type === 'integer' ? 1 : 'any',
  };
}

/** Something in a text that a person should look at; only errors keep it from being saved. */
export interface TextProblem extends Place {
  readonly severity: 'error' | 'warning';
  readonly fault: Fault;
}

/**
 * Everything that is wrong with a text: its syntax error, or else every value that does not fit and every key that no setting has. Keys that stood
 * there before (`kept`) with the same value stay: their feature may come back.
 */
export function problemsOf(
  read: ReadText,
  definitions: ReadonlyMap<string, SettingDefinition>,
  kept: Readonly<Record<string, unknown>>,
): TextProblem[] {
  if (!read.ok) return [{ ...read.error, severity: 'error' }];
  return Object.entries(read.values).flatMap(([key, value]): TextProblem[] => {
    const places = read.places.get(key);
    if (places === undefined) return [];
    const definition = definitions.get(key);
    if (definition !== undefined) {
      const fault = faultOf(definition, value);
      return fault === undefined ? [] : [{ ...places.value, severity: 'error', fault }];
    }
    const shown = key.slice(0, 80);
    if (Object.hasOwn(kept, key) && sameValue(kept[key], value)) {
      return [{ ...places.key, severity: 'warning', fault: { message: faults.unknownKept, values: { key: shown } } }];
    }
    const near = nearest(key, [...definitions.keys()]);
    const fault: Fault =
      near === undefined
        ? { message: faults.unknownKey, values: { key: shown } }
        : { message: faults.unknownNear, values: { key: shown, near } };
    return [{ ...places.key, severity: 'error', fault }];
  });
}

/** Whether two JSON values are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The name that was probably meant: at most a third of it typed wrongly. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (name.length > 200) return undefined;
  let best: { name: string; distance: number } | undefined;
  for (const each of names) {
    const distance = distanceOf(name.toLowerCase(), each.toLowerCase());
    if (distance <= Math.max(1, each.length / 3) && (best === undefined || distance < best.distance))
      best = { name: each, distance };
  }
  return best?.name;
}

/** How many letters must be changed, added or taken away. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
