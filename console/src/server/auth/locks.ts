/** Which people cannot sign in with their password for a while, because somebody failed to too often. In memory, as what counts the failures is. */
import type { Changes } from '../audit/request-audit.ts';
import type { Clock } from '../ports.ts';
import type { BackOff } from './back-off.ts';

interface Person {
  id: string;
  name: string;
}

/** Somebody who is locked out. */
export interface Lock extends Person {
  sinceMs: number;
  untilMs: number;
}

export interface Locks {
  /** Notes that a key of this person was locked, in the log of changes too. */
  locked(person: Person, key: string, untilMs: number, changes: Changes): Promise<void>;
  /** Everybody who is locked out now. */
  list(): Lock[];
  /** Lets a person try again at once; nothing happens if they may. */
  unlock(person: Person, changes: Changes): Promise<void>;
}

/** `counters`: what a key may be locked in. */
export function createLocks(counters: readonly BackOff[], clock: Clock): Locks {
  const locks = new Map<string, Lock & { keys: Set<string> }>();
  const current = () => {
    for (const [id, { untilMs }] of locks) if (untilMs <= clock.nowMs()) locks.delete(id);
    return locks;
  };
  return {
    async locked({ id, name }, key, untilMs, changes) {
      const sinceMs = clock.nowMs();
      const keys = new Set([...(current().get(id)?.keys ?? []), key]);
      locks.set(id, { id, name, sinceMs, untilMs, keys });
      await changes.change(async (_tx, record) => {
        record.add({ action: 'session.lock', object: { kind: 'user', id, name }, after: { untilMs } });
      });
    },
    list: () => [...current().values()].map(({ keys: _, ...lock }) => lock),
    unlock: ({ id, name }, changes) =>
      changes.change(async (_tx, record) => {
        const lock = current().get(id);
        if (lock === undefined) return record.nothing();
        record.add({ action: 'session.unlock', object: { kind: 'user', id, name }, before: { untilMs: lock.untilMs } });
        for (const key of lock.keys) for (const counter of counters) counter.forgive(key);
        locks.delete(id);
      }),
  };
}
