import { describe, expect, test } from 'vitest';
import { columnsOf, gapsOf, slotsOf } from './gaps.ts';
import { bandOf, columnLabels, heatStep, percentOf, proportions, ranked, reachedAfter } from './scales.ts';

const point = (atMs: number, value: number | null = 1) => ({ atMs, values: { lan: value } });

describe('gaps', () => {
  test('nothing reported at all is one gap', () => {
    expect(gapsOf([], 10, 0, 100)).toEqual([[0, 100]]);
  });

  test('stand before, between and after what was reported', () => {
    expect(gapsOf([point(20), point(30), point(60)], 10, 0, 100)).toEqual([
      [0, 20],
      [40, 60],
      [70, 100],
    ]);
  });

  test('a point that says nothing is none', () => {
    expect(gapsOf([point(0), point(10, null), point(20)], 10, 0, 30)).toEqual([[10, 20]]);
  });

  test('a report that is a little late leaves no gap', () => {
    expect(gapsOf([point(0), point(13), point(22)], 10, 0, 30)).toEqual([]);
  });

  test('0 is something: not a gap', () => {
    expect(gapsOf([point(0, 0), point(10, 0)], 10, 0, 20)).toEqual([]);
  });

  test('points outside of the range say nothing about it', () => {
    expect(gapsOf([point(-50), point(200)], 10, 0, 20)).toEqual([[0, 20]]);
  });
});

test('there is a slot for every step, empty when nothing was reported', () => {
  const slots = slotsOf([point(10, 5)], ['lan', 'wan'], { fromMs: 0, toMs: 30, stepMs: 10 });
  expect(slots.map(({ values }) => [values.lan, values.wan])).toEqual([
    [null, null],
    [5, null],
    [null, null],
  ]);
});

test('a line is broken where a step is missing', () => {
  const { timesMs, values } = columnsOf([point(0, 1), point(10, 2), point(40, 3)], ['lan'], 10);
  expect(timesMs).toEqual([0, 10, 20, 40]);
  expect(values).toEqual([[1, 2, null, 3]]);
});

describe('scales', () => {
  test('little has another shade than nothing, and the greatest the darkest', () => {
    expect([0, 1, 50, 100, 1000].map((value) => heatStep(value, 100))).toEqual([0, 1, 2, 4, 4]);
    expect(heatStep(5, 0)).toBe(0);
  });

  test('columns are all labelled when there is room, upright when there is little', () => {
    expect(columnLabels(8, 60, 640)).toEqual({ columns: [0, 1, 2, 3, 4, 5, 6, 7], how: 'middle' });
    expect(columnLabels(8, 60, 200)).toEqual({ columns: [0, 1, 2, 3, 4, 5, 6, 7], how: 'upright' });
  });

  test('of many columns those are labelled whose labels neither touch nor leave the chart', () => {
    expect(columnLabels(288, 32, 720)).toEqual({
      columns: Array.from({ length: 12 }, (_, at) => at * 24),
      how: 'start',
    });
    expect(columnLabels(60, 32, 300).columns).toEqual([0, 12, 24, 36, 48]);
    expect(columnLabels(300, 400, 100).columns).toEqual([0]);
    expect(columnLabels(20, 30, 0).columns).toEqual([]);
  });

  test('shares stay between 0 and 100 %', () => {
    expect([-1, 0.123, 2].map(percentOf)).toEqual([0, 12.3, 100]);
  });

  test('ranks the worst first and the unknown last', () => {
    const items = [{ share: 0.5 }, { share: null }, { share: 0.1 }];
    expect(ranked(items).map(({ share }) => share)).toEqual([0.1, 0.5, null]);
  });

  test('bands begin at their border', () => {
    const bands = { warning: 0.6, error: 0.1 };
    expect([0.05, 0.1, 0.59, 0.6].map((share) => bandOf(share, bands))).toEqual(['error', 'warning', 'warning', 'ok']);
  });

  test('ten of a million are seen, and all parts are the whole', () => {
    const widths = proportions([999_990, 10, 0]);
    expect(widths[1]).toBe(1);
    expect(widths[2]).toBe(0);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100);
    expect(proportions([0, 0])).toEqual([0, 0]);
  });

  test('says when a share was reached, if it was', () => {
    const points = [
      { afterMs: 1, share: 0.2 },
      { afterMs: 2, share: null },
      { afterMs: 3, share: 0.9 },
    ];
    expect(reachedAfter(points, 0.5)).toBe(3);
    expect(reachedAfter(points, 1)).toBeUndefined();
  });
});
