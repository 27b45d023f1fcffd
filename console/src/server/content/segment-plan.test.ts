import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from './segment-plan.ts';
import { planSegments, snapshotNeed } from './segment-plan.ts';

const caps = { maxEntries: 64, maxSegments: 8 };

function appendAll(sizes: readonly number[]): { spans: Span[]; rewritten: number; total: number } {
  let spans: Span[] = [];
  let rewritten = 0;
  let to = 0;
  for (const size of sizes) {
    const before = new Set(spans.map((span) => JSON.stringify(span)));
    spans = planSegments(spans, { from: to + 1, to: to + size }, caps);
    to += size;
    for (const span of spans) if (!before.has(JSON.stringify(span))) rewritten += span.to - span.from + 1;
  }
  return { spans, rewritten, total: to };
}

const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 200 });

describe('segments of a head', () => {
  test('adjoin, end at the last entry and respect both limits, whatever is appended', () => {
    fc.assert(
      fc.property(sizes, (list) => {
        const { spans, total } = appendAll(list);
        expect(spans.at(-1)?.to).toBe(total);
        expect(spans.length).toBeLessThanOrEqual(caps.maxSegments);
        spans.forEach((span, index) => {
          expect(span.to - span.from + 1).toBeLessThanOrEqual(caps.maxEntries);
          if (index > 0) expect(span.from).toBe(spans[index - 1]!.to + 1);
        });
      }),
    );
  });

  test('reach back to the first entry while they can hold it', () => {
    fc.assert(
      fc.property(sizes, (list) => {
        const { spans, total } = appendAll(list);
        // Merging leaves every two neighbours together larger than a segment, so eight segments hold at least four full ones.
        if (total <= (caps.maxEntries * caps.maxSegments) / 2) expect(spans[0]?.from).toBe(1);
      }),
    );
  });

  test('single entries are rewritten a logarithmic number of times', () => {
    const { rewritten, total } = appendAll(Array.from({ length: 64 }, () => 1));
    expect(total).toBe(64);
    expect(rewritten).toBeLessThanOrEqual(64 * 7);
  });

  test('a small change does not rewrite a large segment', () => {
    expect(planSegments([{ from: 1, to: 40 }], { from: 41, to: 42 }, caps)).toEqual([
      { from: 1, to: 40 },
      { from: 41, to: 42 },
    ]);
  });
});

test.each([
  { name: 'a young folder', seq: 900, snapshotSeq: 0, firstEntry: 1, liveFiles: 800, need: 'no' },
  { name: 'more entries than files', seq: 1100, snapshotSeq: 0, firstEntry: 1, liveFiles: 800, need: 'should' },
  { name: 'a large folder filled once', seq: 50_000, snapshotSeq: 0, firstEntry: 1, liveFiles: 50_000, need: 'no' },
  {
    name: 'segments that lost the first entry',
    seq: 70_000,
    snapshotSeq: 0,
    firstEntry: 2,
    liveFiles: 70_000,
    need: 'must',
  },
  {
    name: 'segments that start after the snapshot',
    seq: 70_000,
    snapshotSeq: 60_000,
    firstEntry: 60_001,
    liveFiles: 70_000,
    need: 'no',
  },
])('$name → $need', ({ need, ...state }) => expect(snapshotNeed(state)).toBe(need));
