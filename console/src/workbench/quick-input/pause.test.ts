import { expect, test, vi } from 'vitest';
import { pauseBeforeAsking } from './pause.ts';

test('goes on after the pause, and not at all once the query has changed', async () => {
  vi.useFakeTimers();
  try {
    const goesOn = pauseBeforeAsking(new AbortController().signal, 50);
    vi.advanceTimersByTime(50);
    expect(await goesOn).toBe(true);
    const controller = new AbortController();
    const aborted = pauseBeforeAsking(controller.signal, 50);
    controller.abort();
    expect(await aborted).toBe(false);
    expect(await pauseBeforeAsking(controller.signal, 50)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
