/**
 * In the supervisor: passes the broker's lines and its own on to the console server, over the channels that it opens to its parts. Keeps the newest,
 * so that a console server that was started again shows what happened before, the end of its predecessor included.
 */
import { z } from 'zod';
import { RING_LINES } from './port.ts';

/** A line as a part printed it, and how many are missing before it. */
const RelayedLine = z.object({
  from: z.enum(['broker', 'supervisor']),
  log: z.string(),
  dropped: z.int().min(1).optional(),
});
type RelayedLine = z.infer<typeof RelayedLine>;

/** What the console server hears from the supervisor. */
export const SupervisorLines = z.object({ harpLog: z.array(RelayedLine) });
export type SupervisorLines = z.infer<typeof SupervisorLines>;

/** What the broker sends over its channel. */
const LogCopy = z.object({ log: z.string(), dropped: z.int().min(1).optional() });

/** Lines in one message. */
const BATCH_LINES = 500;
/** Longer ones are cut into what is no line any more, and left out by the reader: nothing of ours prints one. */
const LINE_MAX_CHARS = 64 * 1024;

/** The channel to a console server: a child process. */
export interface RelayChannel {
  readonly connected: boolean;
  send(message: SupervisorLines, done: (error: Error | null) => void): unknown;
}

export interface LogRelay {
  /** A message of the broker; what is no line is ignored. */
  fromBroker(message: unknown): void;
  /** A line the supervisor printed. */
  own(line: string): void;
  /** Sends to this console server from now on, beginning with what is kept. */
  use(channel: RelayChannel): void;
}

/** A relay that keeps at most `capacity` lines and has one message under way: a console server that does not read costs lines, never memory. */
export function createLogRelay(capacity = RING_LINES): LogRelay {
  const kept: RelayedLine[] = [];
  let channel: RelayChannel | undefined;
  /** How many of the kept ones the channel has. */
  let sent = 0;
  /** Lines that left before the channel had them. */
  let dropped = 0;

  const take = (line: RelayedLine) => {
    kept.push({ ...line, log: line.log.slice(0, LINE_MAX_CHARS) });
    if (kept.length > capacity) {
      kept.shift();
      if (sent > 0) sent -= 1;
      else if (channel !== undefined) dropped += 1;
    }
  };

  let underWay: RelayChannel | undefined;
  const flush = () => {
    const to = channel;
    if (to === undefined || underWay === to || !to.connected || sent === kept.length) return;
    const lines = kept.slice(sent, sent + BATCH_LINES);
    const [first] = lines;
    if (first !== undefined && dropped > 0) lines[0] = { ...first, dropped: (first.dropped ?? 0) + dropped };
    dropped = 0;
    sent += lines.length;
    underWay = to;
    to.send({ harpLog: lines }, () => {
      if (underWay === to) underWay = undefined;
      flush();
    });
  };

  return {
    fromBroker(message) {
      const copy = LogCopy.safeParse(message);
      if (!copy.success) return;
      take({ from: 'broker', ...copy.data });
      flush();
    },
    own(line) {
      take({ from: 'supervisor', log: line });
      flush();
    },
    use(next) {
      channel = next;
      sent = 0;
      dropped = 0;
      flush();
    },
  };
}
