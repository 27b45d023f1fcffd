/** A bounded number of places, given out in the order of asking. */
export interface Slots {
  /** Waits for a place; the returned function gives it back and may be called once. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
}

/** `limit` is asked each time, so that a policy can change it; lowering it takes effect as places come back. */
export function createSlots(limit: () => number): Slots {
  let taken = 0;
  const queue = new Set<() => void>();
  const next = () => {
    for (const begin of queue) {
      if (taken >= limit()) return;
      queue.delete(begin);
      begin();
    }
  };
  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const abort = () => {
          queue.delete(begin);
          reject(signal.reason);
        };
        const begin = () => {
          signal.removeEventListener('abort', abort);
          taken++;
          let held = true;
          resolve(() => {
            if (!held) return;
            held = false;
            taken--;
            next();
          });
        };
        signal.addEventListener('abort', abort, { once: true });
        queue.add(begin);
        next();
      }),
  };
}
