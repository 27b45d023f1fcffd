/** Places for requests that are answered at one time, given out so that nobody can take them all: neither strangers nor one agent. */
import type { IncomingMessage } from 'node:http';

/** Requests of one caller at one time. An agent has two connections, and a third now and then. */
export const PLACES_OF_A_CALLER = 8;

export interface Place {
  /** Gives it back; again is harmless. */
  leave(): void;
}

export interface RequestPlaces {
  /**
   * A place for a request; undefined if there is none left. `caller`: whose certificate it shows; undefined for strangers, who have as many places of
   * their own. Of these, one whose request is still on its way is cut off for the newest: requests that never end keep nobody out.
   */
  enter(request: IncomingMessage, caller: string | undefined): Place | undefined;
}

/** `most` places for those with a certificate, and as many for those without. */
export function createRequestPlaces(most: number): RequestPlaces {
  const callers = new Map<string, number>();
  const strangers = new Set<IncomingMessage>();
  let known = 0;

  const enterKnown = (caller: string): Place | undefined => {
    const mine = callers.get(caller) ?? 0;
    if (known >= most || mine >= PLACES_OF_A_CALLER) return undefined;
    known += 1;
    callers.set(caller, mine + 1);
    let isTaken = true;
    return {
      leave() {
        if (!isTaken) return;
        isTaken = false;
        known -= 1;
        const left = callers.get(caller)! - 1;
        if (left === 0) callers.delete(caller);
        else callers.set(caller, left);
      },
    };
  };

  return {
    enter(request, caller) {
      if (caller !== undefined) return enterKnown(caller);
      if (strangers.size >= most) {
        const slowest = [...strangers].find(({ complete }) => !complete);
        if (slowest === undefined) return undefined;
        strangers.delete(slowest);
        slowest.destroy();
      }
      strangers.add(request);
      return { leave: () => void strangers.delete(request) };
    },
  };
}
