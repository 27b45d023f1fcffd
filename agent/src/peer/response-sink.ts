import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { HarpError } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';
import type { Slots } from './slots.ts';
import type { FrameSink } from './want-answer.ts';

/** A reader that takes nothing for this long is cut off: 30 s outlast a short Wi-Fi gap, and the peer can ask again. */
const STUCK_READER_MS = 30_000;

export interface ResponseSinkDeps {
  clock: Clock;
  /** Places for items in the hands of readers, over all responses. */
  sending: Slots;
  /** Aborts when the asker is gone. */
  signal: AbortSignal;
  /** Whether the asker may still have items of the folder. */
  isShared(): boolean;
}

/** Writes frames to an HTTP response, no faster than its reader takes them. */
export function createResponseSink(
  response: ServerResponse,
  { clock, sending, signal, isShared }: ResponseSinkDeps,
): FrameSink {
  const drained = async () => {
    const stop = new AbortController();
    const either = AbortSignal.any([stop.signal, signal]);
    const stuck = clock.sleep(STUCK_READER_MS, either).then(() => {
      throw new HarpError('peer.stalled', 'the asker does not read');
    });
    try {
      await Promise.race([once(response, 'drain', { signal: either }), stuck]);
    } finally {
      stop.abort('drained');
      stuck.catch(() => undefined);
    }
  };
  return {
    async write(header, payload) {
      signal.throwIfAborted();
      // Small frames need no place: what they pin is a few bytes.
      const release = payload === undefined ? undefined : await sending.take(signal);
      try {
        if (payload !== undefined && !isShared())
          throw new HarpError('peer.folder_not_shared', 'the roster has changed: this folder is not shared any more');
        response.cork();
        response.write(header);
        if (payload !== undefined) response.write(payload);
        response.uncork();
        if (response.writableNeedDrain) await drained();
      } finally {
        release?.();
      }
    },
  };
}
