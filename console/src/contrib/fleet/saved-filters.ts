/** Filters a person saved, kept at the server with what other features keep under the same key. */
import { z } from 'zod';

/** More than anybody tells apart in a list. */
export const MAX_FILTERS = 50;
const MAX_NAME = 60;

export const SavedFilter = z.object({ name: z.string().min(1).max(MAX_NAME), query: z.string().min(1).max(500) });
export type SavedFilter = z.infer<typeof SavedFilter>;

const Stored = z.looseObject({ fleet: z.array(z.unknown()).optional() });

/** The filters in what the server keeps; what cannot be read is left out. */
export function filtersIn(value: unknown): readonly SavedFilter[] {
  const stored = Stored.safeParse(value);
  return (stored.data?.fleet ?? []).flatMap((each) => SavedFilter.safeParse(each).data ?? []).slice(0, MAX_FILTERS);
}

/** The document with these filters; what other features keep in it stays. */
export function withFilters(value: unknown, filters: readonly SavedFilter[]): Record<string, unknown> {
  return { ...Stored.safeParse(value).data, fleet: filters };
}

/** The filters with one more, in the order of their names; one of the same name is replaced. */
export function withFilter(filters: readonly SavedFilter[], filter: SavedFilter): readonly SavedFilter[] {
  return [...filters.filter(({ name }) => name !== filter.name), filter].toSorted((a, b) =>
    a.name.localeCompare(b.name),
  );
}

/** Why a name cannot be taken; undefined when it can. */
export function nameProblem(name: string): 'empty' | 'long' | undefined {
  return name.trim() === '' ? 'empty' : name.trim().length > MAX_NAME ? 'long' : undefined;
}
