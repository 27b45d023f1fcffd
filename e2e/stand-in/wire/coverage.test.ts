import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';

const ranges = fc.array(fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const));

test('counts every byte as often as it was served', () => {
  fc.assert(
    fc.property(ranges, (added) => {
      const coverage = new Coverage();
      const counts = new Array<number>(41).fill(0);
      for (const [start, end] of added) {
        let seenBefore = 0;
        for (let at = start; at < end; at += 1) {
          if ((counts[at] ?? 0) > 0) seenBefore += 1;
          counts[at] = (counts[at] ?? 0) + 1;
        }
        expect(coverage.add(start, end)).toBe(seenBefore);
      }
      const listed = new Array<number>(41).fill(0);
      for (const { start, end, times } of coverage.list()) listed.fill(times, start, end);
      expect(listed).toEqual(counts);
    }),
  );
});

test('stretches are sorted, and neighbours of the same count are one', () => {
  fc.assert(
    fc.property(ranges, (added) => {
      const coverage = new Coverage();
      for (const [start, end] of added) coverage.add(start, end);
      coverage.list().reduce(
        (before, next) => {
          expect(before.end).toBeLessThanOrEqual(next.start);
          expect(before.end === next.start && before.times === next.times).toBe(false);
          return next;
        },
        { start: -1, end: -1, times: 0 },
      );
    }),
  );
});
