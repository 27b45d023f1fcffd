import type { Clock } from '../cloud/clock.ts';

/** How far a line that was idle may run ahead: long enough to hide timer jitter, short enough not to show in measurements. */
const burstMs = 20;
const largestStepBytes = 16 * 1024;
const smallestStepBytes = 1024;
/** So many steps fit in a second: then streams alternate visibly and a slow line still moves evenly. */
const stepsPerSecond = 100;

interface Waiter {
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly go: () => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * A line of a fixed rate shared by many streams: a token bucket that serves its waiters in turn. Each stream has one request
 * outstanding and all requests are alike in size, so turns are fair shares. A request may overdraw the bucket; the next one waits it out.
 */
export class FairRate {
  private readonly waiters: Waiter[] = [];
  private balanceBytes = 0;
  private updatedAtMs: number;
  private pumping = false;

  constructor(
    readonly bytesPerSecond: number,
    private readonly clock: Clock,
  ) {
    this.updatedAtMs = clock.nowMs();
  }

  /** How many bytes a stream should ask for at once. */
  get stepBytes(): number {
    return Math.min(largestStepBytes, Math.max(smallestStepBytes, Math.floor(this.bytesPerSecond / stepsPerSecond)));
  }

  /** Resolves when `bytes` may be sent; rejects when the signal is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((go, fail) => {
      this.waiters.push({ bytes, signal, go, fail });
      if (!this.pumping) void this.pump();
    });
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    for (let waiter = this.waiters.shift(); waiter !== undefined; waiter = this.waiters.shift()) {
      try {
        await this.waitForCredit(waiter.signal);
        this.balanceBytes -= waiter.bytes;
        waiter.go();
      } catch (reason) {
        waiter.fail(reason);
      }
    }
    this.pumping = false;
  }

  private async waitForCredit(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.accrue();
    while (this.balanceBytes < 0) {
      await this.clock.sleep((-this.balanceBytes / this.bytesPerSecond) * 1000, signal);
      this.accrue();
    }
  }

  private accrue(): void {
    const nowMs = this.clock.nowMs();
    const earned = ((nowMs - this.updatedAtMs) / 1000) * this.bytesPerSecond;
    this.balanceBytes = Math.min((burstMs / 1000) * this.bytesPerSecond, this.balanceBytes + earned);
    this.updatedAtMs = nowMs;
  }
}
