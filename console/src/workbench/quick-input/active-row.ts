/** Which row of the list is the active one, as rows come and go. The field keeps the focus; the list is only pointed at. */
import { useState } from 'react';

export interface ActiveRow {
  /** −1 while there are no rows. */
  readonly index: number;
  /** Moves to a row; beyond either end, round. */
  move(to: number): void;
  /** Moves by some rows and stops at the ends. */
  moveBy(step: number): void;
  /** The first row again, as after every change of the query. */
  restart(): void;
}

/**
 * Where the active row is after the rows have changed: the same one if the reader had chosen it, wherever it went; else the first.
 */
export function activeIndex(rows: readonly { id: string }[], chosenId: string | undefined): number {
  if (rows.length === 0) return -1;
  const place = chosenId === undefined ? -1 : rows.findIndex(({ id }) => id === chosenId);
  return Math.max(place, 0);
}

/** Keeps the active row of a list; at first it is `firstId`'s. */
export function useActiveRow(rows: readonly { id: string }[], firstId?: string): ActiveRow {
  const [chosenId, choose] = useState(firstId);
  const index = activeIndex(rows, chosenId);
  const last = rows.length - 1;
  return {
    index,
    move: (to) => choose(rows[to < 0 ? last : to > last ? 0 : to]?.id),
    moveBy: (step) => choose(rows[Math.min(last, Math.max(0, index + step))]?.id),
    restart: () => choose(undefined),
  };
}
