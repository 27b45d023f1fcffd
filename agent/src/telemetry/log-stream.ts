import { type CommandId, type LogBatch, type LogCommand, limits } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';
import type { Wake } from '../wake.ts';
import type { LogCursor, LogRing } from './log-ring.ts';

/** What a batch has besides its lines, generously. */
const ENVELOPE_BYTES = 256;

/** The way to the console. */
interface LogChannel {
  readonly connected: boolean;
  /** Resolves when the line has taken the batch; it may still be lost. */
  send(batch: LogBatch): Promise<void>;
}

export interface LogStreamDeps {
  ring: LogRing;
  channel: LogChannel;
  clock: Clock;
  /** The stream's own; must be notified when the channel connected. */
  wake: Wake;
}

/** Sends this agent's log while somebody asks for it, and nothing otherwise. */
export interface LogStream {
  /** Follows the newest command: begins, goes on from another place, or ends. */
  take(command: LogCommand): void;
  /** Sends until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

interface Asked {
  command: CommandId;
  untilMs: number;
  cursor: LogCursor;
  answered: boolean;
}

/**
 * A stream over `ring`. One batch is under way at a time and none sooner than the protocol allows, so that a thin or dead line costs the lines that
 * leave the ring meanwhile (they are counted) and never memory or anybody's time. Nothing here logs: it would be its own reader.
 */
export function createLogStream({ ring, channel, clock, wake }: LogStreamDeps): LogStream {
  let asked: Asked | undefined;
  let sentAtMs = Number.NEGATIVE_INFINITY;

  const end = () => {
    asked?.cursor.close();
    asked = undefined;
  };

  /** Sends what is due; returns after how many milliseconds to look again. */
  const pump = async (): Promise<number> => {
    if (asked === undefined) return Number.POSITIVE_INFINITY;
    const nowMs = clock.monotonicMs();
    const leftMs = asked.untilMs - nowMs;
    if (leftMs <= 0) {
      end();
      return Number.POSITIVE_INFINITY;
    }
    if (!channel.connected || (asked.answered && !asked.cursor.hasMore)) return leftMs;
    const pauseMs = sentAtMs + limits.logBatchIntervalMs - nowMs;
    if (pauseMs > 0) return Math.min(pauseMs, leftMs);
    sentAtMs = nowMs;
    asked.answered = true;
    const batch = asked.cursor.next(limits.logBatchMaxBytes - ENVELOPE_BYTES, limits.logBatchMaxLines);
    // A batch that does not get through is lost; after the reconnect the console says which line it had last.
    await channel
      .send({ v: 1, command: asked.command, startedAtMs: ring.startedAtMs, ...batch })
      .catch(() => undefined);
    return 0;
  };

  return {
    take({ id, forMs, level, after }) {
      end();
      if (forMs > 0) {
        asked = {
          command: id,
          untilMs: clock.monotonicMs() + forMs,
          cursor: ring.follow(level, after),
          answered: false,
        };
      }
      wake.notify();
    },
    async run(signal) {
      const watch = ring.onDidTake(() => {
        if (asked !== undefined) wake.notify();
      });
      let waitMs = 0;
      while (await wake.wait(waitMs, signal)) waitMs = await pump();
      watch.dispose();
      end();
    },
  };
}
