/** Which tabs a tab command is about. Ids are those of the group's tabs, in their order. */

/** The tab `by` steps on, round the end; `undefined` when there is none. */
export function stepFrom(tabs: readonly string[], active: string | undefined, by: 1 | -1): string | undefined {
  if (tabs.length === 0) return undefined;
  const at = active === undefined ? -1 : tabs.indexOf(active);
  if (at < 0) return by > 0 ? tabs[0] : tabs.at(-1);
  return tabs[(at + by + tabs.length) % tabs.length];
}

/** Every tab but one. */
export function othersOf(tabs: readonly string[], tab: string): readonly string[] {
  return tabs.filter((each) => each !== tab);
}

/** The tabs after one. */
export function rightOf(tabs: readonly string[], tab: string): readonly string[] {
  const at = tabs.indexOf(tab);
  return at < 0 ? [] : tabs.slice(at + 1);
}

/** A thing's neighbour on one side; none beyond the ends. */
export function neighbour<T>(all: readonly T[], one: T | undefined, direction: 'left' | 'right'): T | undefined {
  const at = one === undefined ? -1 : all.indexOf(one);
  return at < 0 ? undefined : all[at + (direction === 'left' ? -1 : 1)];
}

/** Closed editors, the last first, without doubles; older ones than the limit are forgotten. */
export function rememberClosed<T>(
  closed: readonly T[],
  one: T,
  keyOf: (each: T) => string,
  limit: number,
): readonly T[] {
  const key = keyOf(one);
  return [one, ...closed.filter((each) => keyOf(each) !== key)].slice(0, limit);
}
