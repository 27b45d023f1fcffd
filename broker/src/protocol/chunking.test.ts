import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from './bytes.ts';
import { chunkLengths, createChunker } from './chunking.ts';
import { limits } from './limits.ts';
import { sha256 } from './node/index.ts';

/** Deterministic noise, cheap enough for megabytes (xorshift32). */
function noise(seed: number, sizeBytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let x = seed | 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

const content = fc
  .record({ seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }), sizeBytes: fc.integer({ min: 0, max: 6 * 1024 * 1024 }) })
  .map(({ seed, sizeBytes }) => noise(seed, sizeBytes));

test('chunks restore the input: lengths add up and stay within bounds', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const lengths = chunkLengths(bytes);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length);
      for (const [index, length] of lengths.entries()) {
        expect(length).toBeLessThanOrEqual(limits.chunkMaxBytes);
        if (index < lengths.length - 1) expect(length).toBeGreaterThanOrEqual(limits.chunkMinBytes);
      }
    }),
    { numRuns: 30 },
  );
});

test('boundaries do not depend on how the stream is split', () => {
  fc.assert(
    fc.property(
      content,
      fc.array(fc.integer({ min: 1, max: 700_000 }), { minLength: 1, maxLength: 20 }),
      (bytes, steps) => {
        const chunker = createChunker();
        const cuts: number[] = [];
        let position = 0;
        for (let step = 0; position < bytes.length; step++) {
          const piece = bytes.subarray(position, position + steps[step % steps.length]!);
          cuts.push(...chunker.push(piece).map((cut) => position + cut));
          position += piece.length;
        }
        let offset = 0;
        const whole = chunkLengths(bytes).map((length) => (offset += length));
        if (chunker.pendingBytes > 0) cuts.push(bytes.length);
        expect(cuts).toEqual(whole);
      },
    ),
    { numRuns: 30 },
  );
});

test('an insertion disturbs only chunks near it', () => {
  const original = noise(7, 30 * 1024 * 1024);
  const at = 15 * 1024 * 1024;
  const edited = new Uint8Array(original.length + 1024);
  edited.set(original.subarray(0, at));
  edited.set(noise(99, 1024), at);
  edited.set(original.subarray(at), at + 1024);
  const ids = (bytes: Uint8Array) => {
    let offset = 0;
    return chunkLengths(bytes).map((length) => {
      const id = toHex(sha256(bytes.subarray(offset, offset + length)));
      offset += length;
      return { id, length };
    });
  };
  const known = new Set(ids(original).map(({ id }) => id));
  const newBytes = ids(edited)
    .filter(({ id }) => !known.has(id))
    .reduce((sum, { length }) => sum + length, 0);
  expect(newBytes).toBeGreaterThan(0);
  expect(newBytes).toBeLessThanOrEqual(5_000_000);
});

test('the average chunk of random content is near 1 MiB', () => {
  const lengths = chunkLengths(noise(3, 64 * 1024 * 1024));
  const average = (64 * 1024 * 1024) / lengths.length;
  expect(average).toBeGreaterThan(0.8 * limits.chunkAverageBytes);
  expect(average).toBeLessThan(1.6 * limits.chunkAverageBytes);
});
