/**
 * What stands for `zod` in pages (next.config.ts puts it there): zod's small build, with the methods that our schemas are written with. Schemas are
 * declared once for server and pages; zod's full build would bring pages 30 kB of what only servers use. A schema that needs more than this fails as
 * soon as its file is loaded: zod-in-pages.test.ts loads them all, and compares them with what zod itself makes of them.
 */
import * as mini from 'zod/mini';

type Schema = mini.ZodMiniType;
type Check = Parameters<Schema['check']>[0];

/** What every schema can do, as zod has it. */
const methods = {
  nullable(this: Schema) {
    return mini.nullable(this);
  },
  optional(this: Schema) {
    return mini.optional(this);
  },
  exactOptional(this: Schema) {
    return mini.exactOptional(this);
  },
  default(this: Schema, value: never) {
    return mini._default(this, value);
  },
  catch(this: Schema, value: never) {
    return mini.catch(this, value);
  },
  refine(this: Schema, holds: (value: unknown) => unknown, message?: string) {
    return this.check(mini.refine(holds, message));
  },
  superRefine(this: Schema, look: Parameters<typeof mini.superRefine>[0]) {
    return this.check(mini.superRefine(look));
  },
  /** Without a context: what cannot be transformed is refused by a `refine` before. */
  transform(this: Schema, change: (value: unknown) => unknown) {
    return mini.pipe(
      this,
      mini.transform((value) => change(value)),
    );
  },
  /** Documentation, which pages do not print. */
  meta(this: Schema) {
    return this;
  },
};

const ofLengths = {
  min(this: Schema, least: number, message?: string) {
    return this.check(mini.minLength(least, message) as Check);
  },
  max(this: Schema, most: number, message?: string) {
    return this.check(mini.maxLength(most, message) as Check);
  },
};

const ofStrings = {
  ...ofLengths,
  regex(this: Schema, pattern: RegExp, message?: string) {
    return this.check(mini.regex(pattern, message) as Check);
  },
  trim(this: Schema) {
    return this.check(mini.trim() as Check);
  },
};

const ofNumbers = {
  min(this: Schema, least: number, message?: string) {
    return this.check(mini.gte(least, message) as Check);
  },
  max(this: Schema, most: number, message?: string) {
    return this.check(mini.lte(most, message) as Check);
  },
};

const ofObjects = {
  extend(this: mini.ZodMiniObject, shape: Parameters<typeof mini.extend>[1]) {
    return mini.extend(this, shape);
  },
  partial(this: mini.ZodMiniObject) {
    return mini.partial(this);
  },
};

/** On the prototype, not on each of a thousand schemas; and not enumerable, since zod copies what is onto each. */
function give(kinds: readonly { readonly prototype: object }[], more: object): void {
  const all = { ...methods, ...more };
  const described = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, { value, writable: true }]));
  for (const { prototype } of kinds) Object.defineProperties(prototype, described);
}

give([mini.ZodMiniString, mini.ZodMiniURL, mini.ZodMiniBase64, mini.ZodMiniCIDRv4, mini.ZodMiniCIDRv6], ofStrings);
give([mini.ZodMiniNumber, mini.ZodMiniNumberFormat], ofNumbers);
give([mini.ZodMiniArray], ofLengths);
give([mini.ZodMiniObject], ofObjects);
give(
  [
    mini.ZodMiniBoolean,
    mini.ZodMiniCatch,
    mini.ZodMiniCustom,
    mini.ZodMiniDefault,
    mini.ZodMiniDiscriminatedUnion,
    mini.ZodMiniEnum,
    mini.ZodMiniExactOptional,
    mini.ZodMiniLazy,
    mini.ZodMiniLiteral,
    mini.ZodMiniNull,
    mini.ZodMiniNullable,
    mini.ZodMiniOptional,
    mini.ZodMiniPipe,
    mini.ZodMiniRecord,
    mini.ZodMiniTuple,
    mini.ZodMiniUnion,
    mini.ZodMiniUnknown,
  ],
  {},
);

/** What schemas are begun with. */
export const z = {
  array: mini.array,
  base64: mini.base64,
  boolean: mini.boolean,
  cidrv4: mini.cidrv4,
  cidrv6: mini.cidrv6,
  custom: mini.custom,
  discriminatedUnion: mini.discriminatedUnion,
  enum: mini.enum,
  int: mini.int,
  json: mini.json,
  lazy: mini.lazy,
  literal: mini.literal,
  looseObject: mini.looseObject,
  null: mini.null,
  number: mini.number,
  object: mini.object,
  record: mini.record,
  strictObject: mini.strictObject,
  string: mini.string,
  tuple: mini.tuple,
  union: mini.union,
  unknown: mini.unknown,
  url: mini.url,
};
