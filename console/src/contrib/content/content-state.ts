/** What the parts of this feature tell each other across the workbench: what is selected in the tree, and what it is asked to show. */
import type { ContentItem } from './content-item.ts';

/** A value that others hear of. */
export interface Told<T> {
  readonly value: T;
  tell(value: T): void;
  onDidChange(listener: () => void): () => void;
}

function told<T>(first: T): Told<T> {
  const listeners = new Set<() => void>();
  let value = first;
  return {
    get value() {
      return value;
    },
    tell(next) {
      value = next;
      for (const listener of listeners) listener();
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What is selected in the Content tree, the last one first. */
export const selectedItems = told<readonly ContentItem[]>([]);

/** What the tree is asked to bring into view; a new object for every request. */
export const revealRequest = told<{ item: ContentItem } | undefined>(undefined);

/** A chain that somebody asked to be verified: its editor begins when it is told, and takes the request away. */
export const verifyRequest = told<{ folder: string; path: string | undefined } | undefined>(undefined);
