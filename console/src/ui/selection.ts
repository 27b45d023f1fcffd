/** Selecting rows of a tree or table: one, some, a range, all. Selection and focus are independent of each other. */

export interface Selection {
  readonly selected: ReadonlySet<string>;
  /** Where a range starts. */
  readonly anchor: string | undefined;
}

/** Nothing selected. */
export const noSelection: Selection = { selected: new Set(), anchor: undefined };

/** This one and no other. */
export function selectOne(id: string): Selection {
  return { selected: new Set([id]), anchor: id };
}

/** This one as well, or no more. */
export function toggleOne({ selected }: Selection, id: string): Selection {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return { selected: next, anchor: id };
}

/** From the anchor to `to`, in the order of `ids`. Without an anchor, or when it is not shown any more, only `to`. */
export function selectRange({ anchor }: Selection, ids: readonly string[], to: string): Selection {
  const from = anchor === undefined ? -1 : ids.indexOf(anchor);
  const end = ids.indexOf(to);
  if (from < 0 || end < 0) return selectOne(to);
  return { selected: new Set(ids.slice(Math.min(from, end), Math.max(from, end) + 1)), anchor };
}

/** Everything that is shown. */
export function selectAll({ anchor }: Selection, ids: readonly string[]): Selection {
  return { selected: new Set(ids), anchor: anchor ?? ids[0] };
}

/** What a menu opened on `id` is about: the whole selection when `id` is in it, `id` first; otherwise `id` alone. */
export function menuTargets(selected: ReadonlySet<string>, ids: readonly string[], id: string): readonly string[] {
  return selected.has(id) ? [id, ...ids.filter((each) => each !== id && selected.has(each))] : [id];
}
