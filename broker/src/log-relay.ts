/**
 * Log lines on their way out: to standard error as ever, and a copy over the channel that a supervisor opens to its parts, so that the console can
 * show them. Copies are bounded: while the supervisor does not read they are left out and counted, for the log must never hold up the broker.
 */

/** Where lines are printed. */
export interface LineSink {
  write(line: string): unknown;
}

/** The supervisor's side of the channel: `process`, if one started us. */
export interface LogParent {
  readonly connected: boolean;
  send(message: LogCopy, done: (error: Error | null) => void): unknown;
}

/** What goes over the channel: a line as it was printed, and how many were left out before it. */
export interface LogCopy {
  log: string;
  dropped?: number;
}

/** Copies that may be under way: a second of a log that is flooded. */
const MAX_UNDER_WAY = 1000;

/** Prints to `out` and copies to `parent` while it is connected. */
export function withCopies(out: LineSink, parent: LogParent): LineSink {
  let underWay = 0;
  let dropped = 0;
  return {
    write(line) {
      out.write(line);
      if (!parent.connected) return;
      if (underWay === MAX_UNDER_WAY) {
        dropped += 1;
        return;
      }
      underWay += 1;
      const copy: LogCopy = { log: line, ...(dropped === 0 ? {} : { dropped }) };
      dropped = 0;
      // The line was printed; a copy that the closing channel did not take is nobody's loss.
      parent.send(copy, () => {
        underWay -= 1;
      });
    },
  };
}
