/**
 * Tells every open workbench which data to ask for again. Carries no data itself: a client that misses events loses nothing but time, and what
 * waits for a slow client is a set of six keys at most, however much happens.
 */
import type { StreamChange } from '../../api/schemas.ts';
import type { Clock } from '../ports.ts';

/** A kind of data that can change. */
export type ChangeKey = StreamChange['keys'][number];

const allKeys = ['offices', 'agents', 'folders', 'transfers', 'traffic', 'events'] as const satisfies ChangeKey[];

/** One event of the stream. `id` is what a client sends back as `Last-Event-ID` after it was cut off. */
export interface LiveEvent {
  id: string;
  keys: ChangeKey[];
}

/** One client's connection. */
export interface LiveClient {
  /** Sends an event; resolves when the client's connection can take another. Rejecting ends the subscription. */
  send(event: LiveEvent): Promise<void>;
}

export interface LiveHub {
  /** Says that data changed. Cheap: call it at every change. */
  changed(keys: Iterable<ChangeKey>): void;
  /**
   * Sends `client` what changes from now on, and first what it missed since `lastEventId`. An id of another life of the server means everything.
   *
   * @returns ends the subscription
   */
  subscribe(client: LiveClient, lastEventId?: string): () => void;
  /** Open subscriptions. */
  readonly size: number;
  /** The id of the present: what changes later has a later one. */
  readonly lastId: string;
}

/** At most four flushes a second: faster than anyone reads, slow enough for a browser with many panels. */
export const FLUSH_EVERY_MS = 250;

/** A hub. `life` tells this process from the ones before: ids of another life are not comparable. */
export function createLiveHub({ clock, life }: { clock: Clock; life: string }): LiveHub {
  interface Subscription {
    client: LiveClient;
    pending: Set<ChangeKey>;
    sending: boolean;
  }
  const subscriptions = new Set<Subscription>();
  /** Number of the flush in which each key last changed. */
  const lastChange = new Map<ChangeKey, number>();
  const changedSinceFlush = new Set<ChangeKey>();
  let flushes = 0;
  let lastFlushAtMs = Number.NEGATIVE_INFINITY;
  let scheduled = false;

  const idOf = (flush: number) => `${life}.${flush}`;

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(Math.max(0, lastFlushAtMs + FLUSH_EVERY_MS - clock.nowMs()), flush);
  };

  const flush = () => {
    scheduled = false;
    lastFlushAtMs = clock.nowMs();
    if (changedSinceFlush.size > 0) {
      flushes++;
      for (const key of changedSinceFlush) {
        lastChange.set(key, flushes);
        for (const { pending } of subscriptions) pending.add(key);
      }
      changedSinceFlush.clear();
    }
    for (const subscription of subscriptions) deliver(subscription);
  };

  const deliver = (subscription: Subscription) => {
    const { client, pending } = subscription;
    if (subscription.sending || pending.size === 0) return;
    const keys = allKeys.filter((key) => pending.has(key));
    pending.clear();
    subscription.sending = true;
    client.send({ id: idOf(flushes), keys }).then(
      () => {
        subscription.sending = false;
        if (pending.size > 0 && subscriptions.has(subscription)) schedule();
      },
      () => subscriptions.delete(subscription),
    );
  };

  const missedSince = (lastEventId: string | undefined): ChangeKey[] => {
    if (lastEventId === undefined) return [];
    const [itsLife, number] = lastEventId.split('.');
    if (itsLife !== life || !/^\d+$/.test(number ?? '')) return [...allKeys];
    return allKeys.filter((key) => (lastChange.get(key) ?? 0) > Number(number));
  };

  return {
    changed(keys) {
      for (const key of keys) changedSinceFlush.add(key);
      if (changedSinceFlush.size > 0) schedule();
    },
    subscribe(client, lastEventId) {
      const subscription = { client, pending: new Set(missedSince(lastEventId)), sending: false };
      subscriptions.add(subscription);
      if (subscription.pending.size > 0) schedule();
      return () => subscriptions.delete(subscription);
    },
    get size() {
      return subscriptions.size;
    },
    get lastId() {
      return idOf(flushes);
    },
  };
}
