import { describe, expect, test } from 'vitest';
import { instantClock } from '../testing/instant-clock.ts';
import { FairRate } from './fair-rate.ts';

const never = new AbortController().signal;

async function stream(line: FairRate, bytes: number, onStep: () => void = () => {}): Promise<void> {
  for (let sent = 0; sent < bytes; sent += line.stepBytes) {
    await line.take(line.stepBytes, never);
    onStep();
  }
}

describe('a line', () => {
  test('passes its rate and no more', async () => {
    const clock = instantClock();
    const line = new FairRate(1_000_000, clock);
    await stream(line, 10_000_000);
    expect(clock.nowMs()).toBeGreaterThan(9_950);
    expect(clock.nowMs()).toBeLessThan(10_050);
  });

  test('gives streams that compete equal shares', async () => {
    const line = new FairRate(1_000_000, instantClock());
    const steps = [0, 0, 0];
    let widest = 0;
    await Promise.all(
      steps.map((_, index) =>
        stream(line, 1_000_000, () => {
          steps[index] = (steps[index] ?? 0) + 1;
          widest = Math.max(widest, Math.max(...steps) - Math.min(...steps));
        }),
      ),
    );
    expect(widest).toBeLessThanOrEqual(1);
  });

  test('saves up no more than 20 ms while it is idle', async () => {
    const clock = instantClock();
    const line = new FairRate(1_000_000, clock);
    clock.advance(60_000);
    await stream(line, 1_000_000);
    expect(clock.nowMs() - 60_000).toBeGreaterThan(950);
  });

  test('lets go of a stream whose client left, and serves the next one', async () => {
    const line = new FairRate(1000, instantClock());
    const left = new AbortController();
    const waiting = [line.take(1024, never), line.take(1024, left.signal), line.take(1024, never)];
    left.abort(new Error('gone'));
    const results = await Promise.allSettled(waiting);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
