/** Which rows of a long list stand in the page. */
import type { Range } from '@tanstack/react-virtual';

/** Rows drawn above and below what is seen: enough for one turn of a wheel, few enough for a page of sixty rows. */
export const OVERSCAN_ROWS = 5;

/** What is seen, a few more, and always the row with the focus: a focused element that is taken away loses the keyboard's place. */
export function rangeWith(focused: number): (range: Range) => number[] {
  return ({ startIndex, endIndex, overscan, count }) => {
    const from = Math.max(0, startIndex - overscan);
    const to = Math.min(count - 1, endIndex + overscan);
    const seen = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    if (focused < 0 || focused >= count) return seen;
    if (focused < from) return [focused, ...seen];
    return focused > to ? [...seen, focused] : seen;
  };
}
