/** Bounds how many things run at one time; the others wait their turn in order. */
export interface Limiter {
  /** Runs `task` when there is room. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** At most `atOnce` tasks at one time. */
export function createLimiter(atOnce: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(task) {
      if (running < atOnce) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        // The place passes on, so `running` stays as it is.
        if (next !== undefined) next();
        else running -= 1;
      }
    },
  };
}
