/** The server's time. Ages and "today" are about what the server wrote down, and a browser's clock may be off by a day. */

/** Clocks that are this close are taken for the same: the header has whole seconds, and answers take a while. */
const TOLERANCE_MS = 60_000;

let offsetMs = 0;

/** Takes the `Date` header of an answer that was asked for at `askedAtMs` and came at `cameAtMs`, both by the browser's clock. */
export function heardServerTime(header: string | null, askedAtMs: number, cameAtMs: number): void {
  offsetMs = offsetFrom(header, askedAtMs, cameAtMs) ?? offsetMs;
}

/** How far the server's clock is ahead of the browser's; 0 when they agree, undefined when nothing can be said. */
export function offsetFrom(header: string | null, askedAtMs: number, cameAtMs: number): number | undefined {
  const serverMs = header === null ? Number.NaN : Date.parse(header);
  // An answer that took long, or during which the clock was set, says nothing exact.
  if (Number.isNaN(serverMs) || cameAtMs < askedAtMs || cameAtMs - askedAtMs > TOLERANCE_MS) return undefined;
  const ahead = serverMs - (askedAtMs + cameAtMs) / 2;
  return Math.abs(ahead) < TOLERANCE_MS ? 0 : Math.round(ahead);
}

/** The time now by the server's clock (UTC, milliseconds); by the browser's before the first answer. */
export function serverNow(): number {
  return serverTimeOf(Date.now());
}

/** What the server's clock said when the browser's said `browserMs`. */
export function serverTimeOf(browserMs: number): number {
  return browserMs + offsetMs;
}
