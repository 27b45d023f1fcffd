/**
 * What one folder wants of one peer: a few open wants, each for up to 256 items, and the watch over their progress. Knows how to ask; who is asked for
 * what, and what follows from a failure, is decided by its owner.
 */
import {
  type AgentId,
  type FolderId,
  type Frame,
  frameType,
  HarpError,
  isHarpError,
  limits,
  progressOf,
} from '@harp/broker/protocol';
import type { PeerClient } from '../peer/client.ts';
import type { Clock } from '../ports.ts';

/** `held`: the peer has them. `owed`: it gets them from outside the office, we wait. Kept apart so that bytes never queue behind promises. */
export type Lane = 'held' | 'owed';

/** Open wants per lane. Held items come as fast as the line takes them, two keep it busy; four for owed ones keep 1024 promises open. */
const OPEN_MAX: Record<Lane, number> = { held: 2, owed: 4 };
/** How often progress is looked at. */
const WATCH_MS = 500;

export interface LineItem {
  readonly id: string;
  readonly sizeBytes: number;
}

export interface PeerLineDeps<T extends LineItem> {
  peer: AgentId;
  folder: FolderId;
  kind: 'chunks' | 'blobs';
  client: Pick<PeerClient, 'want'>;
  clock: Clock;
  /** No progress for this long loses the items. */
  stallMs(): number;
  /** Promises are progress, but only for so long without a single item: a peer could go on promising for ever. */
  promiseMs(): number;
  /** Longest that the peer shall keep a want open. */
  waitMs: number;
  /** Checks and keeps an item. Nothing more is read before it resolves. @throws {HarpError} if the bytes are wrong: ends this want */
  receive(item: T, bytes: Uint8Array): Promise<void>;
  /** Bytes that nobody waits for any more. */
  onUnwanted(bytes: number): void;
  /** The peer will not send the item; `promised` if it had said before that it was getting it. */
  onAbsent(item: T, lane: Lane, promised: boolean): void;
  /** A want ended without an answer for these. */
  onBroken(items: T[], lane: Lane, error: HarpError): void;
  /** Bytes or growing promises came. */
  onAlive(): void;
}

export interface PeerLine<T extends LineItem> {
  /** Adds items to ask for, in this order. */
  ask(items: readonly T[], lane: Lane): void;
  /** Forgets an item; says nothing more about it. */
  drop(id: string): void;
  /** Bytes of held items asked for and not yet here. */
  readonly outstandingBytes: number;
  /** Ends everything; the items are reported as broken with `error`. */
  close(error: HarpError): void;
}

interface OpenWant<T> {
  lane: Lane;
  items: Map<string, { item: T; promised: boolean }>;
  abort: AbortController;
}

/** A line with nothing asked yet. */
export function createPeerLine<T extends LineItem>(deps: PeerLineDeps<T>): PeerLine<T> {
  const { peer, folder, kind, client, clock } = deps;
  const queues: Record<Lane, Map<string, T>> = { held: new Map(), owed: new Map() };
  const open = new Set<OpenWant<T>>();
  /** Since when the peer has promised an item, over all wants that asked for it (monotonic, milliseconds). */
  const promisedMs = new Map<string, number>();
  let itemMs = Number.NEGATIVE_INFINITY;

  /** Whether the peer only promises: `want` has an old promise, and nothing has come for as long. */
  const onlyPromises = (want: OpenWant<T>): boolean => {
    const sinceMs = Math.min(...[...want.items.keys()].map((id) => promisedMs.get(id) ?? Number.POSITIVE_INFINITY));
    return clock.monotonicMs() - Math.max(sinceMs, itemMs) >= deps.promiseMs();
  };

  const pump = (lane: Lane) => {
    const queue = queues[lane];
    while (queue.size > 0 && [...open].filter((want) => want.lane === lane).length < OPEN_MAX[lane]) {
      const batch = [...queue.values()].slice(0, limits.wantMaxIds);
      for (const { id } of batch) queue.delete(id);
      const want: OpenWant<T> = {
        lane,
        items: new Map(batch.map((item) => [item.id, { item, promised: false }])),
        abort: new AbortController(),
      };
      open.add(want);
      void run(want);
    }
  };

  const run = async (want: OpenWant<T>) => {
    const { items, abort, lane } = want;
    let progressMs = clock.monotonicMs();
    let counter = -1;
    let storing = 0;
    const progressed = () => {
      progressMs = clock.monotonicMs();
      deps.onAlive();
    };
    const onFrame = async (frame: Frame) => {
      const entry = items.get(frame.id);
      if (frame.type === frameType.waiting) {
        // A promise for what it said it held is none.
        if (entry === undefined || lane === 'held') return;
        entry.promised = true;
        if (!promisedMs.has(frame.id)) promisedMs.set(frame.id, clock.monotonicMs());
        const progress = progressOf(frame);
        if (progress > counter) progressed();
        counter = Math.max(counter, progress);
        return;
      }
      if (entry === undefined) {
        deps.onUnwanted(frame.payload.length);
        return;
      }
      if (frame.type !== frameType.data) {
        items.delete(frame.id);
        if (!entry.promised) promisedMs.delete(frame.id);
        deps.onAbsent(entry.item, lane, entry.promised);
        return;
      }
      storing++;
      try {
        await deps.receive(entry.item, frame.payload);
        items.delete(frame.id);
        promisedMs.delete(frame.id);
        itemMs = clock.monotonicMs();
      } finally {
        storing--;
        progressed();
      }
    };
    const watch = async () => {
      for (;;) {
        await clock.sleep(Math.min(WATCH_MS, deps.stallMs()), abort.signal);
        // A slow disk of ours is not the peer's fault.
        if (storing > 0) continue;
        if (clock.monotonicMs() - progressMs < deps.stallMs() && !onlyPromises(want)) continue;
        abort.abort(new HarpError('peer.stalled', 'a neighbour makes no progress'));
      }
    };

    let failure: HarpError | undefined;
    watch().catch(() => undefined);
    try {
      const ids = [...items.keys()];
      await client.want(peer, folder, kind, ids, deps.waitMs, { onFrame, onProgress: progressed }, abort.signal);
    } catch (error) {
      failure = isHarpError(error) ? error : new HarpError('peer.unreachable', 'a want failed', { cause: error });
    }
    abort.abort('ended');
    open.delete(want);
    const left = [...items.values()];
    items.clear();
    if (failure !== undefined) for (const { item } of left) promisedMs.delete(item.id);
    if (failure !== undefined && left.length > 0)
      deps.onBroken(
        left.map(({ item }) => item),
        lane,
        failure,
      );
    // A whole answer that leaves an item out says that the peer does not have it.
    else for (const { item, promised } of left) deps.onAbsent(item, lane, promised);
    pump(lane);
  };

  return {
    ask(items, lane) {
      for (const item of items) queues[lane].set(item.id, item);
      pump(lane);
    },
    drop(id) {
      queues.held.delete(id);
      queues.owed.delete(id);
      promisedMs.delete(id);
      for (const want of open) {
        if (want.items.delete(id) && want.items.size === 0)
          want.abort.abort(new HarpError('peer.unreachable', 'not wanted any more'));
      }
    },
    get outstandingBytes() {
      let bytes = 0;
      for (const { sizeBytes } of queues.held.values()) bytes += sizeBytes;
      for (const { lane, items } of open) {
        if (lane === 'held') for (const { item } of items.values()) bytes += item.sizeBytes;
      }
      return bytes;
    },
    close(error) {
      for (const lane of ['held', 'owed'] as const) {
        const queued = [...queues[lane].values()];
        queues[lane].clear();
        if (queued.length > 0) deps.onBroken(queued, lane, error);
      }
      for (const want of open) want.abort.abort(error);
    },
  };
}
