/** A stretch of a file that was served `times` times; `end` is exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly times: number;
}

/** Counts how often each byte of one file version was served. Kept as sorted, merged stretches. */
export class Coverage {
  private stretches: Stretch[] = [];

  /** Notes that bytes `start` to `end` (exclusive) were served once more; returns how many of them were served before. */
  add(start: number, end: number): number {
    if (start >= end) return 0;
    const result: Stretch[] = [];
    let repeated = 0;
    let at = start;
    for (const old of this.stretches) {
      if (old.end <= start || old.start >= end) {
        if (old.start >= end && at < end) {
          push(result, at, end, 1);
          at = end;
        }
        push(result, old.start, old.end, old.times);
        continue;
      }
      const from = Math.max(old.start, start);
      const to = Math.min(old.end, end);
      push(result, old.start, from, old.times);
      push(result, at, from, 1);
      push(result, from, to, old.times + 1);
      push(result, to, old.end, old.times);
      repeated += to - from;
      at = to;
    }
    push(result, at, end, 1);
    this.stretches = result;
    return repeated;
  }

  list(): readonly Stretch[] {
    return this.stretches;
  }
}

function push(result: Stretch[], start: number, end: number, times: number): void {
  if (start >= end) return;
  const last = result.at(-1);
  if (last?.end === start && last.times === times) result[result.length - 1] = { start: last.start, end, times };
  else result.push({ start, end, times });
}
