/** Bytes and texts that nobody sends by accident, and what is left of good ones when they are damaged. */
import fc from 'fast-check';

/** Values at the edges of what texts may be. */
const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u202Eexe.fdp',
  '\u200b',
  '\ud800',
  '\ufeff',
  '\r\nX-Injected: 1',
  '../../etc/passwd',
  '..\\..\\windows',
  '\'; DROP TABLE "Agent";--',
  '{"$ne":null}',
  '__proto__',
  'constructor',
  '%00',
  '%ff',
  '{{7*7}}',
  '<script>alert(1)</script>',
  'é'.normalize('NFD'),
  '-1',
  '1e400',
  '99999999999999999999',
  'x'.repeat(300),
  'x'.repeat(5000),
];

/** Values at the edges of what JSON may say. */
const hostileValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e300,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { $ne: null },
  { toString: 1, __proto: 2 },
  ...hostileTexts,
];

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
export const hostileValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileValues) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** The good value most of the time. */
export function nearly<T>(good: fc.Arbitrary<T>, weight = 30): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary: good }, { weight: 1, arbitrary: hostileValue });
}

/** Text as JSON that need not be any: whole, cut off, deep, or something else. */
export function jsonText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: value.map((each) => JSON.stringify(each) ?? '') },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([each, share]) => cut(JSON.stringify(each) ?? '', share)),
    },
    { weight: 1, arbitrary: hostileText },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'null',
        '[]',
        '"x"',
        '{',
        '['.repeat(50_000),
        '{"__proto__":{"v":1}}',
        '\ufeff{}',
        '{}{}',
      ),
    },
  );
}

function cut(text: string, share: number): string {
  return text.slice(0, Math.floor(text.length * share));
}

type Damage = { kind: 'flip' | 'cut' | 'insert' | 'repeat' | 'remove'; at: number; byte: number };

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'remove'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
});

/** `good` with one to `most` places damaged. */
export function damaged(good: fc.Arbitrary<Uint8Array>, most = 3): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(good, fc.array(damage, { minLength: 1, maxLength: most }))
    .map(([bytes, all]) => all.reduce(hurt, bytes));
}

function hurt(bytes: Uint8Array, { kind, at, byte }: Damage): Uint8Array {
  const place = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, place);
  const after = bytes.subarray(place);
  if (kind === 'cut') return before;
  if (kind === 'insert') return Buffer.concat([before, Uint8Array.of(byte), after]);
  if (kind === 'repeat') return Buffer.concat([before, after.subarray(0, byte), after]);
  if (kind === 'remove') return Buffer.concat([before, after.subarray(1 + (byte % 8))]);
  const changed = Uint8Array.from(bytes);
  if (place < changed.length) changed[place] = byte;
  return changed;
}

export const utf8Of = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Text in an address; half a character becomes the sign for what cannot be read. */
export const inAddress = (text: string): string => encodeURIComponent(Buffer.from(utf8Of(text)).toString('utf8'));
