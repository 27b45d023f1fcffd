/** Runs actions one after the other, in the order of their calls. */
export interface Lock {
  run<T>(action: () => Promise<T>): Promise<T>;
}

export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(action) {
      const result = last.then(action);
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Lets at most `max` actions run at a time; the others wait in order. */
export function createGate(max: number): Lock {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(action) {
      // Whoever leaves hands its place on, so that nobody overtakes.
      if (running === max) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await action();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}

/** Calls `action` for every item, at most `max` at a time. Rejects with the first rejection, after all have ended. */
export async function forEachBounded<T>(
  items: Iterable<T>,
  max: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const gate = createGate(max);
  const results = await Promise.allSettled([...items].map((item) => gate.run(() => action(item))));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** `promise`, whose rejection may be looked at later or never: it does not count as unhandled meanwhile. */
export function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
