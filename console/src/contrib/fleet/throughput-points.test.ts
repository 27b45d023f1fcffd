import { expect, test } from 'vitest';
import { hitRatioPoints, isKnown, ratePoints } from './throughput-points.ts';

const series = {
  fromMs: 0,
  toMs: 40_000,
  stepMs: 10_000,
  points: [
    { atMs: 0, fromPeers: 700_000, fromLocal: 0, fromOrigin: 300_000 },
    { atMs: 20_000, fromPeers: 0, fromLocal: 0, fromOrigin: 0 },
  ],
  totals: { fromPeers: 0, fromLocal: 0, fromOrigin: 0 },
};

test('rates are per second, whatever the step', () => {
  expect(ratePoints(series)[0]?.values).toEqual({ fromPeers: 70_000, fromLocal: 0, fromOrigin: 30_000 });
});

test('a slot nobody reported in is there as a gap; one in which nothing moved is a zero', () => {
  expect(ratePoints(series).map(isKnown)).toEqual([true, false, true, false]);
  expect(ratePoints(series)[2]?.values.fromOrigin).toBe(0);
});

test('the hit ratio of nothing is unknown', () => {
  expect(hitRatioPoints(series).map(({ values }) => values.lan)).toEqual([0.7, undefined, null, undefined]);
});

test('an answer with an endless range does not make endless slots', () => {
  expect(ratePoints({ ...series, toMs: 1e15 })).toHaveLength(2000);
});
