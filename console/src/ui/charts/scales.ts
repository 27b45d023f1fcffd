/** From values to places and shades. */

/** How many shades the heat map has, the palest included. */
export const HEAT_STEPS = 5;

/** The shade of a value, 0 to 4: 0 for nothing at all only, so that little is still told from nothing. */
export function heatStep(value: number, max: number): number {
  if (value <= 0 || max <= 0) return 0;
  return Math.min(HEAT_STEPS - 1, Math.max(1, Math.ceil((value / max) * (HEAT_STEPS - 1))));
}

/** Where a share of 0 to 1 stands, in percent. */
export function percentOf(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}

/** Columns of a heat map that have room for their label, and how it stands there. */
export interface ColumnLabels {
  columns: readonly number[];
  /** Below its column's middle, from its left edge, or upright. */
  how: 'middle' | 'start' | 'upright';
}

/** As many columns as a person may want to read all of. */
const NAMED_COLUMNS = 12;
const LABEL_GAP_PIXELS = 12;
/** A line of upright text. */
const UPRIGHT_PIXELS = 16;
/** Every which column is labelled: what times and counts are read in. */
const EVERY = [1, 2, 3, 4, 6, 12, 24, 36, 48, 72, 96, 144];

/** Labels all columns if they fit, side by side or upright when they are few, else those that do without touching each other. */
export function columnLabels(count: number, widestPixels: number, widthPixels: number): ColumnLabels {
  const columnPixels = widthPixels / count;
  const all = Array.from({ length: count }, (_, column) => column);
  if (widthPixels <= 0) return { columns: [], how: 'middle' };
  if (columnPixels >= widestPixels + LABEL_GAP_PIXELS) return { columns: all, how: 'middle' };
  if (count <= NAMED_COLUMNS && columnPixels >= UPRIGHT_PIXELS) return { columns: all, how: 'upright' };
  const every = EVERY.find((step) => step * columnPixels >= widestPixels + LABEL_GAP_PIXELS) ?? count;
  const fits = (column: number) => column === 0 || column * columnPixels + widestPixels <= widthPixels;
  return { columns: all.filter((column) => column % every === 0 && fits(column)), how: 'start' };
}

/** Ranked from worst to best; what is not known comes last. Equal ones keep their order. */
export function ranked<Item extends { share: number | null }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.share ?? Number.POSITIVE_INFINITY) - (b.share ?? Number.POSITIVE_INFINITY));
}

/** Which band a share is in. */
export function bandOf(share: number, bands: { warning: number; error: number }): 'ok' | 'warning' | 'error' {
  if (share < bands.error) return 'error';
  return share < bands.warning ? 'warning' : 'ok';
}

/**
 * Counts as percentages that add up to 100, each at least 1 when there is any: a part of ten in a million must be seen, and the bar must not be
 * longer than itself.
 */
export function proportions(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + Math.max(0, count), 0);
  if (total === 0) return counts.map(() => 0);
  const raised = counts.map((count) => (count <= 0 ? 0 : Math.max(1, (100 * count) / total)));
  const over = raised.reduce((sum, share) => sum + share, 0) - 100;
  if (over <= 0) return raised;
  const room = raised.reduce((sum, share) => sum + Math.max(0, share - 1), 0);
  return raised.map((share) => (share <= 1 ? share : share - (over * (share - 1)) / room));
}

/** The first moment at which a rising staircase reaches a share; `undefined` if it does not. */
export function reachedAfter(
  points: readonly { afterMs: number; share: number | null }[],
  share: number,
): number | undefined {
  return points.find((point) => point.share !== null && point.share >= share)?.afterMs;
}
