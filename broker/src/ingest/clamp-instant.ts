/** A day either way: further off, an agent's clock is wrong rather than its message late. */
const TOLERANCE_MS = 24 * 60 * 60_000;

/** The instant an agent names (UTC epoch, milliseconds), moved to within a day of when its message was received. */
export function clampInstant(atMs: number, receivedAtMs: number): number {
  return Math.min(Math.max(atMs, receivedAtMs - TOLERANCE_MS), receivedAtMs + TOLERANCE_MS);
}
