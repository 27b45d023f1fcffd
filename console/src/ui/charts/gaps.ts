/** Where nothing was reported. A gap is drawn as a gap: a line through it would be invented, and 0 would be wrong. */
import type { ChartPoint } from './model.ts';

/** A stretch of time: from, to. */
export type Span = readonly [fromMs: number, toMs: number];

/** Points may be late by this share of a step before the way between them is a gap. */
const SLACK = 1.5;

/** Whether a point says anything at all. */
function isKnown({ values }: ChartPoint): boolean {
  for (const key in values) if (values[key] !== null && values[key] !== undefined) return true;
  return false;
}

/**
 * The stretches between `fromMs` and `toMs` in which no series has a value. A point speaks for the step that begins with it. `points` must be in
 * order of time.
 */
export function gapsOf(points: readonly ChartPoint[], stepMs: number, fromMs: number, toMs: number): Span[] {
  const gaps: Span[] = [];
  let knownUntilMs = fromMs;
  for (const point of points) {
    if (!isKnown(point) || point.atMs + stepMs <= fromMs || point.atMs >= toMs) continue;
    if (point.atMs - knownUntilMs > stepMs * (SLACK - 1)) gaps.push([knownUntilMs, point.atMs]);
    knownUntilMs = Math.max(knownUntilMs, point.atMs + stepMs);
  }
  if (toMs - knownUntilMs > stepMs * (SLACK - 1)) gaps.push([knownUntilMs, toMs]);
  return gaps;
}

/** One row per slot, reported or not, so that time is to scale: `values` of a slot without a report are `null`. */
export function slotsOf(
  points: readonly ChartPoint[],
  keys: readonly string[],
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): ChartPoint[] {
  const count = Math.max(0, Math.round((toMs - fromMs) / stepMs));
  const slots = Array.from({ length: count }, (_, index) => ({
    atMs: fromMs + index * stepMs,
    values: Object.fromEntries(keys.map((key) => [key, null])) as Record<string, number | null>,
  }));
  for (const { atMs, values } of points) {
    const slot = slots[Math.floor((atMs - fromMs) / stepMs)];
    if (slot === undefined) continue;
    for (const key of keys) slot.values[key] = values[key] ?? slot.values[key] ?? null;
  }
  return slots;
}

/**
 * Times and values in columns, as a line chart takes them. Where points are further apart than a step, a column without values is put between, so
 * that the line is broken there.
 */
export function columnsOf(
  points: readonly ChartPoint[],
  keys: readonly string[],
  stepMs: number,
): { timesMs: number[]; values: (number | null)[][] } {
  const timesMs: number[] = [];
  const values: (number | null)[][] = keys.map(() => []);
  for (const point of points) {
    const before = timesMs.at(-1);
    if (before !== undefined && point.atMs - before > stepMs * SLACK) {
      timesMs.push(before + stepMs);
      for (const column of values) column.push(null);
    }
    timesMs.push(point.atMs);
    keys.forEach((key, index) => {
      values[index]?.push(point.values[key] ?? null);
    });
  }
  return { timesMs, values };
}
