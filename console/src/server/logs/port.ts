/**
 * Log channels as the API sees them. Whoever keeps the lines (rings of 10 000 a channel, agents' lines over MQTT) implements this; the API only reads
 * and follows.
 */
import type { LogChannel, LogLine } from '../../api/schemas.ts';

/** What a reader gets. */
export interface LogRead {
  /** Oldest first. */
  lines: LogLine[];
  /** Lines after `after` that have fallen out of the ring before they were read. */
  lost: number;
}

export interface LogChannels {
  /** Every channel there is: server, indexer, broker, and the agents whose lines are known or can be asked for. */
  list(): Promise<LogChannel[]>;
  /**
   * Lines with a `seq` above `after`, at most `limit`, oldest first; without `after` the newest `limit`. Undefined if there is no such channel.
   */
  read(channel: string, options: { after?: number | undefined; limit: number }): Promise<LogRead | undefined>;
  /**
   * Calls `onLines` soon after lines were added, until disposed; carries none, so nothing piles up for a slow reader: it reads from where it was. An
   * agent's channel may begin to relay when somebody subscribes, and stop when the last one is disposed.
   */
  subscribe(channel: string, onLines: () => void): Disposable;
}

/** No channels: for servers that keep no lines. */
export const noLogChannels: LogChannels = {
  list: () => Promise.resolve([]),
  read: () => Promise.resolve(undefined),
  subscribe: () => ({ [Symbol.dispose]() {} }),
};
