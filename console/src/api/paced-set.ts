/** Gathers what repeats and hands it on at a pace: the first at once, the rest together. */
export interface PacedSet<T> {
  add(items: Iterable<T>): void;
  /** Hands on nothing more. */
  stop(): void;
}

/** A set that is handed on, and emptied, at most every `everyMs`. */
export function createPacedSet<T>(everyMs: number, handOn: (items: ReadonlySet<T>) => void): PacedSet<T> {
  let waiting = new Set<T>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    const items = waiting;
    waiting = new Set();
    timer = setTimeout(flush, everyMs);
    handOn(items);
  };
  return {
    add(items) {
      for (const item of items) waiting.add(item);
      if (timer === undefined) flush();
    },
    stop() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
