import type { Disposable } from '../ports.ts';

/** A list of listeners to one thing that happens. */
export interface Listeners<T extends unknown[]> {
  /** Calls `listener` each time until it is disposed. */
  add(listener: (...facts: T) => void): Disposable;
  fire(...facts: T): void;
}

/** An empty list. Listeners added or disposed while one is told take effect from the next time on. */
export function createListeners<T extends unknown[] = []>(): Listeners<T> {
  const listeners = new Set<(...facts: T) => void>();
  return {
    add(listener) {
      // A wrapper, so that the same function may be added twice and disposed once.
      const entry = (...facts: T) => listener(...facts);
      listeners.add(entry);
      return { dispose: () => void listeners.delete(entry) };
    },
    fire(...facts) {
      for (const listener of [...listeners]) listener(...facts);
    },
  };
}
