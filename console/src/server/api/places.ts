/** Work that takes minutes and holds a database connection for as long: a few at once, so that what is quick still finds one. */
import { HarpError } from '@harp/broker/protocol';

/** Places for such work. */
export interface Places {
  /** Takes one; calling the result gives it back. @throws {HarpError} `api.rate_limited` when all are taken */
  take(): () => void;
}

/** `max` places, all free. `what` says in plural what they are for. */
export function createPlaces(max: number, what: string): Places {
  const taken = new Set<symbol>();
  return {
    take() {
      if (taken.size >= max)
        throw new HarpError('api.rate_limited', `${max} ${what} are under way already`, {
          facts: { retryAfterSeconds: 30 },
        });
      const place = Symbol(what);
      taken.add(place);
      return () => void taken.delete(place);
    },
  };
}
