/** From the items of providers to the rows of the list: what fits the query, best first, once each. */
import type { QuickItem } from '../model.ts';
import { type FuzzyQuery, matchesIn, type Prepared, prepare, type Range, rank } from './fuzzy.ts';

/** An item with a second name that is searched but not shown, such as the English name of a translated command. */
export interface AliasedItem extends QuickItem {
  readonly alias?: string | undefined;
}

const preparedItems = new WeakMap<QuickItem, Prepared>();

/** The folded texts of an item; folded once per item object. */
export function preparedItem(item: AliasedItem): Prepared {
  let prepared = preparedItems.get(item);
  if (prepared === undefined) {
    prepared = prepare(item);
    preparedItems.set(item, prepared);
  }
  return prepared;
}

/** How many items are folded in one go while nobody types: about a millisecond's work. */
const WARMED_AT_ONCE = 500;

/** Folds items while the page is idle, so that the first letter is not slower than the others. Ends when the returned function is called. */
export function warmItems(items: readonly QuickItem[]): () => void {
  if (typeof requestIdleCallback === 'undefined') return () => {};
  let next = 0;
  let handle = 0;
  const warm = () => {
    const end = Math.min(items.length, next + WARMED_AT_ONCE);
    for (; next < end; next += 1) preparedItem(items[next]!);
    if (next < items.length) handle = requestIdleCallback(warm);
  };
  handle = requestIdleCallback(warm);
  return () => cancelIdleCallback(handle);
}

/** Where to highlight an item: what its provider said, or where the query is found. */
export function highlightsOf(query: FuzzyQuery, item: QuickItem): readonly Range[] {
  if (item.matches !== undefined && item.matches.length > 0) return item.matches;
  return matchesIn(query, preparedItem(item));
}

/** As much as a word start: a recent object wins between like ones, but not against a clearly better fit. */
const RECENT_BONUS = 12;

/** What one provider gave, and for which query. */
export interface Given {
  readonly items: readonly QuickItem[];
  /** Whether the items answer the query that is shown. Items of an earlier one are filtered again, whatever their provider said. */
  readonly isCurrent: boolean;
}

/**
 * The rows for a query. Items that their provider has matched itself stay, even if nothing of the query is found in them; all others must fit.
 * Without a query the recent ones come first, then all in the providers' order. An id is shown once: the first provider's item.
 */
export function rowsFor(query: FuzzyQuery, given: readonly Given[], recents: readonly string[]): readonly QuickItem[] {
  const recency = new Map(recents.map((id, index) => [id, index]));
  const candidates = new Map<string, QuickItem>();
  const staying = new Set<QuickItem>();
  for (const { items, isCurrent } of given) {
    for (const item of items) {
      if (candidates.has(item.id)) continue;
      candidates.set(item.id, item);
      if (isCurrent && item.matches !== undefined) staying.add(item);
    }
  }
  const items = [...candidates.values()];
  if (query.words.length === 0) {
    const recent = items.filter(({ id }) => recency.has(id));
    recent.sort((a, b) => recency.get(a.id)! - recency.get(b.id)!);
    return recent.length === 0 ? items : [...recent, ...items.filter(({ id }) => !recency.has(id))];
  }
  const fitting = rank(query, items, preparedItem, ({ id }) => (recency.has(id) ? RECENT_BONUS : 0));
  for (const item of fitting) staying.delete(item);
  return [...fitting, ...staying];
}
