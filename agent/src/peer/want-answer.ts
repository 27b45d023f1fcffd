/**
 * Answers one want: items held at once, items this agent is getting as soon as they are verified, `absent` for the rest. One of these runs per open
 * want; it holds at most one item in memory, and only while the asker reads.
 */
import { endFrame, type FolderId, frameHeader, frameType, waitingFrame } from '@harp/broker/protocol';
import type { Clock, Disposable } from '../ports.ts';
import type { Undertakings } from './undertakings.ts';

/**
 * How long an item that nobody here has heard of is waited for: the asker may have received a head or a desired state some moments before us.
 * MQTT reaches the agents of an office within tens of milliseconds of each other; 1.5 s covers a busy PC.
 */
export const GRACE_MS = 1500;
/** The contract: `waiting` at least every second while there is progress. */
const WAITING_EVERY_MS = 1000;
/** What is undertaken and released between two looks is told in one: a thousand small files must not cost a thousand looks at every want. */
const LOOK_EVERY_MS = 20;
/** Why a pause is cut short; a reason given saves making an error for it. */
const WOKEN = 'woken';

/** The store behind a want, chunks or blobs, narrowed to what this asker may have. */
export interface ItemSource {
  /** Whether the item is here and belongs to the folder. */
  has(id: string): boolean;
  /** Verified bytes; undefined if they are gone after all. */
  read(id: string): Promise<Uint8Array | undefined>;
  onDidStore(listener: (id: string) => void): Disposable;
}

/** Where frames go. */
export interface FrameSink {
  /** Resolves when more may be written: a slow reader holds up its own want and nothing else. @throws when the asker is gone */
  write(header: Uint8Array, payload?: Uint8Array): Promise<void>;
}

export interface WantAnswerDeps {
  clock: Clock;
  undertakings: Undertakings;
  folder: FolderId;
  source: ItemSource;
  sink: FrameSink;
  /** Called with the size of every item sent. */
  onServed(bytes: number): void;
}

/** Runs until every id is answered and the end frame is written. Rejects when `signal` aborts or the sink fails. */
export async function answerWant(
  ids: readonly string[],
  waitMs: number,
  { clock, undertakings, folder, source, sink, onServed }: WantAnswerDeps,
  signal: AbortSignal,
): Promise<void> {
  const startMs = clock.monotonicMs();
  const deadlineMs = startMs + waitMs;
  const graceMs = startMs + Math.min(waitMs, GRACE_MS);
  const open = new Set(ids);
  const ready: string[] = [];
  /** Items whose first `waiting` has been sent. */
  const promised = new Set<string>();
  let toldProgress = -1;
  let nextTellMs = startMs + WAITING_EVERY_MS;
  let lookedMs = Number.NEGATIVE_INFINITY;
  /** When the open items are to be looked at again. */
  let lookMs = startMs;
  let wake = new AbortController();

  const stored = source.onDidStore((id) => {
    if (!open.has(id)) return;
    ready.push(id);
    wake.abort(WOKEN);
  });
  const undertaken = undertakings.onDidChange(() => {
    const soonMs = lookedMs + LOOK_EVERY_MS;
    if (lookMs <= soonMs) return;
    lookMs = soonMs;
    wake.abort(WOKEN);
  });

  const sendReady = async () => {
    for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
      if (!open.has(id) || !source.has(id)) continue;
      const bytes = await source.read(id);
      if (bytes === undefined) continue;
      open.delete(id);
      await sink.write(frameHeader(frameType.data, id, bytes.length), bytes);
      onServed(bytes.length);
    }
  };
  const tellWaiting = async () => {
    const progress = undertakings.progress(folder);
    const again = clock.monotonicMs() >= nextTellMs && progress !== toldProgress;
    for (const id of open) {
      if (!undertakings.has(folder, id) || (promised.has(id) && !again)) continue;
      promised.add(id);
      await sink.write(waitingFrame(id, progress));
    }
    if (again || toldProgress < 0) toldProgress = progress;
    if (clock.monotonicMs() >= nextTellMs) nextTellMs = clock.monotonicMs() + WAITING_EVERY_MS;
  };
  const refuseOverdue = async () => {
    const nowMs = clock.monotonicMs();
    if (nowMs < graceMs) return;
    for (const id of open) {
      // Stored a moment ago, so no longer undertaken: it is sent, not refused.
      if (ready.includes(id) || (nowMs < deadlineMs && undertakings.has(folder, id))) continue;
      open.delete(id);
      await sink.write(frameHeader(frameType.absent, id, 0));
    }
  };
  /** Says what there is to say of the open items, and when to look at them again. */
  const look = async () => {
    lookedMs = clock.monotonicMs();
    lookMs = Number.POSITIVE_INFINITY;
    await tellWaiting();
    await refuseOverdue();
    let dueMs = deadlineMs;
    for (const id of open) dueMs = Math.min(dueMs, undertakings.has(folder, id) ? nextTellMs : graceMs);
    lookMs = Math.min(lookMs, dueMs);
  };
  /** Until an item is stored or it is time to look. */
  const pause = async () => {
    const leftMs = lookMs - clock.monotonicMs();
    await clock.sleep(Math.max(0, leftMs), AbortSignal.any([wake.signal, signal])).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
    wake = new AbortController();
  };

  try {
    ready.push(...ids.filter((id) => source.has(id)));
    for (;;) {
      signal.throwIfAborted();
      await sendReady();
      if (clock.monotonicMs() >= lookMs) await look();
      if (ready.length > 0) continue;
      if (open.size === 0) break;
      await pause();
    }
    await sink.write(endFrame());
  } finally {
    stored.dispose();
    undertaken.dispose();
  }
}
