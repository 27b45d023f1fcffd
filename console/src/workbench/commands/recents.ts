/** What was used last, newest first, kept in this browser: the palette lists it first. */
import { z } from 'zod';

/** The part of `Storage` that is needed; `window.localStorage` is one. */
export interface KeptTexts {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Ids by last use. */
export interface Recents {
  /** Newest first. */
  list(): readonly string[];
  /** Puts an id first. */
  touch(id: string): void;
  clear(): void;
}

/** VS Code keeps 50 commands; more would only be scrolled past. */
const LIMIT = 50;

/**
 * Recents under one storage key. Storage that is full, forbidden or holds something else costs the memory of them and nothing more: they are
 * a convenience.
 */
export function createRecents(storage: KeptTexts | undefined, storageKey: string, limit = LIMIT): Recents {
  let ids: readonly string[] = read(storage, storageKey).slice(0, limit);
  const keep = (next: readonly string[]) => {
    ids = next;
    try {
      storage?.setItem(storageKey, JSON.stringify(ids));
    } catch {
      // A full or forbidden storage: the list lives on until the page is left.
    }
  };
  return {
    list: () => ids,
    touch: (id) => keep([id, ...ids.filter((other) => other !== id)].slice(0, limit)),
    clear: () => keep([]),
  };
}

function read(storage: KeptTexts | undefined, storageKey: string): readonly string[] {
  try {
    const parsed = z.array(z.string()).safeParse(JSON.parse(storage?.getItem(storageKey) ?? '[]'));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
