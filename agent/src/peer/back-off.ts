/** How long to wait before the next try. */
export interface BackOff {
  firstMs: number;
  capMs: number;
}

/**
 * Milliseconds to wait after `failures` failures in a row (1 or more): doubling from `firstMs`, at most `capMs`, of which the last third is left
 * to chance so that agents that failed together do not try together. `random` is uniform in [0, 1).
 */
export function backOffMs(failures: number, { firstMs, capMs }: BackOff, random: () => number): number {
  const fullMs = Math.min(capMs, firstMs * 2 ** Math.min(30, failures - 1));
  return fullMs * (2 / 3 + random() / 3);
}
