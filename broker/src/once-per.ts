import type { Clock } from './ports.ts';

/** Most keys remembered; a flood of new ones forgets all and starts again, which costs log lines, not memory. */
const MAX_KEYS = 10_000;

/** Whether `key` comes up for the first time in `periodMs`: keeps one noisy client from filling the log. */
export function oncePer(periodMs: number, clock: Clock): (key: string) => boolean {
  const lastAtMs = new Map<string, number>();
  return (key) => {
    const nowMs = clock.nowMs();
    const last = lastAtMs.get(key);
    if (last !== undefined && nowMs - last < periodMs) return false;
    if (lastAtMs.size >= MAX_KEYS) lastAtMs.clear();
    lastAtMs.set(key, nowMs);
    return true;
  };
}
